import type { Client, Pool } from '../db/transaction.ts';
import { inTransaction } from '../db/transaction.ts';
import type { ContactValues } from '../lists/contact-fields.ts';
import { insertContacts } from '../lists/store-contacts.ts';
import { findList, lockLists } from '../lists/store-lists.ts';
import { completeContacts } from '../lists/store-opted-out.ts';
import { Channel } from '../messages/message.ts';
import { Refusal } from '../refusal.ts';
import { optOutAll } from '../suppression/opt-out.ts';
import type { Chunk } from './chunk.ts';
import { insertFaults } from './store.ts';
import { addProgress, type TakenImport } from './store-work.ts';

/** The import is another's now, or was cancelled: whoever gets this does nothing more to it. */
export class ImportLost extends Error {}

/** Faults that are kept of one import; those beyond are only counted. */
export const MOST_FAULTS = 10_000;

/**
 * Writes a chunk: contacts, faults and progress in one transaction that the token guards. So a row is added exactly when the
 * progress says so, whoever dies whenever.
 *
 * @throws ImportLost, or a Refusal when the list is gone.
 */
export async function writeChunk(
  pool: Pool,
  taken: TakenImport,
  chunk: Chunk,
  times: { now: number; leaseUntil: number },
): Promise<void> {
  const faults = chunk.faults.slice(0, Math.max(0, MOST_FAULTS - taken.faultsKept));
  await inTransaction(pool, async (client) => {
    const held = await addProgress(client, taken, {
      rowsRead: chunk.lastRow,
      bytesRead: chunk.bytesRead,
      added: chunk.contacts.length,
      refused: chunk.refused,
      hasHeader: chunk.hasHeader,
      leaseUntil: times.leaseUntil,
    });
    if (!held) throw new ImportLost();
    await addContacts(client, taken, chunk.contacts, times.now);
    await insertFaults(client, taken, faults);
  });
  taken.faultsKept += faults.length;
}

/** The locks are taken in the order of the house: suppressions, then lists, then contacts. */
async function addContacts(
  client: Client,
  taken: TakenImport,
  contacts: readonly ContactValues[],
  at: number,
): Promise<void> {
  const { accountId, listId, importId } = taken;
  const list = await findList(client, accountId, listId);
  if (list?.is_opt_out) return optThemOut(client, taken, contacts, at);
  const isThere = (await lockLists(client, accountId, [listId])) === 1;
  if (!isThere) throw new Refusal('not-found', 'The list was removed while the import was under way.');
  await insertContacts(client, { accountId, listId, importId, at }, contacts);
}

/**
 * Who is brought into the Opt-Out list is opted out as if each had been added there by hand: the list speaks of text messages,
 * so the phone numbers are suppressed; email addresses and fax numbers are kept with them.
 */
async function optThemOut(
  client: Client,
  { accountId, listId, userId, importId }: TakenImport,
  contacts: readonly ContactValues[],
  at: number,
): Promise<void> {
  const reachable = contacts.filter((contact) => contact.phone_number !== null);
  const others = contacts.filter((contact) => contact.phone_number === null);
  const numbers = reachable.map((contact) => contact.phone_number!);
  const request = { accountId, channel: Channel.sms, at, how: 'import', words: `Import ${importId}`, userId } as const;
  if (numbers.length > 0) await optOutAll(client, request, numbers);
  await completeContacts(client, { accountId, listId, at }, reachable);
  await insertContacts(client, { accountId, listId, importId: null, at }, others);
}
