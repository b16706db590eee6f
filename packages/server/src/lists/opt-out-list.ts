import type { Caller } from '../accounts/caller.ts';
import type { Runner } from '../db/runner.ts';
import { Refusal } from '../refusal.ts';
import { OPTED_OUT_AGAIN, optIn, optOut } from '../suppression/opt-out.ts';
import { suppressedAmong } from '../suppression/store.ts';
import { CONTACT_FIELDS, type ContactValues } from './contact-fields.ts';
import { type ContactRow, findByPhone, insertContacts, updateContact } from './store-contacts.ts';

/** The Opt-Out list speaks of text messages: messages/message.ts numbers the channels. */
const SMS = 1;

interface Change {
  caller: Pick<Caller, 'accountId' | 'userId'>;
  /** The Opt-Out list. */
  listId: number;
  at: number;
}

/**
 * Puts somebody on the Opt-Out list, which opts the number out of everything. The suppression writes the contact, unless it is
 * there; what else is known of it is added. Must come before any list is locked (see lockLists): the suppression is locked first,
 * then this list, then others.
 */
export async function addOptedOut(run: Runner, change: Change, values: ContactValues): Promise<number> {
  const { caller, listId, at } = change;
  const into = { accountId: caller.accountId, listId, importId: null, at };
  if (values.phone_number === null) return (await insertContacts(run, into, [values]))[0]!;
  await optOut(run, { ...consent(change), address: values.phone_number, words: 'Added to the Opt-Out list.' });
  const { contact_id: contactId } = (await findByPhone(run, caller.accountId, listId, values.phone_number))!;
  const known = Object.fromEntries(
    CONTACT_FIELDS.flatMap((name) => (values[name] === null ? [] : [[name, values[name]]])),
  );
  await updateContact(run, { accountId: caller.accountId, listId, contactId }, known, at);
  return contactId;
}

/**
 * Before a contact leaves the Opt-Out list: its number may be written to again. Must come before any list is locked.
 *
 * @throws Refusal in-progress where the number has opted out once more meanwhile.
 */
export async function liftOptOut(run: Runner, change: Change, contact: ContactRow): Promise<void> {
  const { phone_number: address } = contact;
  if (address === null) return;
  if (await optIn(run, { ...consent(change), address, words: 'Removed from the Opt-Out list.' })) return;
  const still = await suppressedAmong(run, change.caller.accountId, SMS, [address]);
  if (still.size > 0) throw new Refusal('in-progress', OPTED_OUT_AGAIN);
}

const consent = ({ caller, at }: Change) =>
  ({ accountId: caller.accountId, userId: caller.userId, channel: SMS, at, how: 'list' }) as const;
