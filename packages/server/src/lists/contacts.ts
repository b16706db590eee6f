import type { Body } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import type { Caller } from '../accounts/caller.ts';
import { asAccountClient, type Runner } from '../db/runner.ts';
import {
  CONTACT_FIELDS,
  type ContactField,
  type ContactValues,
  fieldNamed,
  isReachable,
  NO_ADDRESS,
  readChanges,
  readContact,
} from './contact-fields.ts';
import { type ListParts, theList } from './lists.ts';
import { addOptedOut, liftOptOut } from './opt-out-list.ts';
import { noSuchContact, noSuchList, refuseContact, refuseField } from './refusals.ts';
import { type ShownContact, showContact } from './show.ts';
import {
  type ContactPlace,
  deleteContact,
  findContact,
  insertContacts,
  lockContact,
  updateContact,
} from './store-contacts.ts';
import { type ListRow, lockLists } from './store-lists.ts';

type ContactInput = Body<Endpoints['contactCreate']>;
/** A contact as the wire names it. */
interface Named {
  list_id: number;
  contact_id: number;
}

/** @throws Refusal not-found for the list, bad-request for what cannot be stored. */
export async function createContact(
  { db, clock }: ListParts,
  caller: Caller,
  listId: number,
  input: ContactInput,
): Promise<ShownContact> {
  const read = readContact(byField(input), caller.account.country);
  if (!read.ok) throw refuseContact(read.faults);
  return asAccountClient(db, caller.accountId, async (client) => {
    const list = await theList(client, caller, listId);
    const contactId = await addContact(client, { caller, list, at: clock.now() }, read.values);
    return showOne(client, { accountId: caller.accountId, listId, contactId }, list);
  });
}

/** Adds one contact to any list, the Opt-Out list among them. Answers its id. */
export async function addContact(
  run: Runner,
  { caller, list, at }: { caller: Caller; list: ListRow; at: number },
  values: ContactValues,
): Promise<number> {
  const { accountId } = caller;
  if (list.is_opt_out) return addOptedOut(run, { caller, listId: list.list_id, at }, values);
  await lockAll(run, accountId, [list.list_id]);
  return (await insertContacts(run, { accountId, listId: list.list_id, importId: null, at }, [values]))[0]!;
}

/** @throws Refusal not-found where one of them has gone meanwhile. */
export async function lockAll(run: Runner, accountId: number, listIds: readonly number[]): Promise<void> {
  if ((await lockLists(run, accountId, listIds)) < new Set(listIds).size) throw noSuchList(listIds.at(-1)!);
}

/** @throws Refusal not-found */
export async function readOne({ db }: ListParts, caller: Caller, named: Named): Promise<ShownContact> {
  const place = placeOf(caller, named);
  return asAccountClient(db, caller.accountId, async (client) =>
    showOne(client, place, await theList(client, caller, place.listId)),
  );
}

/**
 * Changes the fields that were sent; null or an empty text clears one.
 * @throws Refusal not-found, and bad-request for what cannot be stored.
 */
export async function changeContact(
  { db, clock }: ListParts,
  caller: Caller,
  named: Named,
  input: ContactInput,
): Promise<ShownContact> {
  const read = readChanges(byField(input), caller.account.country);
  if (!read.ok) throw refuseContact(read.faults);
  const place = placeOf(caller, named);
  return asAccountClient(db, caller.accountId, async (client) => {
    const list = await theList(client, caller, place.listId);
    const contact = await lockContact(client, place);
    if (!contact) throw noSuchContact(place.listId, place.contactId);
    const phone = read.values.phone_number;
    if (list.is_opt_out && phone !== undefined && phone !== contact.phone_number) {
      throw refuseField(
        'phone_number',
        'A number on the Opt-Out list cannot be changed: delete the contact, which lets it be written to again, and add another.',
      );
    }
    if (!isReachable({ ...contact, ...read.values })) throw refuseContact({ contact: NO_ADDRESS });
    if (Object.keys(read.values).length === 0) return showContact(contact, list.list_name);
    const changed = await updateContact(client, place, read.values, clock.now());
    return showContact(changed!, list.list_name);
  });
}

/** Deletes a contact; from the Opt-Out list, that lets its number be written to again. @throws Refusal not-found */
export async function removeContact({ db, clock }: ListParts, caller: Caller, named: Named): Promise<void> {
  const place = placeOf(caller, named);
  await asAccountClient(db, caller.accountId, async (client) => {
    const list = await theList(client, caller, place.listId);
    if (list.is_opt_out) {
      const contact = await findContact(client, place);
      if (!contact) throw noSuchContact(place.listId, place.contactId);
      await liftOptOut(client, { caller, listId: place.listId, at: clock.now() }, contact);
      await deleteContact(client, place);
      return;
    }
    await lockAll(client, caller.accountId, [place.listId]);
    if (!(await deleteContact(client, place))) throw noSuchContact(place.listId, place.contactId);
  });
}

async function showOne(run: Runner, place: ContactPlace, list: ListRow): Promise<ShownContact> {
  const contact = await findContact(run, place);
  if (!contact) throw noSuchContact(place.listId, place.contactId);
  return showContact(contact, list.list_name);
}

export const placeOf = (caller: Caller, named: Named): ContactPlace => ({
  accountId: caller.accountId,
  listId: named.list_id,
  contactId: named.contact_id,
});

/** What was sent, by the names of the columns; a name that stands for another counts where the other is absent. */
function byField(input: ContactInput): Partial<Record<ContactField, unknown>> {
  const own = CONTACT_FIELDS.flatMap((field) => (input[field] === undefined ? [] : [[field, input[field]]]));
  const others = Object.entries(input).map(([name, value]) => [fieldNamed(name), value]);
  return Object.fromEntries([...others, ...own].filter(([, value]) => value !== undefined));
}
