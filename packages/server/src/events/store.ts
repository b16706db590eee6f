import { plain } from '../db/arrays.ts';
import type { Runner } from '../db/runner.ts';
import type { Cursor } from './cursor.ts';

export interface Horizon {
  /** The oldest transaction under way: everything below it is committed for all to see, or never will be. */
  xmin: string;
  /** The newest transaction below it in which something happened to the account; null = none. */
  newest: string | null;
}

/** How far the account's events are final. Asked before they are read, so that the reading sees all of them. */
export async function readHorizon(run: Runner, accountId: number): Promise<Horizon> {
  const { rows } = await run.query<Horizon>({
    name: 'event-horizon',
    text: `select h.xmin::text as xmin, (
        select e.xact::text from events e where e.account_id = $1 and e.xact < h.xmin
        order by e.account_id desc, e.xact desc, e.event_id desc limit 1
      ) as newest
      from (select pg_snapshot_xmin(pg_current_snapshot()) as xmin) h`,
    values: [accountId],
  });
  return rows[0]!;
}

/** When what a cursor stands behind happened; null = nothing like it is here. For the present: the transaction before it. */
export async function findPlace(run: Runner, accountId: number, cursor: Cursor): Promise<number | null> {
  const { rows } = await run.query<{ at: number }>({
    name: 'find-event-place',
    text: `select at from events where account_id = $1 and xact = $2::xid8 and ($3::bigint = 0 or event_id = $3) limit 1`,
    values: [accountId, cursor.eventId > 0 ? cursor.xact : String(BigInt(cursor.xact) - 1n), cursor.eventId],
  });
  return rows[0]?.at ?? null;
}

/** A row as it is stored: one thing that happened, or the states of a chunk of messages. */
export interface EventRow {
  xact: string;
  event_id: number;
  at: number;
  kind: string;
  message_ids: string[] | null;
  statuses: number[] | null;
  error_codes: (number | null)[] | null;
  facts: Record<string, unknown> | null;
}

/** Rows from the cursor's own on, below `xmin`, until they hold `most` things beyond the `skip` seen of the first. */
export async function findEvents(
  run: Runner,
  accountId: number,
  from: { cursor: Cursor; xmin: string; kinds: readonly string[] | null; most: number; skip: number },
): Promise<EventRow[]> {
  const { cursor, xmin, kinds, most, skip } = from;
  const { rows } = await run.query<EventRow>({
    name: 'find-events',
    text: `
      select xact::text as xact, event_id, at, kind, message_ids, statuses, error_codes, facts from (
        select c.*, sum(coalesce(cardinality(c.message_ids), 1))
          over (order by c.xact, c.event_id rows between unbounded preceding and 1 preceding) as before
        from (
          select * from events
          where account_id = $1 and (xact, event_id) >= ($2::xid8, $3::bigint) and xact < $4::xid8
            and ($5::text[] is null or kind = any($5::text[]))
          order by account_id, xact, event_id limit $6::bigint
        ) c
      ) counted
      where coalesce(before, 0) < $7::bigint order by counted.xact, counted.event_id`,
    values: [accountId, cursor.xact, cursor.eventId, xmin, kinds, most + 1, most + skip],
  });
  return rows;
}

/** What is shown of a message beside its state. */
export interface NamedMessage {
  channel: number;
  custom_string: string;
  /** The carrier's last words. */
  words: string | null;
}

/** The account's messages, by id; one that is gone is not there. */
export async function nameMessages(
  run: Runner,
  accountId: number,
  ids: readonly string[],
): Promise<Map<string, NamedMessage>> {
  if (ids.length === 0) return new Map();
  const { rows } = await run.query<NamedMessage & { id: string }>({
    name: 'name-event-messages',
    text: 'select id, channel, custom_string, words from messages where account_id = $1 and id = any($2::uuid[])',
    values: [accountId, plain(ids)],
  });
  return new Map(rows.map((row) => [row.id, row]));
}

/** A place of which it is asked whether something final lies behind it. */
export interface Watched {
  readonly accountId: number;
  readonly cursor: Cursor;
}

/** Which of the places have something behind them, by their index: one statement for all of them. */
export async function placesWithNews(run: Runner, watched: readonly Watched[]): Promise<Set<number>> {
  const { rows } = await run.query<{ place: number }>({
    name: 'places-with-news',
    text: `select w.place - 1 as place
      from unnest($1::integer[], $2::xid8[], $3::bigint[]) with ordinality w (account_id, xact, event_id, place)
      where exists (
        select from events e where e.account_id = w.account_id and (e.xact, e.event_id) > (w.xact, w.event_id)
          and e.xact < pg_snapshot_xmin(pg_current_snapshot())
      )`,
    values: [
      plain(watched.map(({ accountId }) => accountId)),
      plain(watched.map(({ cursor }) => cursor.xact)),
      plain(watched.map(({ cursor }) => cursor.eventId)),
    ],
  });
  return new Set(rows.map(({ place }) => place));
}

/**
 * Deletes events from before, oldest first, but for those whose rule or mail is still to come. Only the first `most` are
 * looked at, so that a table with nothing old in it is not read through.
 */
export async function dropOldEvents(run: Runner, before: number, most: number): Promise<number> {
  const { rowCount } = await run.query({
    name: 'drop-old-events',
    text: `delete from events where event_id = any(array(
        select event_id from (
          select event_id, at from events where not rules_due and not alert_due order by event_id limit $2::bigint
        ) first where at < $1::bigint
      )) and not rules_due and not alert_due`,
    values: [before, most],
  });
  return rowCount ?? 0;
}
