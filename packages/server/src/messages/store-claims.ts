import { plain, texts } from '../db/arrays.ts';
import type { Runner } from '../db/runner.ts';
import { firstIdOf } from './ids.ts';
import { recordStatuses } from './store-events.ts';

/** A message as the dispatcher holds it between claim and settle. */
export interface Claimed {
  id: string;
  accountId: number;
  priority: number;
  parts: number;
  priceMicro: number;
  attempts: number;
  validUntil: number;
  recipient: string;
  sender: string;
  body: string;
  campaignId: number | null;
}

/** The carrier's number, given out at its first use. */
export async function carrierNumber(run: Runner, name: string): Promise<number> {
  const { rows } = await run.query(
    `with made as (insert into carriers (name) values ($1) on conflict (name) do nothing returning carrier_id)
     select carrier_id from made union all select carrier_id from carriers where name = $1`,
    [name],
  );
  if (rows[0]) return rows[0].carrier_id;
  // Another node inserted it between our insert and our look.
  const again = await run.query('select carrier_id from carriers where name = $1', [name]);
  return again.rows[0].carrier_id;
}

/** The longest a message may take from getting its id to being committed; the rest is far below. */
const COMMIT_MS = 120_000;

/** Opens a lease: the fencing token of everything this node claims for the carrier from now on. */
export async function openLease(
  run: Runner,
  lease: { carrierId: number; node: string; now: number; until: number },
): Promise<number> {
  const { rows } = await run.query(
    `insert into claim_leases (carrier_id, node, opened_at, lease_until, oldest_id) values ($1, $2, $3, $4, $5) returning token`,
    [lease.carrierId, lease.node, lease.now, lease.until, firstIdOf(lease.now - COMMIT_MS)],
  );
  return rows[0].token;
}

/** Takes as many of the carrier's binds as are free, up to `links`; answers which. Binds of closed leases are free. */
export async function takeLinks(
  run: Runner,
  lease: { token: number; carrierId: number; links: number },
): Promise<number[]> {
  await run.query(
    `delete from bind_leases b using claim_leases l where b.token = l.token and l.closed_at is not null and b.carrier_id = $1`,
    [lease.carrierId],
  );
  const { rows } = await run.query(
    `insert into bind_leases (carrier_id, link, token) select $1, link, $2 from generate_series(0, $3 - 1) link
     on conflict do nothing returning link`,
    [lease.carrierId, lease.token, lease.links],
  );
  return rows.map((row) => row.link);
}

/** Puts binds that are open under a new lease of the same node. */
export async function moveLinks(
  run: Runner,
  lease: { token: number; carrierId: number; links: readonly number[] },
): Promise<void> {
  await run.query('update bind_leases set token = $1 where carrier_id = $2 and link = any($3::smallint[])', [
    lease.token,
    lease.carrierId,
    plain(lease.links),
  ]);
}

/**
 * Keeps the lease; false = it was closed by another node, which took the claims over. `oldest` is the oldest message still
 * held under it (null = none): what is older need not be looked through after a crash.
 */
export async function renewLease(
  run: Runner,
  lease: { token: number; now: number; until: number; oldest: string | null },
): Promise<boolean> {
  const youngest = firstIdOf(lease.now - COMMIT_MS);
  const { rowCount } = await run.query({
    name: 'renew-lease',
    text: 'update claim_leases set lease_until = $2, oldest_id = $3 where token = $1 and closed_at is null',
    values: [lease.token, lease.until, lease.oldest !== null && lease.oldest < youngest ? lease.oldest : youngest],
  });
  return rowCount === 1;
}

export async function closeLease(run: Runner, token: number, now: number): Promise<void> {
  await run.query('update claim_leases set closed_at = $2 where token = $1 and closed_at is null', [token, now]);
}

/** Closes the leases whose holders fell silent, on every carrier. */
export async function closeExpiredLeases(run: Runner, now: number): Promise<number> {
  const { rowCount } = await run.query(
    'update claim_leases set closed_at = $1 where closed_at is null and lease_until < $1',
    [now],
  );
  return rowCount ?? 0;
}

