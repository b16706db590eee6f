import { sql, type Transaction } from 'kysely';
import type { Runner } from '../db/runner.ts';
import type { Schema } from '../db/schema.ts';
import { Channel } from '../messages/message.ts';
import type { Status } from '../messages/status.ts';

type Tx = Transaction<Schema>;

export interface CountedDay {
  /** Days since 1970-01-01 UTC. */
  day: number;
  status: Status;
  messages: number;
  price_micro: number;
}

/** An account's SMS by the UTC day they were accepted on and their state, from a day on. */
export async function readDays(tx: Tx, accountId: number, firstDay: number): Promise<CountedDay[]> {
  const where = sql`account_id = ${accountId}::integer and channel = ${Channel.sms}::smallint and hour >= ${firstDay * 24}::integer`;
  const { rows } = await sql<CountedDay>`
    select hour / 24 as day, status, sum(messages)::bigint as messages, sum(price_micro)::bigint as price_micro from (
      select hour, status, messages, price_micro from statistics_hours where ${where}
      union all
      select hour, status, messages, price_micro from statistics_deltas where ${where}
    ) counted group by 1, 2`.execute(tx);
  return rows;
}

/** Messages from handsets by the UTC day they came on, from a day on. A long one came in parts and counts once. */
export async function readInboundDays(
  tx: Tx,
  accountId: number,
  firstDay: number,
): Promise<{ day: number; messages: number }[]> {
  const { rows } = await sql<{ day: number; messages: number }>`
    select received_at / 86400000 as day, count(*) as messages from inbound_messages
    where account_id = ${accountId}::integer and received_at >= ${firstDay * 86_400_000}::bigint
      and (part_number is null or part_number = 1)
    group by 1`.execute(tx);
  return rows;
}

/**
 * Moves all deltas into the hours and the totals, in one statement: a reader sees them in exactly one of both places. Only
 * one node at a time does it, so that two never lock the same sums in different orders; the others move nothing and go on.
 * Rows that another node deleted between our snapshot and our turn are skipped by the delete, so none counts twice.
 */
export async function moveDeltas(run: Runner): Promise<number> {
  const { rows } = await run.query(MOVE);
  return rows[0].moved;
}

const MOVE = `
with turn as materialized (
  select pg_try_advisory_xact_lock(hashtext('veredus statistics rollup')) as ours
), moved as (
  delete from statistics_deltas where (select ours from turn)
  returning account_id, hour, channel, status, messages, parts, price_micro
), hours as (
  insert into statistics_hours as h (account_id, hour, channel, status, messages, parts, price_micro)
  select account_id, hour, channel, status, sum(messages), sum(parts), sum(price_micro)
  from moved group by 1, 2, 3, 4
  on conflict (account_id, hour, channel, status) do update set messages = h.messages + excluded.messages,
    parts = h.parts + excluded.parts, price_micro = h.price_micro + excluded.price_micro
), totals as (
  insert into statistics_totals as t (account_id, channel, status, messages, parts, price_micro)
  select account_id, channel, status, sum(messages), sum(parts), sum(price_micro)
  from moved group by 1, 2, 3
  on conflict (account_id, channel, status) do update set messages = t.messages + excluded.messages,
    parts = t.parts + excluded.parts, price_micro = t.price_micro + excluded.price_micro
)
select count(*)::integer as moved from moved`;
