import { texts } from '../db/arrays.ts';
import type { Runner } from '../db/runner.ts';

/**
 * Without an Opt-Out list no row is locked, so that it comes first whatever its id: it may be younger than other lists.
 */
const LOCK_OPT_OUT_LIST = `
select list_id, is_opt_out from lists
where account_id = $1 and (is_opt_out or list_id = $2 and exists (select 1 from lists where account_id = $1 and is_opt_out))
order by is_opt_out desc, list_id for no key update`;

/**
 * The account's Opt-Out list, made where there is none yet. It is locked, and `other` after it, before a contact of either is
 * touched: whoever moves contacts between lists does the same (lists/store-lists.ts, lockLists).
 */
export async function optOutList(
  run: Runner,
  accountId: number,
  at: number,
  other: number | null = null,
): Promise<number> {
  const lock = async () => {
    const { rows } = await run.query<{ list_id: number; is_opt_out: boolean }>({
      name: 'lock-opt-out-list',
      text: LOCK_OPT_OUT_LIST,
      values: [accountId, other],
    });
    return rows.find((row) => row.is_opt_out)?.list_id;
  };
  const found = await lock();
  if (found !== undefined) return found;
  await run.query({
    name: 'insert-opt-out-list',
    text: `insert into lists (account_id, list_name, list_email_id, is_opt_out, created_at)
      values ($1, 'Opt-Out List', upper(substr(replace(gen_random_uuid()::text, '-', ''), 1, 16)), true, $2)
      on conflict (account_id) where is_opt_out do nothing`,
    values: [accountId, at],
  });
  return (await lock())!;
}

/** Which column of a contact holds the address of a channel (the numbers of messages/message.ts). */
function addressColumn(channel: number): 'phone_number' | 'email' | 'fax_number' {
  return channel === 3 ? 'email' : channel === 4 ? 'fax_number' : 'phone_number';
}

const PERSON = 'first_name, last_name, organization_name, custom_1, custom_2, custom_3, custom_4';
const BEST_FIRST = '(list_id = $4) desc nulls last, updated_at desc';

/**
 * By phone number each address is looked up in the index on it. `offset 0` keeps the list out of that look: before the table
 * is analysed the planner would as gladly read the whole list.
 */
const BY_PHONE = `
insert into contacts (account_id, list_id, created_at, updated_at, phone_number, ${PERSON})
select $1, $2, $3, $3, a.address, ${PERSON}
from (select distinct address from unnest($5::text[]) address) a
left join lateral (
  select ${PERSON} from contacts where account_id = $1 and phone_number = a.address order by ${BEST_FIRST} limit 1
) known on true
where not exists (
  select 1 from (select list_id from contacts where account_id = $1 and phone_number = a.address offset 0) c where c.list_id = $2
)
order by a.address`;

/**
 * There is no index on email and fax_number: one look at the contacts for all addresses. Joined with unnest, since `= any`
 * would compare each row with each address (measured: 4 s instead of 0.3 s for a thousand among 300,000).
 */
const byOther = (column: string) => `
with known as (
  select distinct on (${column}) ${column} as address, ${PERSON} from contacts
  where account_id = $1 and ${column} in (select unnest($5::text[])) order by ${column}, ${BEST_FIRST}
), here as (
  select ${column} as address from contacts
  where account_id = $1 and list_id = $2 and ${column} in (select unnest($5::text[]))
)
insert into contacts (account_id, list_id, created_at, updated_at, ${column}, ${PERSON})
select $1, $2, $3, $3, a.address, ${PERSON}
from (select distinct address from unnest($5::text[]) address) a left join known using (address)
where a.address not in (select address from here)
order by a.address`;

/** Adds contacts to the Opt-Out list where they are not on it yet, by the name under which `from`, or else another list, has them. */
export async function insertOptedOut(
  run: Runner,
  into: { accountId: number; channel: number; at: number; listId: number; from: number | null },
  addresses: readonly string[],
): Promise<void> {
  const column = addressColumn(into.channel);
  await run.query({
    name: `insert-opted-out-${column}`,
    text: column === 'phone_number' ? BY_PHONE : byOther(column),
    values: [into.accountId, into.listId, into.at, into.from, texts(addresses)],
  });
}

const DELETE_BY_PHONE = `
delete from contacts where account_id = $1 and list_id = $2 and contact_id = any(array(
  select c.contact_id from unnest($3::text[]) a(address)
  cross join lateral (
    select contact_id, list_id from contacts where account_id = $1 and phone_number = a.address offset 0
  ) c where c.list_id = $2
))`;

/** Takes contacts off a list by their addresses. */
export async function deleteContacts(
  run: Runner,
  { accountId, channel }: { accountId: number; channel: number },
  listId: number,
  addresses: readonly string[],
): Promise<void> {
  const column = addressColumn(channel);
  const others = `delete from contacts where account_id = $1 and list_id = $2 and ${column} in (select unnest($3::text[]))`;
  await run.query({
    name: `delete-opted-out-${column}`,
    text: column === 'phone_number' ? DELETE_BY_PHONE : others,
    values: [accountId, listId, texts(addresses)],
  });
}
