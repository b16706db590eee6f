import type { Runner } from '../db/runner.ts';
import type { Standing } from './judge.ts';

/** Whose rows. */
export interface Of {
  accountId: number;
  endpointId: number;
}

export interface Endpoint extends Standing {
  endpoint_id: number;
  url: string;
  key_generation: number;
  previous_until: number | null;
  created_at: number;
  waiting: number;
  dead: number;
}

/** What is counted for a page; an endpoint may have millions. */
export const COUNTED = 10_000;

const ENDPOINT = `e.endpoint_id, e.url, e.key_generation, e.previous_until, e.failures, e.failing_since, e.blocked_until,
  e.disabled_at, e.disabled_why, e.last_attempt_at, e.last_success_at, e.last_fault, e.created_at,
  (select count(*) from (select 1 from webhook_deliveries d where d.account_id = e.account_id
    and d.endpoint_id = e.endpoint_id and d.state = 0 limit ${COUNTED}) d)::integer as waiting,
  (select count(*) from (select 1 from webhook_deliveries d where d.account_id = e.account_id
    and d.endpoint_id = e.endpoint_id and d.state = 2 limit ${COUNTED}) d)::integer as dead`;

export async function listEndpoints(
  run: Runner,
  accountId: number,
  { skip, count }: { skip: number; count: number },
): Promise<{ total: number; rows: Endpoint[] }> {
  const counted = await run.query('select count(*)::integer as total from webhook_endpoints where account_id = $1', [
    accountId,
  ]);
  const { rows } = await run.query(
    `select ${ENDPOINT} from webhook_endpoints e where e.account_id = $1 order by e.endpoint_id limit $2 offset $3`,
    [accountId, count, skip],
  );
  return { total: counted.rows[0].total, rows };
}

export async function findEndpoint(run: Runner, { accountId, endpointId }: Of): Promise<Endpoint | null> {
  const { rows } = await run.query(
    `select ${ENDPOINT} from webhook_endpoints e where e.account_id = $1 and e.endpoint_id = $2`,
    [accountId, endpointId],
  );
  return rows[0] ?? null;
}

export async function findEndpointOfUrl(run: Runner, accountId: number, url: string): Promise<Endpoint | null> {
  const { rows } = await run.query(
    `select ${ENDPOINT} from webhook_endpoints e where e.account_id = $1 and e.url = $2`,
    [accountId, url],
  );
  return rows[0] ?? null;
}

export interface StoredDelivery {
  id: string;
  endpoint_id: number;
  kind: 'inbound' | 'receipt' | 'test';
  subject_id: string | null;
  method: 'POST' | 'GET';
  state: number;
  attempts: number;
  next_attempt_at: number | null;
  replays: number;
  depth: number;
  occurred_at: number;
  created_at: number;
  done_at: number | null;
  /** Of its last attempt. */
  status: number | null;
  fault: string | null;
}

const DELIVERY = `d.id, d.endpoint_id, d.kind, d.subject_id, d.method, d.state, d.attempts, d.next_attempt_at, d.replays, d.depth,
  d.occurred_at, d.created_at, d.done_at, a.status, a.fault`;
const LAST_ATTEMPT = `left join lateral (select a.status, a.fault from webhook_attempts a
  where a.account_id = d.account_id and a.delivery_id = d.id order by a.attempt desc limit 1) a on true`;

/** A page of an endpoint's deliveries, the newest first, within the latest `COUNTED`. `state` null = of any. */
export async function listDeliveries(
  run: Runner,
  { accountId, endpointId }: Of,
  { state, skip, count }: { state: number | null; skip: number; count: number },
): Promise<{ total: number; rows: StoredDelivery[] }> {
  const wanted = `d.account_id = $1 and d.endpoint_id = $2 ${state === null ? '' : `and d.state = ${Number(state)}`}`;
  const counted = await run.query(
    `select count(*)::integer as total from (select 1 from webhook_deliveries d where ${wanted} limit ${COUNTED}) d`,
    [accountId, endpointId],
  );
  const { total } = counted.rows[0];
  if (skip >= total) return { total, rows: [] };
  const { rows } = await run.query(
    `select ${DELIVERY} from (
       select * from webhook_deliveries d where ${wanted} order by d.id desc limit $3 offset $4
     ) d ${LAST_ATTEMPT} order by d.id desc`,
    [accountId, endpointId, Math.min(count, total - skip), skip],
  );
  return { total, rows };
}

export interface WholeDelivery extends StoredDelivery {
  url: string;
  content_type: string;
  query: string;
  body: string;
}

export async function findDelivery(run: Runner, accountId: number, id: string): Promise<WholeDelivery | null> {
  const { rows } = await run.query(
    `select ${DELIVERY}, e.url, d.content_type, d.query, d.body from webhook_deliveries d
     join webhook_endpoints e on e.account_id = d.account_id and e.endpoint_id = d.endpoint_id ${LAST_ATTEMPT}
     where d.account_id = $1 and d.id = $2`,
    [accountId, id],
  );
  return rows[0] ?? null;
}

export interface StoredAttempt {
  attempt: number;
  at: number;
  took_ms: number;
  request: string;
  status: number | null;
  answer: string | null;
  fault: string | null;
}

/** The latest attempts, the first of them first. */
export async function listAttempts(
  run: Runner,
  accountId: number,
  deliveryId: string,
  most: number,
): Promise<StoredAttempt[]> {
  const { rows } = await run.query(
    `select attempt, at, took_ms, request, status, answer, fault from webhook_attempts
     where account_id = $1 and delivery_id = $2 order by attempt desc limit $3`,
    [accountId, deliveryId, most],
  );
  return rows.reverse();
}
