import { plain, texts } from '../db/arrays.ts';
import type { Runner } from '../db/runner.ts';
import { combineParts } from './receipt.ts';
import type { Status } from './status.ts';
import { recordStatuses } from './store-events.ts';

/** A receipt ready to be stored: `key` is the upstream id in the form it is looked up by, null when none is safe. */
export interface StoredReceipt {
  id: string;
  key: string | null;
  upstreamId: string;
  state: number;
  target: Status | null;
  errorCode: number | null;
  error: string | null;
  /** The handset as `+` and digits; null when the carrier did not say. */
  handset: string | null;
  raw: string;
  /** False for a repeat within the chunk: kept, but it moves nothing. */
  first: boolean;
}

/** A stored receipt that found its message but did not move it on the fast path. */
export interface Unmoved {
  receiptId: string;
  accountId: number;
  messageId: string;
  part: number;
  of: number;
}

/**
 * Stores a chunk of raw receipts, finds their messages, and moves the plain case: a text of one part, submitted, for the
 * handset the receipt names. One statement, so a receipt is never acknowledged without being kept.
 *
 * Its plan is made once, often while the tables are empty: `lateral … limit 1` leaves the planner only the key
 * to go by. Without it, it read every id of the carrier for each chunk.
 */
const STORE = `
with r as (
  select * from unnest($1::uuid[], $2::text[], $3::text[], $4::smallint[], $5::smallint[], $6::smallint[], $7::text[], $8::text[], $9::text[],
    $10::boolean[]) as r(id, key, upstream_id, state, target, error_code, error, handset, raw, first)
), x as (
  select r.*, u.account_id, u.message_id, u.part, u.of
  from r left join lateral (
    select u.account_id, u.message_id, u.part, u.of from upstream_ids u where u.upstream_id = r.key and u.carrier_id = $11 limit 1
  ) u on true
), moved as (
  update messages m set status = x.target, done_at = $12, error_code = x.error_code
  from x
  where x.of = 1 and x.first and x.target is not null and m.account_id = x.account_id and m.id = x.message_id
    and m.status = 2 and (x.handset is null or x.handset = m.recipient)
  returning m.id, m.account_id, m.created_at, m.channel, m.status, m.parts, m.charged_micro, m.error_code
), exception as (
  insert into message_exceptions (account_id, id, status) select account_id, id, status from moved where status in (4, 5)
), event as (
  ${recordStatuses('moved', '$12')}
), kept as (
  insert into receipts (id, received_at, message_id, account_id, carrier_id, state, status, error_code, upstream_id, error, recipient, raw)
  select x.id, $12, x.message_id, x.account_id, $11, x.state, case when x.first and x.message_id in (select id from moved) then x.target end,
    x.error_code, x.upstream_id, x.error, x.handset, x.raw
  from x
), changed as (
  select account_id, (created_at / 3600000)::integer as hour, channel, status, count(*)::integer as messages, sum(parts)::integer as parts,
    sum(charged_micro)::bigint as price
  from moved group by 1, 2, 3, 4
), delta as (
  insert into statistics_deltas (account_id, hour, channel, status, messages, parts, price_micro)
  select account_id, hour, channel, status, messages, parts, price from changed
  union all
  select account_id, hour, channel, 2, -sum(messages), -sum(parts), -sum(price) from changed group by 1, 2, 3
)
select x.id, x.account_id, x.message_id, x.part, x.of
from x
where x.first and (x.target is not null or x.message_id is null) and (x.message_id in (select id from moved)) is not true`;

/** Answers the receipts that found a message but need the careful path, and how many found none. */
export async function storeReceipts(
  run: Runner,
  receipts: readonly StoredReceipt[],
  facts: { carrierId: number; at: number },
): Promise<{ unmoved: Unmoved[]; orphans: number }> {
  const { rows } = await run.query({
    name: 'store-receipts',
    text: STORE,
    values: [
      plain(receipts.map((r) => r.id)),
      texts(receipts.map((r) => r.key)),
      texts(receipts.map((r) => r.upstreamId)),
      plain(receipts.map((r) => r.state)),
      plain(receipts.map((r) => r.target)),
      plain(receipts.map((r) => r.errorCode)),
      texts(receipts.map((r) => r.error)),
      texts(receipts.map((r) => r.handset)),
      texts(receipts.map((r) => r.raw)),
      plain(receipts.map((r) => r.first)),
      facts.carrierId,
      facts.at,
    ],
  });
  const found = rows.filter((row) => row.message_id !== null);
  return {
    unmoved: found.map((row) => ({
      receiptId: row.id,
      accountId: row.account_id,
      messageId: row.message_id,
      part: row.part,
      of: row.of,
    })),
    orphans: rows.length - found.length,
  };
}

/** A place where an upstream id was seen, with what tells two of them apart. */
export interface UpstreamMatch {
  key: string;
  accountId: number;
  messageId: string;
  part: number;
  of: number;
  recipient: string;
}