/** The leases of a carrier that nobody has closed, with who took them. */
export async function openLeases(run: Runner, carrierId: number): Promise<{ token: number; node: string }[]> {
  const { rows } = await run.query('select token, node from claim_leases where carrier_id = $1 and closed_at is null', [
    carrierId,
  ]);
  return rows;
}

/**
 * How long a closed lease is looked through again and again: what was being committed while it was closed comes to light in
 * that time. (What comes later is given back by the node that committed it, see dispatch.ts.)
 */
const RECOVERY_MS = 30_000;
/** Ids made this long after a lease was closed are not of its claims. */
const LATEST_CLAIM_MS = 300_000;

const RECOVER = `
with moved as (
  update messages m
  set status = case when m.id = any(l.possibly_sent) then 7 else 0 end,
    next_attempt_at = case when m.id = any(l.possibly_sent) then null else $2::bigint end,
    attempts = m.attempts + case when m.id = any(l.possibly_sent) then 1 else 0 end,
    carrier_id = l.carrier_id,
    words = case when m.id = any(l.possibly_sent) then 'The sending node stopped before the carrier answered.' else m.words end
  from claim_leases l
  where l.token = $1 and l.closed_at is not null and m.claim_token = $1 and m.status = 1 and m.id between $3 and $4
  returning m.account_id, m.id, m.created_at, m.channel, m.status, m.parts, m.price_micro
), exception as (
  insert into message_exceptions (account_id, id, status) select account_id, id, 7 from moved where status = 7
), event as (
  ${recordStatuses('(select account_id, id, status, null::smallint as error_code from moved)', '$2')}
), changed as (
  select account_id, (created_at / 3600000)::integer as hour, channel, count(*)::integer as messages, sum(parts)::integer as parts,
    sum(price_micro)::bigint as price
  from moved where status = 7 group by 1, 2, 3
), delta as (
  insert into statistics_deltas (account_id, hour, channel, status, messages, parts, price_micro)
  select account_id, hour, channel, 7, messages, parts, price from changed
  union all select account_id, hour, channel, 0, -messages, -parts, -price from changed
)
select count(*) filter (where status = 7)::integer as unknown, count(*) filter (where status = 0)::integer as requeued from moved`;

/**
 * Gives back what leases closed within `withinMs` still claim. Messages in possibly_sent may have left: UNKNOWN. The others
 * certainly have not: due again at once. Their claim_token stays, so that a late answer to the old holder can still
 * resolve them. Reads the blocks written since the oldest claim of each lease, so it costs nothing while nobody died.
 */
export async function recoverClaims(
  run: Runner,
  now: number,
  withinMs: number = RECOVERY_MS,
): Promise<{ unknown: number; requeued: number }> {
  const { rows: leases } = await run.query(
    'select token, oldest_id, closed_at from claim_leases where closed_at > $1',
    [now - withinMs],
  );
  const sum = { unknown: 0, requeued: 0 };
  for (const lease of leases) {
    const { rows } = await run.query(RECOVER, [
      lease.token,
      now,
      lease.oldest_id,
      firstIdOf(lease.closed_at + LATEST_CLAIM_MS),
    ]);
    sum.unknown += rows[0].unknown;
    sum.requeued += rows[0].requeued;
  }
  return sum;
}

const CLAIM = `
with due as (
  select account_id, id from messages
  where status = 0 and channel = $1 and priority = $2 and next_attempt_at <= $3 and id >= $4
  order by next_attempt_at limit $5
  for update skip locked
), oldest as (
  update claim_leases l set oldest_id = d.id from (select id from due order by id limit 1) d where l.token = $6 and d.id < l.oldest_id
)
update messages m set status = 1, claim_token = $6, next_attempt_at = null
from due where m.account_id = due.account_id and m.id = due.id and m.id >= $4
returning m.id, m.account_id, m.priority, m.parts, m.price_micro, m.attempts, m.valid_until, m.recipient, m.sender, m.body,
  m.campaign_id`;

