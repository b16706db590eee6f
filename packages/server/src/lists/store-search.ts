import { escapeLike } from '../db/escape-like.ts';
import type { Runner } from '../db/runner.ts';
import { CONTACT_COLUMNS, type ContactRow } from './store-contacts.ts';

/** What is looked for in contacts. */
export type Wanted =
  /** A number by its beginning, E.164: found by its index. */
  | { kind: 'number'; prefix: string }
  /** A text inside a name, number, address or organisation: every contact is looked at until enough are found. */
  | { kind: 'text'; text: string };

/** So that % and _ are looked for as themselves. */
const inside = (text: string): string => `%${escapeLike(text)}%`;

const HAYSTACK = `concat_ws(chr(10), concat_ws(' ', first_name, last_name), phone_number, email, organization_name, fax_number)`;

/** The condition, with what stands for $2 and $3 of it. Digits sort alike in every collation, so the index is of use. */
function conditionOf(wanted: Wanted): { where: string; values: [string, string | null] } {
  if (wanted.kind === 'text')
    return { where: `${HAYSTACK} ilike $2 and $3::text is null`, values: [inside(wanted.text), null] };
  return {
    where: `phone_number >= $2 and phone_number <= $3 and starts_with(phone_number, $2)`,
    values: [wanted.prefix, wanted.prefix.padEnd(17, '9')],
  };
}

/** Contacts of all lists of the account that fit, in the order of lists and ids. */
export async function searchContacts(
  run: Runner,
  accountId: number,
  wanted: Wanted,
  { skip, count }: { skip: number; count: number },
): Promise<ContactRow[]> {
  const { where, values } = conditionOf(wanted);
  const { rows } = await run.query<ContactRow>(
    `select ${CONTACT_COLUMNS} from contacts where account_id = $1 and ${where}
     order by account_id, list_id, contact_id offset $4 limit $5`,
    [accountId, ...values, skip, count],
  );
  return rows;
}

/** How many there are, counted no further than `most`. */
export async function countContacts(run: Runner, accountId: number, wanted: Wanted, most: number): Promise<number> {
  const { where, values } = conditionOf(wanted);
  const { rows } = await run.query<{ total: number }>(
    `select count(*) as total from (select 1 from contacts where account_id = $1 and ${where} limit $4) c`,
    [accountId, ...values, most],
  );
  return rows[0]!.total;
}

export interface FoundList {
  list_id: number;
  list_name: string;
  list_email_id: string;
  contacts_count: number;
}

/** Lists by a text inside their name; an account has some thousands at most. */
export async function searchLists(run: Runner, accountId: number, text: string): Promise<FoundList[]> {
  const { rows } = await run.query<FoundList>(
    `select list_id, list_name, list_email_id, contacts_count from lists
     where account_id = $1 and list_name ilike $2 order by list_id`,
    [accountId, inside(text)],
  );
  return rows;
}

/** The names of lists, by id. */
export async function listNames(
  run: Runner,
  accountId: number,
  listIds: readonly number[],
): Promise<Map<number, string>> {
  const { rows } = await run.query<{ list_id: number; list_name: string }>(
    'select list_id, list_name from lists where account_id = $1 and list_id = any($2)',
    [accountId, [...new Set(listIds)]],
  );
  return new Map(rows.map((row) => [row.list_id, row.list_name]));
}
