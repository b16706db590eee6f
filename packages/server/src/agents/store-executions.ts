import { plain } from '../db/arrays.ts';
import type { Runner } from '../db/runner.ts';
import type { Effects } from './effects.ts';

/** What is known when an execution begins. */
export interface NewExecution {
  executionId: string;
  accountId: number;
  at: number;
  agentId: number | null;
  keyId: number | null;
  runId: string | null;
  face: string;
  userId: string | null;
  action: string;
  connectionId: string | null;
  target: 'local' | 'cloud';
  /** Masked, as JSON text. */
  arguments: string;
  /** The account's own; not stored. */
  currency: string;
}

/** How one ended. `result` is JSON text. */
export interface Ending extends Effects {
  state: 'done' | 'unknown';
  /** Surely nothing was done. */
  undone: boolean;
  successful: boolean;
  error: string | null;
  result: string;
  durationMs: number;
}

export async function insertExecution(run: Runner, one: NewExecution): Promise<void> {
  await run.query({
    name: 'insert-execution',
    text: `insert into executions (execution_id, account_id, at, agent_id, key_id, run_id, face, user_id, action, connection_id,
        target, arguments, state)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::jsonb, 'running')`,
    values: [
      one.executionId,
      one.accountId,
      one.at,
      one.agentId,
      one.keyId,
      one.runId,
      one.face,
      one.userId,
      one.action,
      one.connectionId,
      one.target,
      one.arguments,
    ],
  });
}

/**
 * Ends the attempt that began at `at`. False = another one has taken it up meanwhile, whose answer counts.
 */
export async function endExecution(
  run: Runner,
  { accountId, executionId, at }: Pick<NewExecution, 'accountId' | 'executionId' | 'at'>,
  end: Ending,
): Promise<boolean> {
  const { rowCount } = await run.query({
    name: 'end-execution',
    text: `update executions set state = $3, successful = $4, error = $5, result = $6::jsonb, duration_ms = $7, cost_micro = $8,
        message_ids = $9::uuid[], campaign_id = $10, cost_currency = $12
      where account_id = $1 and execution_id = $2 and at = $11`,
    values: [
      accountId,
      executionId,
      end.state,
      end.successful,
      end.error,
      end.result,
      end.durationMs,
      end.costMicro,
      end.messageIds.length === 0 ? null : plain(end.messageIds),
      end.campaignId,
      at,
      end.costCurrency,
    ],
  });
  return rowCount === 1;
}

/** An execution as a repetition finds it. */
export interface Earlier {
  state: 'running' | 'done' | 'unknown';
  /** When its last attempt began. */
  at: number;
  successful: boolean | null;
  error: string | null;
  result: Record<string, unknown> | null;
  connectionId: string | null;
}

export async function findEarlier(run: Runner, accountId: number, executionId: string): Promise<Earlier | null> {
  const { rows } = await run.query({
    name: 'find-earlier-execution',
    text: 'select state, at, successful, error, result, connection_id as "connectionId" from executions where account_id = $1 and execution_id = $2',
    values: [accountId, executionId],
  });
  return rows[0] ?? null;
}

/** Takes up again one whose process died, so that of two repetitions one does it. False = another was faster, or it goes on. */
export async function takeUpExecution(
  run: Runner,
  accountId: number,
  executionId: string,
  { at, abandonedBefore }: { at: number; abandonedBefore: number },
): Promise<boolean> {
  const { rowCount } = await run.query(
    `update executions set state = 'running', at = $3
      where account_id = $1 and execution_id = $2 and (state = 'unknown' or state = 'running' and at < $4)`,
    [accountId, executionId, at, abandonedBefore],
  );
  return rowCount === 1;
}

export async function countReplay(run: Runner, accountId: number, executionId: string): Promise<void> {
  await run.query('update executions set replays = replays + 1 where account_id = $1 and execution_id = $2', [
    accountId,
    executionId,
  ]);
}

/** Those that no living process can still be at: what came of them nobody knows. Answers how many. */
export async function endAbandoned(run: Runner, before: number): Promise<number> {
  const { rowCount } = await run.query(
    `update executions set state = 'unknown', successful = false,
        error = 'The server was stopped while this ran: it may or may not have been done.'
      where state = 'running' and at < $1`,
    [before],
  );
  return rowCount ?? 0;
}

/** What a repeated call is recognised by. */
export interface CallKey {
  /** Who, through what, does which action. */
  scope: string;
  key: string;
  digest: Buffer;
  /** Its caller chose it. */
  explicit: boolean;
}

export interface HeldKey {
  digest: Buffer;
  executionId: string;
  /** Null = it is under way. */
  endedAt: number | null;
  /** When its last attempt began. */
  begunAt: number;
}

/** Takes a key for a first call. Null = taken; else whose it is. */
export async function takeCallKey(
  run: Runner,
  accountId: number,
  { scope, key, digest, explicit }: CallKey,
  { executionId, at }: { executionId: string; at: number },
): Promise<HeldKey | null> {
  const { rowCount } = await run.query({
    name: 'take-call-key',
    text: `insert into execution_keys (account_id, scope, key, digest, explicit, execution_id, at)
      values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing`,
    values: [accountId, scope, key, digest, explicit, executionId, at],
  });
  if (rowCount === 1) return null;
  const held = await findCallKey(run, accountId, { scope, key }, true);
  // Let go of in this very moment: the next try takes it.
  return held ?? takeCallKey(run, accountId, { scope, key, digest, explicit }, { executionId, at });
}

/** Whose a key is. Null = nobody's. */
export async function findCallKey(
  run: Runner,
  accountId: number,
  { scope, key }: Pick<CallKey, 'scope' | 'key'>,
  lock = false,
): Promise<HeldKey | null> {
  const { rows } = await run.query({
    name: `find-call-key${lock ? '-locked' : ''}`,
    text: `select k.digest, k.execution_id, coalesce(e.at, k.at) as begun_at,
        case when e.state = 'running' then null else coalesce(e.at + e.duration_ms, e.at, k.at) end as ended_at
      from execution_keys k left join executions e on e.account_id = k.account_id and e.execution_id = k.execution_id
      where k.account_id = $1 and k.scope = $2 and k.key = $3 ${lock ? 'for update of k' : ''}`,
    values: [accountId, scope, key],
  });
  const [row] = rows;
  if (!row) return null;
  return { digest: row.digest, executionId: row.execution_id, endedAt: row.ended_at, begunAt: row.begun_at };
}

/** Gives a key that has had its time to a new call. In the transaction that found it. */
export async function passCallKey(
  run: Runner,
  accountId: number,
  { scope, key, digest }: CallKey,
  { executionId, at }: { executionId: string; at: number },
): Promise<void> {
  await run.query(
    `update execution_keys set execution_id = $4, at = $5, digest = $6 where account_id = $1 and scope = $2 and key = $3`,
    [accountId, scope, key, executionId, at, digest],
  );
}

/** Lets go of the key of a call that did nothing: the same call may do it later. */
export async function dropCallKey(run: Runner, accountId: number, call: CallKey, executionId: string): Promise<void> {
  await run.query(
    'delete from execution_keys where account_id = $1 and scope = $2 and key = $3 and execution_id = $4',
    [accountId, call.scope, call.key, executionId],
  );
}
