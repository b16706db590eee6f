import type { Runner } from '../../db/runner.ts';
import { inTransaction } from '../../db/transaction.ts';
import { CONTACT_FIELDS, type ContactValues, readContact } from '../../lists/contact-fields.ts';
import { addContact, lockAll } from '../../lists/contacts.ts';
import { theList } from '../../lists/lists.ts';
import { transfer } from '../../lists/move-contact.ts';
import { type ContactRow, deleteContact, findByPhone, updateContact } from '../../lists/store-contacts.ts';
import type { ListRow } from '../../lists/store-lists.ts';
import { done, type Ending, failed } from '../action.ts';
import { readListId } from '../actions.ts';
import { emailIn, nameIn } from '../read-person.ts';
import type { Job, JobParts } from './job.ts';

/**
 * CREATE_CONTACT and its kinds: makes the handset a contact of the rule's list, with what its text tells of it. Who stands there
 * already is not added again; what was told of him is.
 */
export async function createContact(parts: JobParts, job: Job): Promise<void> {
  const read = readContact(personIn(job), job.caller.account.country);
  await intoList(parts, job, async (run, list) => {
    if (!read.ok) return failed(Object.values(read.faults).join(' '));
    const at = parts.clock.now();
    const { accountId } = job.caller;
    const there = await findByPhone(run, accountId, list.list_id, read.values.phone_number!);
    if (there === null) {
      const contactId = await addContact(run, { caller: job.caller, list, at }, read.values);
      return done(`Made contact ${contactId} of list ${list.list_id}.`);
    }
    const changes = differences(there, read.values);
    const place = { accountId, listId: list.list_id, contactId: there.contact_id };
    if (Object.keys(changes).length > 0) await updateContact(run, place, changes, at);
    return done(`Contact ${there.contact_id} was on list ${list.list_id} already.`);
  });
}

function personIn({ action, text }: Job): Partial<Record<(typeof CONTACT_FIELDS)[number], string | null>> {
  const named = action.action.includes('NAME') ? nameIn(text.body, action.message_search_term) : null;
  return {
    phone_number: text.sender,
    first_name: named?.first ?? null,
    last_name: named?.last ?? null,
    email: action.action.includes('EMAIL') ? emailIn(text.body) : null,
  };
}

/** What was told and is not known yet. */
const differences = (known: ContactRow, told: ContactValues): Partial<ContactValues> =>
  Object.fromEntries(
    CONTACT_FIELDS.flatMap((field) =>
      told[field] === null || told[field] === known[field] ? [] : [[field, told[field]]],
    ),
  );

/** MOVE_CONTACT: moves the handset's contact from the list of the message it answers to the rule's list. */
export async function moveContact(parts: JobParts, job: Job): Promise<void> {
  const { caller, text } = job;
  const { accountId } = caller;
  const fromId = text.answered_list;
  await intoList(parts, job, async (run, to) => {
    if (fromId === null) return failed('The text answers no message to a list, so there is no list to move from.');
    const from = await theList(run, caller, fromId);
    if (from.is_opt_out) return failed('Nobody is taken off the Opt-Out list by a rule.');
    const contact = await findByPhone(run, accountId, fromId, text.sender);
    if (contact === null) return failed(`${text.sender} is no contact of list ${fromId} any more.`);
    if (fromId === to.list_id) return done(`Contact ${contact.contact_id} was on list ${fromId} already.`);
    const at = parts.clock.now();
    await lockAll(run, accountId, [fromId, to.list_id]);
    const there = await findByPhone(run, accountId, to.list_id, text.sender);
    if (there === null) await transfer(run, { caller, contact, from, to, at });
    else await join(run, accountId, contact, there, at);
    return done(`Moved contact ${contact.contact_id} from list ${fromId} to list ${to.list_id}.`);
  });
}

/** Nobody stands twice in a list: of two contacts of one number the one that was there stays, with what the other knew. */
async function join(run: Runner, accountId: number, moved: ContactRow, there: ContactRow, at: number): Promise<void> {
  await deleteContact(run, { accountId, listId: moved.list_id, contactId: moved.contact_id });
  const missing = Object.fromEntries(
    CONTACT_FIELDS.flatMap((field) => (there[field] === null && moved[field] !== null ? [[field, moved[field]]] : [])),
  );
  if (Object.keys(missing).length === 0) return;
  await updateContact(run, { accountId, listId: there.list_id, contactId: there.contact_id }, missing, at);
}

/**
 * Does `work` with the rule's list, in one transaction with the end of the action. The list is taken first, so that of two texts
 * at once the second sees what the first has made of it.
 */
async function intoList(
  { pool }: JobParts,
  job: Job,
  work: (run: Runner, list: ListRow) => Promise<Ending>,
): Promise<void> {
  const { action, caller } = job;
  const listId = readListId(action.action_address);
  await inTransaction(pool, async (run) => {
    if (listId === null) return job.end(run, failed('action_address is not the id of a list.'));
    const list = await theList(run, caller, listId);
    if (list.is_opt_out) return job.end(run, failed('Nobody is put on the Opt-Out list by a rule.'));
    if (action.action !== 'MOVE_CONTACT') await lockAll(run, caller.accountId, [listId]);
    await job.end(run, await work(run, list));
  });
}
