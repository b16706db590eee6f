import type { Runner } from '../db/runner.ts';
import type { Of } from './store-read.ts';

/** Whether there is such an endpoint, locked until the transaction ends. */
export async function lockOwnEndpoint(
  run: Runner,
  { accountId, endpointId }: Of,
): Promise<{ disabled_at: number | null } | null> {
  const { rows } = await run.query(
    'select disabled_at from webhook_endpoints where account_id = $1 and endpoint_id = $2 for no key update',
    [accountId, endpointId],
  );
  return rows[0] ?? null;
}

/** The next key signs from now on, and the one before along with it until `previousUntil`. */
export async function rotateKey(run: Runner, { accountId, endpointId }: Of, previousUntil: number): Promise<void> {
  await run.query(
    `update webhook_endpoints set key_generation = key_generation + 1, previous_until = $3
     where account_id = $1 and endpoint_id = $2`,
    [accountId, endpointId, previousUntil],
  );
}

/** Somebody counts on it, or on its key: it is not forgotten. */
export async function keepEndpoint(run: Runner, { accountId, endpointId }: Of): Promise<void> {
  await run.query('update webhook_endpoints set kept = true where account_id = $1 and endpoint_id = $2 and not kept', [
    accountId,
    endpointId,
  ]);
}

/** With a clean sheet: what waits is tried at once. */
export async function enableEndpoint(run: Runner, { accountId, endpointId }: Of, now: number): Promise<void> {
  await run.query(
    `update webhook_endpoints set disabled_at = null, disabled_why = null, failures = 0, failing_since = null,
       blocked_until = null
     where account_id = $1 and endpoint_id = $2`,
    [accountId, endpointId],
  );
  // Whoever says that it works again need not wait for a pause of hours to be over.
  await run.query(
    `update webhook_deliveries set next_attempt_at = $3
     where account_id = $1 and endpoint_id = $2 and state = 0 and next_attempt_at > $3 and (claimed_until is null or claimed_until <= $3)`,
    [accountId, endpointId, now],
  );
}

/** One that is disabled already keeps its reason. */
export async function disableEndpoint(
  run: Runner,
  { accountId, endpointId }: Of,
  { at, why }: { at: number; why: string },
): Promise<void> {
  await run.query(
    `update webhook_endpoints set disabled_at = $3, disabled_why = $4, blocked_until = null
     where account_id = $1 and endpoint_id = $2 and disabled_at is null`,
    [accountId, endpointId, at, why],
  );
}

/** An open breaker lets one through at once. */
export async function unblockEndpoint(run: Runner, { accountId, endpointId }: Of, now: number): Promise<void> {
  await run.query(
    'update webhook_endpoints set blocked_until = $3 where account_id = $1 and endpoint_id = $2 and blocked_until > $3',
    [accountId, endpointId, now],
  );
}

export interface Again {
  now: number;
  giveUpAt: number;
}

/** Attempts are numbered, and numbers end. */
export const MOST_REPLAYS = 1_000;

const AGAIN = `state = 0, attempts = 0, next_attempt_at = $3, give_up_at = $4, done_at = null, claimed_until = null,
  replays = replays + 1`;

/** False = an attempt is under way. */
export async function replayOne(
  run: Runner,
  accountId: number,
  id: string,
  { now, giveUpAt }: Again,
): Promise<boolean> {
  const { rowCount } = await run.query(
    `update webhook_deliveries set ${AGAIN}
     where account_id = $1 and id = $2 and not (state = 0 and claimed_until is not null and claimed_until > $3)`,
    [accountId, id, now, giveUpAt],
  );
  return rowCount === 1;
}

/** Dead deliveries that were queued between `from` and `to` (ms, inclusive; null = open), the oldest first. Answers how many. */
export async function replayDead(
  run: Runner,
  { accountId, endpointId }: Of,
  { now, giveUpAt }: Again,
  { from, to, limit }: { from: number | null; to: number | null; limit: number },
): Promise<number> {
  const { rowCount } = await run.query(
    `update webhook_deliveries d set ${AGAIN} from (
       select id from webhook_deliveries where account_id = $1 and endpoint_id = $2 and state = 2 and replays < ${MOST_REPLAYS}
         and created_at >= coalesce($5::bigint, 0) and ($6::bigint is null or created_at <= $6::bigint)
       order by id limit $7 for update skip locked
     ) f where d.account_id = $1 and d.id = f.id and d.state = 2`,
    [accountId, endpointId, now, giveUpAt, from, to, limit],
  );
  return rowCount ?? 0;
}
