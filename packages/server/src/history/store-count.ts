import { sql, type Transaction } from 'kysely';
import type { Schema } from '../db/schema.ts';
import { Channel } from '../messages/message.ts';
import { Status } from '../messages/status.ts';
import { HOUR_MS } from '../messages/store.ts';
import type { Search } from './search.ts';
import { SHOWN_STATES } from './shown-states.ts';
import {
  bounds,
  byState,
  claimedLately,
  inStates,
  type Seen,
  type Sql,
  whereBesideStates,
  whose,
} from './store-where.ts';

type Tx = Transaction<Schema>;
/** Messages by stored state; claimed ones stand under queued, as the counters have it. */
type Counts = Map<Status, number>;

/**
 * How many messages a search finds. Unfiltered, by state and by date it is read off the counters, so it costs the same at
 * a million messages as at ten thousand; by id and by an equal custom_string off an index; everything else compares row by
 * row, under the time limit of the transaction.
 */
export async function countMessages(tx: Tx, search: Search, seen: Seen): Promise<number> {
  if (search.never) return 0;
  if (search.ids !== null || search.customString !== null || search.rest.length > 0) {
    const states = search.states === null ? sql`true` : inStates(search.states, seen);
    return countRows(tx, sql`${whereBesideStates(search, seen)} and ${states}`);
  }
  // Nothing is newer than now, so an end in the future is no end: it saves counting the running hour by hand.
  const until = search.until !== null && search.until > seen.now ? null : search.until;
  const counts = await countersBetween(tx, seen, search.from, until);
  if (search.states === null) return [...counts.values()].reduce((sum, count) => sum + count, 0);
  return countStates(tx, { ...search, until }, counts, seen);
}

/**
 * The counters know queued and claimed as one. What tells them and Scheduled apart is counted by index: messages that
 * are claimed (at most what the carriers hold) and messages that wait for a chosen time.
 */
async function countStates(tx: Tx, search: Search, counts: Counts, seen: Seen): Promise<number> {
  const waiting = (search.states ?? []).filter(({ state }) => state === Status.queued || state === Status.claimed);
  const others = byState((search.states ?? []).filter((state) => !waiting.includes(state)));
  const sum = others.reduce((total, [state]) => total + (counts.get(state) ?? 0), 0);
  if (waiting.length === 0) return sum;
  const missing = SHOWN_STATES.filter(
    (state) => (state.state === Status.queued || state.state === Status.claimed) && !waiting.includes(state),
  );
  if (missing.some(({ queuedAs }) => queuedAs === 'fresh')) return sum + (await countShown(waiting));
  return sum + (counts.get(Status.queued) ?? 0) - (await countShown(missing));

  async function countShown(states: typeof waiting): Promise<number> {
    let total = 0;
    for (const [state, shown] of byState(states)) {
      const where = [whose(seen), ...bounds(search.from, search.until), inStates(shown, seen)];
      if (state === Status.queued && shown.every(({ queuedAs }) => queuedAs === 'scheduled')) {
        // The words of the partial index messages_scheduled.
        where.push(sql`m.next_attempt_at is not null and m.schedule_at is not null`);
      } else if (state === Status.queued) where.push(sql`m.next_attempt_at is not null`);
      else where.push(claimedLately);
      total += await countRows(tx, sql.join(where, sql` and `));
    }
    return total;
  }
}

