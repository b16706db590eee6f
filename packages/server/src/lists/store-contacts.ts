import { texts } from '../db/arrays.ts';
import type { Runner } from '../db/runner.ts';
import { CONTACT_FIELDS, type ContactField, type ContactValues } from './contact-fields.ts';

export interface ContactRow extends ContactValues {
  contact_id: number;
  list_id: number;
  /** ms, as the next one. */
  created_at: number;
  updated_at: number;
}

const FIELDS = CONTACT_FIELDS.join(', ');
const ARRAYS = CONTACT_FIELDS.map((_, i) => `$${i + 5}::text[]`).join(', ');

/** The columns of a ContactRow. */
export const CONTACT_COLUMNS = `contact_id, list_id, created_at, updated_at, ${FIELDS}`;

/** The identity is drawn row by row from the sorted source, so ids follow the order given. */
const INSERT = `
insert into contacts (account_id, list_id, import_id, created_at, updated_at, ${FIELDS})
select $1, $2, $3, $4, $4, ${FIELDS} from (
  select * from unnest(${ARRAYS}) with ordinality as row(${FIELDS}, ord) order by ord
) row
returning contact_id`;

/**
 * Adds contacts to a list in one statement. Answers their ids, in order. The caller has seen that the list is the account's,
 * and holds a lock of it (lockLists, keepList).
 */
export async function insertContacts(
  run: Runner,
  into: { accountId: number; listId: number; importId: number | null; at: number },
  contacts: readonly ContactValues[],
): Promise<number[]> {
  if (contacts.length === 0) return [];
  const { rows } = await run.query<{ contact_id: number }>({
    name: 'insert-contacts',
    text: INSERT,
    values: [
      into.accountId,
      into.listId,
      into.importId,
      into.at,
      ...CONTACT_FIELDS.map((field) => texts(contacts.map((contact) => contact[field]))),
    ],
  });
  return rows.map((row) => row.contact_id);
}

/** Where a contact is. */
export interface ContactPlace {
  accountId: number;
  listId: number;
  contactId: number;
}

const HERE = 'account_id = $1 and list_id = $2 and contact_id = $3';
const placeOf = ({ accountId, listId, contactId }: ContactPlace) => [accountId, listId, contactId];

export async function findContact(run: Runner, place: ContactPlace): Promise<ContactRow | null> {
  const { rows } = await run.query<ContactRow>({
    name: 'find-contact',
    text: `select ${CONTACT_COLUMNS} from contacts where ${HERE}`,
    values: placeOf(place),
  });
  return rows[0] ?? null;
}

/** The same, held to the end of the transaction: of two changes at once the second sees the first. */
export async function lockContact(run: Runner, place: ContactPlace): Promise<ContactRow | null> {
  const { rows } = await run.query<ContactRow>({
    name: 'lock-contact',
    text: `select ${CONTACT_COLUMNS} from contacts where ${HERE} for update`,
    values: placeOf(place),
  });
  return rows[0] ?? null;
}

/** The contact of a list with this number; the oldest where there are several. */
export async function findByPhone(
  run: Runner,
  accountId: number,
  listId: number,
  phone: string,
): Promise<ContactRow | null> {
  const { rows } = await run.query<ContactRow>({
    name: 'find-contact-by-phone',
    text: `select ${CONTACT_COLUMNS} from contacts where account_id = $1 and list_id = $2 and phone_number = $3
      order by contact_id limit 1`,
    values: [accountId, listId, phone],
  });
  return rows[0] ?? null;
}

/** Changes the fields named, leaving the others; null = no such contact. The names are columns, never a caller's text. */
export async function updateContact(
  run: Runner,
  place: ContactPlace,
  values: Partial<ContactValues>,
  at: number,
): Promise<ContactRow | null> {
  const changed = CONTACT_FIELDS.filter((field: ContactField) => values[field] !== undefined);
  const set = ['updated_at = $4', ...changed.map((field, i) => `${field} = $${i + 5}`)].join(', ');
  const { rows } = await run.query<ContactRow>(
    `update contacts set ${set} where ${HERE} returning ${CONTACT_COLUMNS}`,
    [...placeOf(place), at, ...changed.map((field) => values[field])],
  );
  return rows[0] ?? null;
}

/** Answers the contact that was deleted; null = there was none. */
export async function deleteContact(run: Runner, place: ContactPlace): Promise<ContactRow | null> {
  const { rows } = await run.query<ContactRow>(
    `delete from contacts where ${HERE} returning ${CONTACT_COLUMNS}`,
    placeOf(place),
  );
  return rows[0] ?? null;
}

/** Puts a contact that has just been deleted from one list into another, with the id and the age it had. */
export async function insertMoved(
  run: Runner,
  to: { accountId: number; listId: number; at: number },
  contact: ContactRow,
): Promise<void> {
  await run.query(
    `insert into contacts (account_id, list_id, contact_id, created_at, updated_at, ${FIELDS}) overriding system value
     values ($1, $2, $3, $4, $5, ${CONTACT_FIELDS.map((_, i) => `$${i + 6}`).join(', ')})`,
    [
      to.accountId,
      to.listId,
      contact.contact_id,
      contact.created_at,
      to.at,
      ...CONTACT_FIELDS.map((field) => contact[field]),
    ],
  );
}
