import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/db.ts';
import type { Schema } from '../db/schema.ts';
import { EXCEPTIONS, Status } from '../messages/status.ts';
import type { StoredMessage } from './row.ts';
import type { Search } from './search.ts';
import { countMessages } from './store-count.ts';
import { followsIndex, orderOf } from './store-order.ts';
import { byState, claimedLately, inStates, oneState, type Seen, type Sql, whereBesideStates } from './store-where.ts';

type Tx = Transaction<Schema>;

/** What a search may cost the database before it is given up. */
export const TIME_LIMIT_MS = 2_000;

export interface FoundPage {
  total: number;
  rows: StoredMessage[];
  /** True when messages had to be compared one by one, so that the time limit could have struck. */
  compared: boolean;
}

/** A page of a search: `page` counts from 1. Throws what PostgreSQL throws (57014) when the time limit strikes. */
export async function findPage(
  db: Database,
  search: Search,
  seen: Seen,
  { page, limit }: { page: number; limit: number },
): Promise<FoundPage> {
  return inSnapshot(db, seen.accountId, TIME_LIMIT_MS, async (tx) => {
    const narrowed = await withCustomString(tx, search, seen);
    const total = await countMessages(tx, narrowed, seen);
    const compared = narrowed.rest.length > 0 || !followsIndex(narrowed, seen);
    const skip = (page - 1) * limit;
    const count = Math.min(limit, total - skip);
    if (count <= 0) return { total, rows: [], compared };
    const after = total - skip - count;
    // Whichever end is nearer: the last page costs what the first does.
    const rows =
      after < skip
        ? (await findRows(tx, narrowed, seen, { skip: after, count, backwards: true })).reverse()
        : await findRows(tx, narrowed, seen, { skip, count, backwards: false });
    return { total, rows, compared };
  });
}

/**
 * One transaction as the account in which nothing changes: the total and the rows counted off against it must be of the
 * same moment, else pages read from the end would shift while messages come in. `timeLimitMs` is for each statement.
 */
export function inSnapshot<T>(
  db: Database,
  accountId: number,
  timeLimitMs: number,
  run: (tx: Tx) => Promise<T>,
): Promise<T> {
  const transaction = db.app.transaction().setIsolationLevel('repeatable read').setAccessMode('read only');
  return transaction.execute(async (tx) => {
    await sql`select set_config('veredus.account_id', ${String(accountId)}, true),
      set_config('statement_timeout', ${String(timeLimitMs)}, true)`.execute(tx);
    return run(tx);
  });
}

/** A custom_string that a message has is searched by its index; only one that none has is looked for inside others. */
export async function withCustomString(tx: Tx, search: Search, seen: Seen): Promise<Search> {
  const { customString } = search;
  if (customString === null) return search;
  const exact = await sql`select 1 from messages m where m.account_id = ${seen.accountId}::integer
    and m.custom_string = ${customString} and m.custom_string <> '' limit 1`.execute(tx);
  if (exact.rows.length > 0) return search;
  const inside = { kind: 'contains', column: 'custom_string', value: customString } as const;
  return { ...search, customString: null, rest: [...search.rest, inside] };
}

interface Slice {
  skip: number;
  count: number;
  backwards: boolean;
}

/**
 * Rows of a search in its order. Where states are wanted and the id decides the order, each is read off a stretch of its
 * own and the stretches are merged: a scan in order of id would pass over a million others to find a few. No index follows
 * messages.status, so a stretch is found by what goes with its state: exceptions by their table, the queue by its index,
 * claimed messages by the leases; submitted and delivered are what most messages are, so they are met as they lie.
 */
export async function findRows(tx: Tx, search: Search, seen: Seen, slice: Slice): Promise<StoredMessage[]> {
  const merged = search.states !== null && search.ids === null && followsIndex(search, seen);
  const source = merged
    ? sql.join(stretches(search, seen, slice), sql` union all `)
    : sql`select * from messages m where ${whereBesideStates(search, seen)} and ${
        search.states === null ? sql`true` : inStates(search.states, seen)
      }`;
  const order = orderOf(search, seen, slice.backwards);
  const { rows } = await sql<StoredMessage>`
    select p.id, p.account_id, p.user_id, p.created_at, p.schedule_at, p.status, p.attempts, p.error_code, p.refusal,
      p.recipient, p.sender, p.country, p.body, p.custom_string, p.parts, p.price_micro, p.from_email, p.list_id,
      p.contact_id, ${contactsOwn('first_name')}, ${contactsOwn('last_name')},
      coalesce((select u.username from users u where u.user_id = p.user_id), '') as username
    from (
      select * from (${source}) m order by ${order} limit ${slice.count}::bigint offset ${slice.skip}::bigint
    ) p`.execute(tx);
  return rows;
}

/**
 * A name of the contact that row `p` went to, as it is now. A contact_id is a caller's own text where there is no list, so only a
 * number is one of ours. Looked up for the rows of the page alone, by the key of contacts.
 */
const contactsOwn = (column: 'first_name' | 'last_name') => sql`(
  select c.${sql.ref(column)} from contacts c
  where c.account_id = p.account_id and c.list_id = p.list_id
    and c.contact_id = case when p.contact_id ~ '^[0-9]{1,10}$' then p.contact_id::bigint end
) as ${sql.ref(column)}`;

/** The next rows behind an id, for reading a whole search in the order of its ids; null starts it. */
export function findAfter(
  tx: Tx,
  search: Search,
  seen: Seen,
  lastId: string | null,
  count: number,
): Promise<StoredMessage[]> {
  const ascending = search.order.direction === 'asc';
  const behind = lastId === null ? search : { ...search, [ascending ? 'afterId' : 'beforeId']: lastId };
  return findRows(tx, behind, seen, { skip: 0, count, backwards: false });
}

function stretches(search: Search, seen: Seen, slice: Slice): Sql[] {
  const common = (search.states ?? []).filter(({ state }) => COMMON.includes(state));
  const others = byState((search.states ?? []).filter(({ state }) => !COMMON.includes(state)));
  const read = (
    source: Sql,
    states: Sql,
  ) => sql`(select m.* from ${source} where ${whereBesideStates(search, seen)} and ${states}
    order by ${orderOf(search, seen, slice.backwards)} limit ${slice.skip + slice.count}::bigint)`;
  return [
    ...(common.length === 0 ? [] : [read(sql`messages m`, inStates(common, seen))]),
    ...others.map(([state, shown]) =>
      read(sourceOf(state, seen), sql`${oneState(state, shown, seen)} and ${placeOf(state)}`),
    ),
  ];
}

const COMMON: readonly Status[] = [Status.submitted, Status.delivered];

function sourceOf(state: Status, { accountId }: Seen): Sql {
  if (!EXCEPTIONS.includes(state)) return sql`messages m`;
  return sql`(select account_id, id from message_exceptions where account_id = ${accountId}::integer and status = ${state}::smallint) e
    join messages m on m.account_id = e.account_id and m.id = e.id`;
}

/** What goes with a state and can be found by index. */
function placeOf(state: Status): Sql {
  if (state === Status.queued) return sql`m.next_attempt_at is not null`;
  if (state === Status.claimed) return claimedLately;
  return sql`true`;
}