async function countRows(tx: Tx, where: Sql): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from messages m where ${where}`.execute(tx);
  return rows[0]?.count ?? 0;
}

/** Whole hours from the counters, the pieces of hours at both ends (at most two) by index. */
async function countersBetween(tx: Tx, seen: Seen, from: number | null, until: number | null): Promise<Counts> {
  if (from === null && until === null) return addUp([await readTotals(tx, seen)]);
  const firstHour = from === null ? null : Math.ceil(from / HOUR_MS);
  const endHour = until === null ? null : Math.floor(until / HOUR_MS);
  if (from !== null && until !== null && (endHour ?? 0) < (firstHour ?? 0)) {
    return addUp(from < until ? [await countPiece(tx, seen, { from, until })] : []);
  }
  const found = [await readHours(tx, seen, firstHour, endHour)];
  if (from !== null && firstHour !== null && from < firstHour * HOUR_MS) {
    found.push(await countPiece(tx, seen, { from, until: firstHour * HOUR_MS }));
  }
  if (until !== null && endHour !== null && until > endHour * HOUR_MS) {
    found.push(await countPiece(tx, seen, { from: endHour * HOUR_MS, until }));
  }
  return addUp(found);
}

interface Counted {
  status: Status;
  messages: number;
}

async function readTotals(tx: Tx, seen: Seen): Promise<Counted[]> {
  const mine = sql`account_id = ${seen.accountId}::integer and channel = ${Channel.sms}::smallint`;
  const { rows } = await sql<Counted>`
    select status, sum(messages)::bigint as messages from (
      select status, messages from statistics_totals where ${mine}
      union all
      select status, messages from statistics_deltas where ${mine}
    ) counted group by status`.execute(tx);
  return rows;
}

async function readHours(tx: Tx, seen: Seen, first: number | null, end: number | null): Promise<Counted[]> {
  const mine = [sql`account_id = ${seen.accountId}::integer and channel = ${Channel.sms}::smallint`];
  if (first !== null) mine.push(sql`hour >= ${first}::integer`);
  if (end !== null) mine.push(sql`hour < ${end}::integer`);
  const where = sql.join(mine, sql` and `);
  const { rows } = await sql<Counted>`
    select status, sum(messages)::bigint as messages from (
      select status, messages from statistics_hours where ${where}
      union all
      select status, messages from statistics_deltas where ${where}
    ) counted group by status`.execute(tx);
  return rows;
}

/** A stretch of time within one hour, in ms, `until` exclusive. */
interface Piece {
  from: number;
  until: number;
}

/** Rows that are counted without a second thought: about 0.4 ms. */
const FEW = 2_000;

/**
 * Counts a piece of an hour: row by row where it holds few messages, else as its hour less the rest of it where that holds
 * few. A burst of a million that a range takes in whole, or leaves out whole, thus costs what ten do; only one that the
 * range cuts in two is counted, by its shorter side.
 */
async function countPiece(tx: Tx, seen: Seen, piece: Piece): Promise<Counted[]> {
  const inside = await countUpTo(FEW, tx, seen, [piece]);
  if (inside !== null) return inside;
  const hour = Math.floor(piece.from / HOUR_MS);
  const rest = [
    { from: hour * HOUR_MS, until: piece.from },
    { from: piece.until, until: (hour + 1) * HOUR_MS },
  ].filter(({ from, until }) => from < until);
  const isLonger = piece.until - piece.from > HOUR_MS / 2;
  const outside = isLonger ? await countStretches(tx, seen, rest) : await countUpTo(FEW, tx, seen, rest);
  if (outside === null) return countStretches(tx, seen, [piece]);
  const whole = await readHours(tx, seen, hour, hour + 1);
  return [...whole, ...outside.map(({ status, messages }) => ({ status, messages: -messages }))];
}

/** As countStretches; null when there are more than `most`. */
async function countUpTo(most: number, tx: Tx, seen: Seen, pieces: readonly Piece[]): Promise<Counted[] | null> {
  const counted = await countStretches(tx, seen, pieces, sql`limit ${most + 1}::bigint`);
  const sum = counted.reduce((total, { messages }) => total + messages, 0);
  return sum > most ? null : counted;
}

/** Messages of these stretches of time by state, one by one off the index. */
async function countStretches(tx: Tx, seen: Seen, pieces: readonly Piece[], limit = sql``): Promise<Counted[]> {
  const stretches = pieces.map(({ from, until }) => {
    const where = sql.join([whose(seen), ...bounds(from, until)], sql` and `);
    return sql`select m.status from messages m where ${where}`;
  });
  const { rows } = await sql<Counted>`
    select status, count(*) as messages from (
      select * from (${sql.join(stretches, sql` union all `)}) every_one ${limit}
    ) counted group by status`.execute(tx);
  return rows;
}

function addUp(pieces: readonly Counted[][]): Counts {
  const counts: Counts = new Map();
  for (const { status, messages } of pieces.flat()) {
    const state = status === Status.claimed ? Status.queued : status;
    counts.set(state, (counts.get(state) ?? 0) + messages);
  }
  return counts;
}
