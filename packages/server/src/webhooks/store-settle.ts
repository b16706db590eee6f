import { plain, texts } from '../db/arrays.ts';
import type { Runner } from '../db/runner.ts';
import { storable } from '../db/storable.ts';
import type { Outcome } from './attempt.ts';
import type { DeliveryChange, Standing } from './judge.ts';

export interface EndpointStanding extends Standing {
  endpoint_id: number;
  account_id: number;
  url: string;
}

const STANDING =
  'failures, failing_since, blocked_until, disabled_at, disabled_why, last_attempt_at, last_success_at, last_fault';

/** Locks endpoints, in one order everywhere. */
export async function lockEndpoints(run: Runner, ids: readonly number[]): Promise<EndpointStanding[]> {
  const { rows } = await run.query({
    name: 'lock-webhook-endpoints',
    text: `select endpoint_id, account_id, url, ${STANDING} from webhook_endpoints
      where endpoint_id = any($1::integer[]) order by endpoint_id for no key update`,
    values: [plain(ids)],
  });
  return rows;
}

export interface LockedDelivery {
  id: string;
  state: number;
  attempts: number;
  give_up_at: number;
  claimed_until: number | null;
  /** The number of its last attempt in the log. */
  logged: number;
}

export async function lockDeliveries(run: Runner, ids: readonly string[]): Promise<LockedDelivery[]> {
  const { rows } = await run.query({
    name: 'lock-webhook-deliveries',
    text: `select d.id, d.state, d.attempts, d.give_up_at, d.claimed_until,
        coalesce((select max(a.attempt) from webhook_attempts a where a.delivery_id = d.id), 0)::integer as logged
      from webhook_deliveries d where d.id = any($1::uuid[]) order by d.id for no key update`,
    values: [plain(ids)],
  });
  return rows;
}

export async function insertAttempts(
  run: Runner,
  rows: readonly { outcome: Outcome; attempt: number }[],
): Promise<void> {
  const of = rows.map(({ outcome }) => outcome);
  await run.query({
    name: 'insert-webhook-attempts',
    text: `insert into webhook_attempts (delivery_id, account_id, attempt, at, took_ms, request, status, answer, fault)
      select * from unnest($1::uuid[], $2::integer[], $3::smallint[], $4::bigint[], $5::integer[], $6::text[], $7::smallint[],
        $8::text[], $9::text[])
      on conflict do nothing`,
    values: [
      plain(of.map(({ claimed }) => claimed.id)),
      plain(of.map(({ claimed }) => claimed.account_id)),
      plain(rows.map(({ attempt }) => attempt)),
      plain(of.map(({ startedAt }) => startedAt)),
      plain(of.map(({ tookMs }) => tookMs)),
      texts(of.map(({ request }) => storable(request))),
      plain(of.map(({ status }) => status)),
      texts(of.map(({ answer }) => (answer === null ? null : storable(answer)))),
      texts(of.map(({ fault }) => (fault === null ? null : storable(fault)))),
    ],
  });
}

/** Of each delivery's log only the attempts behind `through` stay. */
export async function trimLog(run: Runner, of: readonly { id: string; through: number }[]): Promise<void> {
  await run.query({
    name: 'trim-webhook-log',
    text: `delete from webhook_attempts a using unnest($1::uuid[], $2::smallint[]) t (id, through)
      where a.delivery_id = t.id and a.attempt <= t.through`,
    values: [plain(of.map(({ id }) => id)), plain(of.map(({ through }) => through))],
  });
}

export async function updateDeliveries(
  run: Runner,
  changes: readonly (DeliveryChange & { id: string })[],
): Promise<void> {
  await run.query({
    name: 'settle-webhook-deliveries',
    text: `update webhook_deliveries d set state = c.state, attempts = c.attempts, next_attempt_at = c.next_attempt_at,
        done_at = c.done_at, claimed_until = null
      from unnest($1::uuid[], $2::smallint[], $3::smallint[], $4::bigint[], $5::bigint[])
        c (id, state, attempts, next_attempt_at, done_at)
      where d.id = c.id`,
    values: [
      plain(changes.map(({ id }) => id)),
      plain(changes.map(({ state }) => state)),
      plain(changes.map(({ attempts }) => attempts)),
      plain(changes.map(({ next_attempt_at }) => next_attempt_at)),
      plain(changes.map(({ done_at }) => done_at)),
    ],
  });
}

export async function updateStandings(run: Runner, rows: readonly EndpointStanding[]): Promise<void> {
  const numbers = (pick: (row: EndpointStanding) => number | null) => plain(rows.map(pick));
  await run.query({
    name: 'settle-webhook-endpoints',
    text: `update webhook_endpoints e set failures = c.failures, failing_since = c.failing_since,
        blocked_until = c.blocked_until, disabled_at = c.disabled_at, disabled_why = c.disabled_why,
        last_attempt_at = c.last_attempt_at, last_success_at = c.last_success_at, last_fault = c.last_fault
      from unnest($1::integer[], $2::integer[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::bigint[], $8::bigint[],
        $9::text[])
        c (endpoint_id, failures, failing_since, blocked_until, disabled_at, disabled_why, last_attempt_at, last_success_at,
          last_fault)
      where e.endpoint_id = c.endpoint_id`,
    values: [
      numbers((row) => row.endpoint_id),
      numbers((row) => row.failures),
      numbers((row) => row.failing_since),
      numbers((row) => row.blocked_until),
      numbers((row) => row.disabled_at),
      texts(rows.map((row) => row.disabled_why)),
      numbers((row) => row.last_attempt_at),
      numbers((row) => row.last_success_at),
      texts(rows.map((row) => (row.last_fault === null ? null : storable(row.last_fault)))),
    ],
  });
}

/**
 * An endpoint is back: what it failed to take comes due within `spreadMs`, evenly, and no later than it would have. At most
 * `limit` at a time; what was never tried is due already.
 */
export async function hastenWaiting(
  run: Runner,
  endpointId: number,
  { now, spreadMs, limit }: { now: number; spreadMs: number; limit: number },
): Promise<void> {
  await run.query({
    name: 'hasten-webhooks',
    text: `update webhook_deliveries d set next_attempt_at = f.soon from (
        select id, $2::bigint + (row_number() over (order by next_attempt_at) * $3::bigint / count(*) over ()) as soon
        from (
          select id, next_attempt_at from webhook_deliveries
          where endpoint_id = $1 and state = 0 and next_attempt_at > $2::bigint and claimed_until is null
          order by next_attempt_at limit $4 for update skip locked) late
      ) f
      where d.id = f.id and d.next_attempt_at > f.soon`,
    values: [endpointId, now, spreadMs, limit],
  });
}
