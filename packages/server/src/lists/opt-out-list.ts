import type { Caller } from '../accounts/caller.ts';
import type { Runner } from '../db/runner.ts';
import { optIn, optOut } from '../suppression/opt-out.ts';
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
 * then this list, which is the account's first and so comes first in the order of ids.
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

/** Before a contact leaves the Opt-Out list: its number may be written to again. Must come before any list is locked. */
export async function liftOptOut(run: Runner, change: Change, contact: ContactRow): Promise<void> {
  if (contact.phone_number === null) return;
  await optIn(run, { ...consent(change), address: contact.phone_number, words: 'Removed from the Opt-Out list.' });
}

const consent = ({ caller, at }: Change) =>
  ({ accountId: caller.accountId, userId: caller.userId, channel: SMS, at, how: 'list' }) as const;