export async function findUpstream(run: Runner, carrierId: number, keys: readonly string[]): Promise<UpstreamMatch[]> {
  const { rows } = await run.query({
    name: 'find-upstream',
    text: `select u.upstream_id, u.account_id, u.message_id, u.part, u.of, m.recipient
      from upstream_ids u join messages m on m.account_id = u.account_id and m.id = u.message_id
      where u.carrier_id = $1 and u.upstream_id = any($2::text[])`,
    values: [carrierId, texts(keys)],
  });
  return rows.map((row) => ({
    key: row.upstream_id,
    accountId: row.account_id,
    messageId: row.message_id,
    part: row.part,
    of: row.of,
    recipient: row.recipient,
  }));
}

/** Recipients of messages, for telling whether a receipt speaks of them. */
export async function recipientsOf(run: Runner, found: readonly Unmoved[]): Promise<Map<string, string>> {
  const { rows } = await run.query(
    `select m.id, m.recipient from messages m join unnest($1::integer[], $2::uuid[]) as w(account_id, id)
     on m.account_id = w.account_id and m.id = w.id`,
    [plain(found.map((f) => f.accountId)), plain(found.map((f) => f.messageId))],
  );
  return new Map(rows.map((row) => [row.id, row.recipient]));
}

/** Keeps the receipt state of one part and answers what all parts of the message come to by now; null = not settled yet. */
export async function recordPart(
  run: Runner,
  part: { carrierId: number; messageId: string; part: number; state: number },
): Promise<Status | null> {
  // Receipts of two parts may be written at once; without this lock each would miss the other, and nobody see the last.
  await run.query('select from upstream_ids where message_id = $1 and of > 1 order by part for update', [
    part.messageId,
  ]);
  await run.query(
    `update upstream_ids set state = $4 where message_id = $2 and of > 1 and carrier_id = $1 and part = $3
       and state is distinct from 1`,
    [part.carrierId, part.messageId, part.part, part.state],
  );
  const { rows } = await run.query('select part, state, of from upstream_ids where message_id = $1 and of > 1', [
    part.messageId,
  ]);
  const byPart = new Map<number, number | null>(rows.map((row) => [row.part, row.state]));
  return combineParts(Array.from({ length: rows[0]?.of ?? 0 }, (_, i) => byPart.get(i + 1) ?? null));
}

/** Ties receipts to their messages after the fact; `status` where the receipt moved its message. */
export async function attachReceipts(
  run: Runner,
  ties: readonly { receiptId: string; accountId: number | null; messageId: string | null; status: Status | null }[],
): Promise<void> {
  await run.query(
    `update receipts r set account_id = t.account_id, message_id = t.message_id, status = coalesce(t.status, r.status)
     from unnest($1::uuid[], $2::integer[], $3::uuid[], $4::smallint[]) as t(id, account_id, message_id, status) where r.id = t.id`,
    [
      plain(ties.map((t) => t.receiptId)),
      plain(ties.map((t) => t.accountId)),
      plain(ties.map((t) => t.messageId)),
      plain(ties.map((t) => t.status)),
    ],
  );
}

export interface Orphan {
  id: string;
  upstreamId: string;
  state: number;
  error: string | null;
  handset: string | null;
  raw: string;
  receivedAt: number;
}

/** Receipts without a message, not older than `since`: the next `limit` in the order of their ids, from behind `after`. */
export async function orphans(
  run: Runner,
  carrierId: number,
  page: { since: number; after: string; limit: number },
): Promise<Orphan[]> {
  const { rows } = await run.query({
    name: 'orphans',
    text: `select id, upstream_id, state, error, recipient, raw, received_at from receipts
      where carrier_id = $1 and message_id is null and received_at >= $2 and id > $3 order by id limit $4
      for update skip locked`,
    values: [carrierId, page.since, page.after, page.limit],
  });
  return rows.map((row) => ({
    id: row.id,
    upstreamId: row.upstream_id,
    state: row.state,
    error: row.error,
    handset: row.recipient,
    raw: row.raw,
    receivedAt: row.received_at,
  }));
}

/** UNKNOWN messages to these handsets: what a receipt with a lost id may speak of. */
export async function unknownMessages(
  run: Runner,
  carrierId: number,
  handsets: readonly string[],
): Promise<
  { id: string; accountId: number; recipient: string; sender: string; body: string; createdAt: number; parts: number }[]
> {
  const { rows } = await run.query(
    `select m.id, m.account_id, m.recipient, m.sender, m.body, m.created_at, m.parts
     from message_exceptions e join messages m on m.account_id = e.account_id and m.id = e.id
     where e.status = 7 and m.carrier_id = $1 and m.recipient = any($2::text[])`,
    [carrierId, texts(handsets)],
  );
  return rows.map((row) => ({
    id: row.id,
    accountId: row.account_id,
    recipient: row.recipient,
    sender: row.sender,
    body: row.body,
    createdAt: row.created_at,
    parts: row.parts,
  }));
}
