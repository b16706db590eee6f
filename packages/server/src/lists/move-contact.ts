import type { Caller } from '../accounts/caller.ts';
import { asAccountClient, type Runner } from '../db/runner.ts';
import { addContact, lockAll } from './contacts.ts';
import { type ListParts, theList } from './lists.ts';
import { addOptedOut, liftOptOut } from './opt-out-list.ts';
import { noSuchContact } from './refusals.ts';
import { type ShownContact, showContact } from './show.ts';
import { type ContactRow, deleteContact, findContact, insertMoved } from './store-contacts.ts';
import type { ListRow } from './store-lists.ts';

/** Which contact goes where, as the wire names it. */
export interface Move {
  list_id: number;
  contact_id: number;
  to_list_id: number;
}

export interface Moving {
  caller: Caller;
  contact: ContactRow;
  from: ListRow;
  to: ListRow;
  at: number;
}

/** Copies a contact into another list; into the Opt-Out list, that opts its number out. @throws Refusal not-found */
export function copyContact(parts: ListParts, caller: Caller, move: Move): Promise<ShownContact> {
  return moving(parts, caller, move, (run, { contact, to, at }) => addContact(run, { caller, list: to, at }, contact));
}

/**
 * Moves a contact to another list. It keeps its id, but on the Opt-Out list a number stands once, so there it may become the
 * contact that was there before. Into that list is an opt-out, out of it an opt-in. @throws Refusal not-found
 */
export function transferContact(parts: ListParts, caller: Caller, move: Move): Promise<ShownContact> {
  return moving(parts, caller, move, transfer);
}

/** The same within a transaction of the caller's. Answers the contact's id. */
export async function transfer(run: Runner, { caller, contact, from, to, at }: Moving): Promise<number> {
  const { accountId } = caller;
  const { contact_id: contactId } = contact;
  const place = { accountId, listId: from.list_id, contactId };
  if (from.list_id === to.list_id) return contactId;
  if (to.is_opt_out) {
    const added = await addOptedOut(run, { caller, listId: to.list_id, at }, contact);
    await lockAll(run, accountId, [from.list_id]);
    if (!(await deleteContact(run, place))) throw noSuchContact(from.list_id, contactId);
    return added;
  }
  if (from.is_opt_out) await liftOptOut(run, { caller, listId: from.list_id, at }, contact);
  await lockAll(run, accountId, [from.list_id, to.list_id]);
  // Lifting the opt-out has deleted it already where it has a number.
  const deleted = await deleteContact(run, place);
  if (!deleted && !(from.is_opt_out && contact.phone_number !== null)) throw noSuchContact(from.list_id, contactId);
  await insertMoved(run, { accountId, listId: to.list_id, at }, deleted ?? contact);
  return contactId;
}

function moving(
  { db, clock }: ListParts,
  caller: Caller,
  move: Move,
  work: (run: Runner, moving: Moving) => Promise<number>,
): Promise<ShownContact> {
  const { accountId } = caller;
  const [listId, contactId] = [move.list_id, move.contact_id];
  return asAccountClient(db, accountId, async (client) => {
    const from = await theList(client, caller, listId);
    const to = await theList(client, caller, move.to_list_id);
    const contact = await findContact(client, { accountId, listId, contactId });
    if (!contact) throw noSuchContact(listId, contactId);
    const moved = await work(client, { caller, contact, from, to, at: clock.now() });
    const shown = await findContact(client, { accountId, listId: to.list_id, contactId: moved });
    return showContact(shown!, to.list_name);
  });
}