/**
 * Claims a chunk of due messages of one priority, oldest first, skipping what another node is claiming. `fromId` is the
 * lower bound of anything still open: it keeps the planner out of old partitions.
 */
export async function claimDue(
  run: Runner,
  claim: { channel: number; priority: number; now: number; fromId: string; limit: number; token: number },
): Promise<Claimed[]> {
  const { rows } = await run.query({
    name: 'claim-due',
    text: CLAIM,
    values: [claim.channel, claim.priority, claim.now, claim.fromId, claim.limit, claim.token],
  });
  const claimed = rows.map((row) => ({
    id: row.id,
    accountId: row.account_id,
    priority: row.priority,
    parts: row.parts,
    priceMicro: row.price_micro,
    attempts: row.attempts,
    validUntil: row.valid_until,
    recipient: row.recipient,
    sender: row.sender,
    body: row.body,
    campaignId: row.campaign_id,
  }));
  return claimed.sort((a, b) => (a.id < b.id ? -1 : 1));
}

const MARK = `
with next as (
  select w.position::integer as position, w.id, w.account_id, w.address, w.campaign_id
  from unnest($5::uuid[], $6::integer[], $7::text[], $8::integer[]) with ordinality as w(id, account_id, address, campaign_id, position)
), suppressed as (
  select n.position from next n
  join suppressions s on s.account_id = n.account_id and s.channel = $4 and s.address = n.address
), paused as (
  select campaign_id from campaigns where campaign_id = any($9::integer[]) and paused_at is not null
), lease as (
  update claim_leases set lease_until = $3, possibly_sent = $2::uuid[] || array(
    select n.id from next n
    where n.position not in (select position from suppressed)
      and (n.campaign_id is null or n.campaign_id not in (select campaign_id from paused))
  )
  where token = $1 and closed_at is null returning 1
)
select exists (select 1 from lease) as held, array(select position from suppressed) as suppressed,
  array(select campaign_id from paused) as paused`;

/**
 * Commits which messages may have left, before any byte of `next` does. Answers whether the lease is still ours, which of
 * `next` (positions) were suppressed meanwhile, and which of their campaigns are paused: with the commit order of this
 * statement an opt-out, and a pause, always wins. What will not be sent is not noted as possibly sent.
 */
export async function markPossiblySent(
  run: Runner,
  mark: { token: number; out: readonly string[]; next: readonly Claimed[]; until: number; channel: number },
): Promise<{ held: boolean; suppressed: number[]; paused: number[] }> {
  const { next } = mark;
  const { rows } = await run.query({
    name: 'mark-possibly-sent',
    text: MARK,
    values: [
      mark.token,
      plain(mark.out),
      mark.until,
      mark.channel,
      plain(next.map((message) => message.id)),
      plain(next.map((message) => message.accountId)),
      texts(next.map((message) => message.recipient)),
      plain(next.map((message) => message.campaignId)),
      plain(campaignsOf(next)),
    ],
  });
  const { held, suppressed, paused } = rows[0];
  return { held, suppressed: suppressed.map((position: number) => position - 1), paused };
}

/**
 * Gives back messages that a commit may have left claimed under a token although nobody has them: its answer was lost. Answers
 * how many it found.
 */
export async function disownClaims(
  run: Runner,
  claim: { token: number; ids: readonly string[]; accountIds: readonly number[]; now: number },
): Promise<number> {
  const { rowCount } = await run.query(
    `update messages m set status = 0, claim_token = null, next_attempt_at = $4
      from unnest($2::integer[], $3::uuid[]) as w(account_id, id)
      where m.account_id = w.account_id and m.id = w.id and m.claim_token = $1 and m.status = 1`,
    [claim.token, plain(claim.accountIds), plain(claim.ids), claim.now],
  );
  return rowCount ?? 0;
}

function campaignsOf(messages: readonly Claimed[]): number[] {
  const campaigns = new Set<number>();
  for (const { campaignId } of messages) if (campaignId !== null) campaigns.add(campaignId);
  return [...campaigns];
}
