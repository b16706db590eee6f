import { plain, texts } from '../db/arrays.ts';
import type { Runner } from '../db/runner.ts';
import type { DeliveryFacts, DeliveryKind, DueDelivery } from './delivery.ts';

/** An ESME bound at this node, and how many it can take. */
export interface Room {
  accountId: number;
  systemId: string;
  room: number;
}

interface DeliveryRow {
  id: string;
  account_id: number;
  system_id: string;
  kind: DeliveryKind;
  subject_id: string | null;
  source: string;
  destination: string;
  body: string;
  facts: DeliveryFacts;
  created_at: number;
  expires_at: number;
  attempts: number;
  claimed_until: number;
}

/**
 * Claims what is due for these ESMEs until `until`, the oldest first, for each as much as it can take. What another node has
 * claimed is passed over until its claim has run out.
 */
export async function claimDeliveries(
  run: Runner,
  rooms: readonly Room[],
  { now, until }: { now: number; until: number },
): Promise<DueDelivery[]> {
  const { rows } = await run.query<DeliveryRow>({
    name: 'claim-esme-deliveries',
    text: `with due as materialized (
        select d.id from unnest($1::integer[], $2::text[], $3::integer[]) as w(account_id, system_id, room)
        cross join lateral (
          select e.id from esme_deliveries e
          where e.system_id = w.system_id and e.account_id = w.account_id and e.done_at is null
            and e.next_attempt_at <= $4 and e.expires_at > $4
          order by e.next_attempt_at, e.id limit w.room for update skip locked
        ) d
      )
      update esme_deliveries e set claimed_until = $5, next_attempt_at = $5, attempts = e.attempts + 1
      from due where e.id = due.id
      returning e.id, e.account_id, e.system_id, e.kind, e.subject_id, e.source, e.destination, e.body, e.facts,
        e.created_at, e.expires_at, e.attempts, e.claimed_until`,
    values: [
      plain(rooms.map((one) => one.accountId)),
      texts(rooms.map((one) => one.systemId)),
      plain(rooms.map((one) => one.room)),
      now,
      until,
    ],
  });
  // Ids are in the order of their making; `returning` promises none.
  return rows.map(dueOf).sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** What became of a delivery that was tried. */
export interface Settled {
  id: string;
  /** Until when it was claimed: whose claim has run out and been taken by another has nothing to say but that it was taken. */
  claimedUntil: number;
  /** Null = it is over. */
  nextAttemptAt: number | null;
  /** In a few words: `delivered`, or why not. */
  outcome: string;
  /** False where its bytes never left. */
  tried: boolean;
}

/** Writes what became of claimed deliveries. One that has been taken already stays taken, and that it was taken always counts. */
export async function settleDeliveries(run: Runner, settled: readonly Settled[], at: number): Promise<void> {
  await run.query({
    name: 'settle-esme-deliveries',
    text: `update esme_deliveries e set claimed_until = null, next_attempt_at = s.next_attempt_at, outcome = s.outcome,
        done_at = case when s.next_attempt_at is null then $5::bigint end,
        attempts = e.attempts - case when s.tried then 0 else 1 end
      from unnest($1::uuid[], $2::bigint[], $3::text[], $4::boolean[], $6::bigint[]) as s(id, next_attempt_at, outcome, tried, claimed_until)
      where e.id = s.id and e.done_at is null and (s.outcome = 'delivered' or e.claimed_until = s.claimed_until)`,
    values: [
      plain(settled.map((one) => one.id)),
      plain(settled.map((one) => one.nextAttemptAt)),
      texts(settled.map((one) => one.outcome)),
      plain(settled.map((one) => one.tried)),
      at,
      plain(settled.map((one) => one.claimedUntil)),
    ],
  });
}

/** Ends what nobody came for in its time; what a node is trying at this moment may still be taken. */
export async function expireDeliveries(run: Runner, now: number, limit: number): Promise<number> {
  const { rowCount } = await run.query({
    name: 'expire-esme-deliveries',
    text: `update esme_deliveries set done_at = $1, next_attempt_at = null, claimed_until = null, outcome = 'expired'
      where id in (
        select id from esme_deliveries
        where done_at is null and expires_at <= $1 and (claimed_until is null or claimed_until <= $1)
        limit $2 for update skip locked)`,
    values: [now, limit],
  });
  return rowCount ?? 0;
}

export async function dropOldDeliveries(run: Runner, before: number, limit: number): Promise<number> {
  const { rowCount } = await run.query({
    name: 'drop-old-esme-deliveries',
    text: `delete from esme_deliveries where id in (
        select id from esme_deliveries where created_at < $1 and done_at is not null limit $2)`,
    values: [before, limit],
  });
  return rowCount ?? 0;
}

function dueOf(row: DeliveryRow): DueDelivery {
  return {
    id: row.id,
    accountId: row.account_id,
    systemId: row.system_id,
    kind: row.kind,
    subjectId: row.subject_id,
    source: row.source,
    destination: row.destination,
    body: row.body,
    facts: row.facts,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    attempts: row.attempts,
    claimedUntil: row.claimed_until,
  };
}
