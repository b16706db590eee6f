import type { Body } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import type { Random } from '@veredus/protocols/random';
import type { Answer } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import { asAccountClient } from '../db/runner.ts';
import type { FileOfUrlParts } from '../files/file-of-url.ts';
import { findList, lockLists } from '../lists/store-lists.ts';
import { Refusal } from '../refusal.ts';
import { readFieldOrder } from './field-order.ts';
import { judgeSource } from './source.ts';
import { countOpen, insertImport } from './store.ts';

export interface StartParts extends FileOfUrlParts {
  /** Called when there is one to work on. */
  wake(): void;
}

/** Imports of one account that may be under way or waiting. */
const MOST_OPEN = 20;

/**
 * Notes an import for the workers and answers at once. Whatever is wrong with the call or its URL is said now; what is wrong
 * with the file, by the import.
 */
export async function startImport(
  parts: StartParts,
  caller: Caller,
  listId: number,
  body: Body<Endpoints['listImport']>,
): Promise<Answer<Endpoints['listImport']>> {
  const { accountId, userId } = caller;
  const fieldOrder = readFieldOrder(body.field_order);
  await requireList(parts, caller, listId);
  // Before anything is fetched or copied; and once more with the list held.
  await asAccountClient(parts.db, accountId, (client) => refuseTooMany(client, accountId));
  const from = await judgeSource(parts, caller, body.file_url);
  const importId = newImportId(parts.random);
  const { country } = caller.account;
  await asAccountClient(parts.db, accountId, async (client) => {
    // Whoever deletes the list sees the import, or the import does not begin.
    if ((await lockLists(client, accountId, [listId])) === 0) noList(listId);
    await refuseTooMany(client, accountId);
    const at = parts.clock.now();
    await insertImport(client, { importId, accountId, userId, listId, ...from, fieldOrder, country, at });
  });
  parts.wake();
  const id = String(importId);
  return { data: { id, ids: [id], msg: 'Queued.' }, words: 'Import queued.' };
}

async function refuseTooMany(run: Parameters<typeof countOpen>[0], accountId: number): Promise<void> {
  if ((await countOpen(run, accountId)) < MOST_OPEN) return;
  const words = `${MOST_OPEN} imports of this account are under way: wait for one to end.`;
  throw new Refusal('too-many-requests', words, { retryAfter: 10 });
}

/** @throws Refusal not-found for a list that is not the account's. */
export async function requireList(
  { db }: Pick<FileOfUrlParts, 'db'>,
  { accountId }: Pick<Caller, 'accountId'>,
  listId: number,
): Promise<void> {
  const list = await asAccountClient(db, accountId, (client) => findList(client, accountId, listId));
  if (!list) noList(listId);
}

function noList(listId: number): never {
  throw new Refusal('not-found', `There is no list ${listId} in this account.`);
}

/** 16 digits, at random: ids tell nobody how many imports there are, and fit a number of JavaScript exactly. */
function newImportId(random: Random): number {
  const { buffer, byteOffset } = Uint8Array.from(random.bytes(8));
  const drawn = new DataView(buffer, byteOffset).getBigUint64(0);
  return Number(1_000_000_000_000_000n + (drawn % 8_000_000_000_000_000n));
}
