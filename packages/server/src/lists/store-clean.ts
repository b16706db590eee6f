import type { Runner } from '../db/runner.ts';
import type { ContactField } from './contact-fields.ts';

/** Letter case is no difference between two addresses. */
const compared = (field: ContactField, of = 'contacts'): string =>
  field === 'email' ? `lower(${of}.email)` : `${of}.${field}`;

/**
 * For the rest of the transaction: lists that have just been imported have no statistics yet, and a plan made for a handful of
 * contacts compares each of them with every other. Hashing and sorting are right for any number.
 */
const planForMany = (run: Runner) => run.query('set local enable_nestloop = off');

/**
 * Of the contacts of a list that are alike in all of `fields`, deletes all but the oldest. Contacts in which all of these are
 * empty are not alike: nothing is known that they share. The names are columns, never a caller's text.
 */
export async function deleteDuplicates(
  run: Runner,
  accountId: number,
  listId: number,
  fields: readonly ContactField[],
): Promise<number> {
  const alike = fields.map((field) => compared(field)).join(', ');
  await planForMany(run);
  const { rowCount } = await run.query(
    `delete from contacts where account_id = $1 and list_id = $2 and contact_id = any(array(
       select contact_id from (
         select contact_id, row_number() over (partition by ${alike} order by contact_id) as place
         from contacts where account_id = $1 and list_id = $2 and coalesce(${fields.join(', ')}) is not null
       ) c where place > 1))`,
    [accountId, listId],
  );
  return rowCount ?? 0;
}

/**
 * Deletes the contacts of a list that the other list names by number, fax number or email address. Each is a join of its own:
 * three conditions joined by "or" would compare every contact with every other once a list is long. 3.5 s for a million against a million (2 shared cores).
 */
export async function deleteNamedBy(
  run: Runner,
  accountId: number,
  listId: number,
  otherListId: number,
): Promise<number> {
  await planForMany(run);
  const named = (['phone_number', 'fax_number', 'email'] as const).map(
    (field) => `select c.contact_id from contacts c join contacts o on ${compared(field, 'o')} = ${compared(field, 'c')}
      where c.account_id = $1 and c.list_id = $2 and o.account_id = $1 and o.list_id = $3`,
  );
  const { rowCount } = await run.query(
    `delete from contacts where account_id = $1 and list_id = $2 and contact_id = any(array(${named.join(' union ')}))`,
    [accountId, listId, otherListId],
  );
  return rowCount ?? 0;
}
