import { plain, texts } from '../db/arrays.ts';
import type { Runner } from '../db/runner.ts';
import type { Status } from './status.ts';
import type { Claimed } from './store-claims.ts';
import { isReported, recordStatuses, reportFailures } from './store-events.ts';

/** What one attempt came to, ready to be written. */
export interface Settlement {
  message: Claimed;
  status: Status;
  acceptedParts: number;
  chargedMicro: number;
  errorCode: number | null;
  words: string | null;
  /** Set when the message goes back to the queue. */
  nextAttemptAt: number | null;
  /** The carrier's ids, by part; null where the part was refused. */
  upstreamIds: readonly (string | null)[];
  /** False for bytes that never left: not an attempt. */
  attempted: boolean;
}

/**
 * One statement a chunk. Only rows still claimed under our token move, and only what moved is counted and paid: captured
 * (held -> spent) for the parts the carrier took, released (held -> available) for the rest of a finished message. The
 * balance comes last, so that it is locked no longer than the commit takes.
 */
const SETTLE = `
with outcome as (
  select * from unnest($1::uuid[], $2::integer[], $3::smallint[], $4::smallint[], $5::bigint[], $6::smallint[], $7::text[], $8::bigint[], $9::boolean[],
    $20::uuid[]) as o(id, account_id, status, accepted_parts, charged, error_code, words, next_attempt_at, attempted, receipt_id)
), settled as (
  update messages m set
    status = o.status,
    money = case when o.status in (0, 7) or m.money = 0 then m.money when o.status in (2, 9) then 2 else 3 end,
    charged_micro = o.charged,
    accepted_parts = o.accepted_parts,
    attempts = m.attempts + case when o.attempted then 1 else 0 end,
    carrier_id = $10,
    error_code = o.error_code,
    words = o.words,
    next_attempt_at = o.next_attempt_at,
    submitted_at = case when o.status in (2, 9) then $11::bigint else m.submitted_at end,
    done_at = case when o.status in (4, 5, 9) then $11::bigint else m.done_at end
  from outcome o
  where m.account_id = o.account_id and m.id = o.id and m.id between $12 and $13 and m.claim_token = $14 and m.status = 1
  returning m.account_id, m.id, m.created_at, m.channel, m.status, m.money, m.parts, m.price_micro, m.charged_micro, m.error_code
), exception as (
  insert into message_exceptions (account_id, id, status) select account_id, id, status from settled where status not in (0, 2)
), event as (
  ${recordStatuses('settled', '$11')}
), receipt as (
  ${reportFailures('(select o.*, s.channel from outcome o join settled s on s.account_id = o.account_id and s.id = o.id)', '$10', '$11')}
), upstream as (
  insert into upstream_ids (carrier_id, upstream_id, message_id, account_id, part, of)
  select $10, upstream_id, message_id, account_id, part, of
  from unnest($15::text[], $16::uuid[], $17::integer[], $18::smallint[], $19::smallint[]) as u(upstream_id, message_id, account_id, part, of)
  on conflict (upstream_id, carrier_id) do update set
    message_id = excluded.message_id, account_id = excluded.account_id, part = excluded.part, of = excluded.of, state = null
  returning 1
), paid as (
  select account_id,
    coalesce(sum(charged_micro) filter (where money = 2), 0)::bigint as captured,
    coalesce(count(*) filter (where money = 2 and charged_micro > 0), 0)::integer as captures,
    coalesce(sum(price_micro - case when money = 2 then charged_micro else 0 end) filter (where money in (2, 3)), 0)::bigint as released,
    coalesce(count(*) filter (where money in (2, 3) and price_micro > case when money = 2 then charged_micro else 0 end), 0)::integer as releases
  from settled group by account_id
), entry as (
  insert into ledger_entries (account_id, at, kind, debit, credit, amount_micro, messages)
  select account_id, $11, 'capture', 'held', 'spent', captured, captures from paid where captured > 0
  union all
  select account_id, $11, 'release', 'held', 'available', released, releases from paid where released > 0
), balance as (
  update ledger_balances b set
    held_micro = b.held_micro - p.captured - p.released,
    spent_micro = b.spent_micro + p.captured,
    available_micro = b.available_micro + p.released
  from (select * from paid where captured > 0 or released > 0) p
  where b.account_id = p.account_id and (select count(*) from upstream) >= 0
), changed as (
  select account_id, (created_at / 3600000)::integer as hour, channel, status, count(*)::integer as messages, sum(parts)::integer as parts,
    sum(price_micro)::bigint as price, sum(case when status = 7 then price_micro else charged_micro end)::bigint as shown_price
  from settled where status <> 0 group by 1, 2, 3, 4
), delta as (
  insert into statistics_deltas (account_id, hour, channel, status, messages, parts, price_micro)
  select account_id, hour, channel, status, messages, parts, shown_price from changed
  union all
  select account_id, hour, channel, 0, -sum(messages), -sum(parts), -sum(price) from changed group by 1, 2, 3
)
select count(*)::integer as settled from settled`;

/** Writes a chunk of outcomes of messages claimed under `token`. Answers how many rows moved; the others were taken from us. */
export async function settleChunk(
  run: Runner,
  chunk: { settlements: readonly Settlement[]; carrierId: number; token: number; at: number; newId: () => string },
): Promise<number> {
  const { settlements } = chunk;
  const ids = settlements.map(({ message }) => message.id);
  const upstream = upstreamRows(settlements);
  const { rows } = await run.query({
    name: 'settle-chunk',
    text: SETTLE,
    values: [
      plain(ids),
      plain(settlements.map(({ message }) => message.accountId)),
      plain(settlements.map((s) => s.status)),
      plain(settlements.map((s) => s.acceptedParts)),
      plain(settlements.map((s) => s.chargedMicro)),
      plain(settlements.map((s) => s.errorCode)),
      texts(settlements.map((s) => s.words)),
      plain(settlements.map((s) => s.nextAttemptAt)),
      plain(settlements.map((s) => s.attempted)),
      chunk.carrierId,
      chunk.at,
      ids.reduce((low, id) => (id < low ? id : low)),
      ids.reduce((high, id) => (id > high ? id : high)),
      chunk.token,
      texts(upstream.map((row) => row.upstreamId)),
      plain(upstream.map((row) => row.message.id)),
      plain(upstream.map((row) => row.message.accountId)),
      plain(upstream.map((row) => row.part)),
      plain(upstream.map((row) => row.of)),
      plain(settlements.map((s) => (isReported(s.status) ? chunk.newId() : null))),
    ],
  });
  return rows[0].settled;
}

export interface UpstreamRow {
  upstreamId: string;
  message: { id: string; accountId: number };
  part: number;
  /** How many receipts settle the message. */
  of: number;
}

/**
 * One row per upstream id; where a carrier used an id for two messages the newest has it. A carrier that gives one id to
 * all parts of a message reports on it once, so that one receipt settles the whole: what counts is ids, not parts.
 */
export function upstreamRows(
  settlements: readonly { message: UpstreamRow['message']; upstreamIds: readonly (string | null)[] }[],
): UpstreamRow[] {
  const byId = new Map<string, UpstreamRow>();
  for (const { message, upstreamIds } of settlements) {
    const places = upstreamIds.filter((id, i) => id === null || upstreamIds.indexOf(id) === i);
    places.forEach((upstreamId, i) => {
      if (upstreamId !== null) byId.set(upstreamId, { upstreamId, message, part: i + 1, of: places.length });
    });
  }
  return [...byId.values()];
}
