import { type RawBuilder, sql } from 'kysely';
import { escapeLike } from '../db/escape-like.ts';
import { firstIdOf } from '../messages/ids.ts';
import { Channel } from '../messages/message.ts';
import { Status } from '../messages/status.ts';
import type { Condition, NumberColumn, Search, TextColumn } from './search.ts';
import { errorText, SHOWN_STATES, type ShownState } from './shown-states.ts';

/**
 * A search as SQL. Columns come from the tables below, never from the caller; values are always bound. Messages stand
 * under the alias m.
 */
export type Sql = RawBuilder<unknown>;

/** Whose messages, and when: `now` in ms tells Scheduled from Queued. */
export interface Seen {
  accountId: number;
  now: number;
}

const TEXT_COLUMNS: Record<TextColumn, Sql> = {
  recipient: sql`m.recipient`,
  sender: sql`m.sender`,
  body: sql`m.body`,
  custom_string: sql`m.custom_string`,
  country: sql`m.country`,
  from_email: sql`m.from_email`,
  contact_id: sql`m.contact_id`,
  username: sql`(select u.username from users u where u.user_id = m.user_id)`,
};

const NUMBER_COLUMNS: Record<NumberColumn, Sql> = {
  user_id: sql`m.user_id`,
  list_id: sql`m.list_id`,
  parts: sql`m.parts`,
  price_micro: sql`m.price_micro`,
};

export const scheduleShown = sql`coalesce(m.schedule_at, m.created_at)`;

/** The account's SMS. The account stands here although row-level security adds it too: a second lock costs nothing. */
export const whose = ({ accountId }: Seen): Sql =>
  sql`m.account_id = ${accountId}::integer and m.channel = ${Channel.sms}::smallint`;

/**
 * Everything but the states: `whose`, the time of acceptance as bounds of the id (ids are UUIDv7 of that time, so the
 * planner leaves out every other partition), ids, custom_string, and what is compared row by row.
 */
export function whereBesideStates(search: Search, seen: Seen): Sql {
  const all = [whose(seen), ...bounds(search.from, search.until)];
  if (search.afterId !== null) all.push(sql`m.id > ${search.afterId}::uuid`);
  if (search.beforeId !== null) all.push(sql`m.id < ${search.beforeId}::uuid`);
  if (search.never) all.push(sql`false`);
  if (search.ids !== null) all.push(sql`m.id = any(${[...search.ids]}::uuid[])`);
  if (search.customString !== null) all.push(sql`m.custom_string = ${search.customString} and m.custom_string <> ''`);
  if (search.rest.length > 0) {
    const rest = search.rest.map((condition) => sql`(${compare(condition, seen)})`);
    all.push(sql`(${sql.join(rest, search.any ? sql` or ` : sql` and `)})`);
  }
  return sql.join(all, sql` and `);
}

export function bounds(from: number | null, until: number | null): Sql[] {
  return [
    ...(from === null ? [] : [sql`m.id >= ${firstIdOf(from)}::uuid`]),
    ...(until === null ? [] : [sql`m.id < ${firstIdOf(until)}::uuid`]),
  ];
}

/** Whether a message is in one of these shown states. */
export function inStates(states: readonly ShownState[], seen: Seen): Sql {
  const parts = byState(states).map(([state, shown]) => sql`(${oneState(state, shown, seen)})`);
  return parts.length === 0 ? sql`false` : sql`(${sql.join(parts, sql` or `)})`;
}

/** Claimed messages are none older than the oldest that a lease, open or just closed, speaks of. */
export const claimedLately = sql`m.id >= coalesce((select min_id.oldest_id from claim_leases min_id where min_id.closed_at is null
  or min_id.closed_at > (select max(opened_at) from claim_leases) - 3600000 order by min_id.oldest_id limit 1),
  'ffffffff-ffff-ffff-ffff-ffffffffffff')`;

/** Shown states by their stored state. */
export function byState(states: readonly ShownState[]): [Status, ShownState[]][] {
  return [...Map.groupBy(states, ({ state }) => state)];
}

export function oneState(state: Status, shown: readonly ShownState[], { now }: Seen): Sql {
  const is = sql`m.status = ${state}::smallint`;
  const whole = SHOWN_STATES.filter((one) => one.state === state).length;
  if (shown.length === whole) return is;
  const ways = shown.map(({ queuedAs }) => {
    if (queuedAs === 'scheduled') return sql`m.schedule_at > ${now}::bigint`;
    const due = sql`(m.schedule_at is null or m.schedule_at <= ${now}::bigint)`;
    return queuedAs === 'retrying' ? sql`${due} and m.attempts > 0` : sql`${due} and m.attempts = 0`;
  });
  return sql`${is} and (${sql.join(ways, sql` or `)})`;
}

function compare(condition: Condition, seen: Seen): Sql {
  switch (condition.kind) {
    case 'always':
      return sql`true`;
    case 'never':
      return sql`false`;
    case 'ids':
      return sql`m.id = any(${[...condition.ids]}::uuid[])`;
    case 'shown':
      return inStates(condition.states, seen);
    case 'status-text':
      return sql`${inStates(condition.states, seen)} or (m.status = ${Status.refused}::smallint and m.refusal = any(${[...condition.refusals]}::text[]))`;
    case 'error':
      return sql`${errorShown(seen)} = any(${[...condition.codes]}::integer[])`;
    case 'number':
      return sql`${NUMBER_COLUMNS[condition.column]} = ${condition.value}::bigint`;
    case 'equals':
      return sql`${TEXT_COLUMNS[condition.column]} = ${condition.value}`;
    case 'contains':
      return sql`${TEXT_COLUMNS[condition.column]} ilike ${`%${escapeLike(condition.value)}%`} escape '\\'`;
    case 'accepted':
      return sql.join(bounds(condition.from, condition.until), sql` and `);
    case 'scheduled':
      return sql`${scheduleShown} >= ${condition.from}::bigint and ${scheduleShown} < ${condition.until}::bigint`;
  }
}

/** The error number a row is shown with: showStatus, as an expression. Null where there is none. */
export function errorShown(seen: Seen): Sql {
  const own = shownBy(({ shown }) => shown.error, sql`integer`, seen);
  return sql`case when m.status = ${Status.queued}::smallint or m.refusal is not null then ${own} else coalesce(m.error_code, ${own}) end`;
}

/** The words of the error number, for sorting by them. */
export function errorTextShown(seen: Seen): Sql {
  const codes = [...new Set(Array.from({ length: 20 }, (_, i) => i + 1))];
  const cases = codes.map((code) => sql`when ${code}::integer then ${errorText(code)}::text`);
  return sql`case ${errorShown(seen)} ${sql.join(cases, sql` `)} end`;
}

/** A value that depends on the shown state alone, as an expression. */
export function shownBy(value: (state: ShownState) => string | number | null, type: Sql, seen: Seen): Sql {
  const cases = SHOWN_STATES.map((one) => sql`when ${oneState(one.state, [one], seen)} then ${value(one)}::${type}`);
  return sql`case ${sql.join(cases, sql` `)} end`;
}
