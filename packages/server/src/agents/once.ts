import type { Clock } from '@veredus/protocols/clock';
import type { Action } from '@veredus/tools/action';
import { inTransaction, type Pool } from '../db/transaction.ts';
import {
  type CallKey,
  type Earlier,
  findEarlier,
  type HeldKey,
  insertExecution,
  type NewExecution,
  passCallKey,
  takeCallKey,
  takeUpExecution,
} from './store-executions.ts';

export interface OnceParts {
  pool: Pool;
  clock: Clock;
}

/** A call, as far as it matters whether it was made before. */
export interface Asked {
  action: Action;
  /** Null = what only reads is never a repetition. */
  call: CallKey | null;
  /** The caller's client says that it sends this again. */
  repetition: boolean;
  /** Whether the target itself does what has the same key once, so that a call cut off by a crash may be made again. */
  repeatable: boolean;
}

export type Begun =
  /** To be done now; under the id of an earlier execution where that was cut off and is taken up again. */
  | { kind: 'run'; executionId: string }
  | { kind: 'replay'; executionId: string; earlier: Earlier }
  /** The key stands for other arguments. */
  | { kind: 'other-call' }
  /** The first call is still being made after all the time one may take. */
  | { kind: 'busy' };

/** Equal calls of one actor within this time are one, where repeating would add something. */
const WINDOW_MS = 2 * 60_000;
/** As long as a client that says that it repeats may take for its tries. */
const REPETITION_MS = 10 * 60_000;
/** Longer than any call takes: brokers' clients give up after 60 s. */
export const ABANDONED_MS = 5 * 60_000;
const WAIT_MS = 50_000;
const LOOK_MS = 100;

/** Begins an execution, unless it is one that was begun before: then its answer counts, as soon as there is one. */
export async function beginOnce(parts: OnceParts, asked: Asked, execution: NewExecution): Promise<Begun> {
  const { pool, clock } = parts;
  const { call } = asked;
  if (call === null) {
    await insertExecution(pool, execution);
    return { kind: 'run', executionId: execution.executionId };
  }
  const deadline = clock.monotonic() + WAIT_MS;
  for (;;) {
    const held = await inTransaction(pool, async (run): Promise<HeldKey | null> => {
      const first = await takeCallKey(run, execution.accountId, call, execution);
      if (first && isStanding(asked, call, first, clock.now())) return first;
      if (first) await passCallKey(run, execution.accountId, call, execution);
      await insertExecution(run, execution);
      return null;
    });
    if (held === null) return { kind: 'run', executionId: execution.executionId };
    if (!held.digest.equals(call.digest)) return { kind: 'other-call' };
    const earlier = await findEarlier(pool, execution.accountId, held.executionId);
    const settled = earlier && (await settle(parts, asked, execution, held, earlier));
    if (settled) return settled;
    if (clock.monotonic() > deadline) return { kind: 'busy' };
    await new Promise<void>((resolve) => clock.after(LOOK_MS, resolve));
  }
}

/** Whether the earlier call is still what this one repeats. */
function isStanding({ action, repetition }: Asked, { explicit }: CallKey, { at }: HeldKey, now: number): boolean {
  if (explicit) return true;
  if (repetition) return now - at <= REPETITION_MS;
  return !action.hints.idempotent && now - at <= WINDOW_MS;
}

/** What an earlier execution means for its repetition; null = it is under way, look again. */
async function settle(
  { pool, clock }: OnceParts,
  { repeatable }: Asked,
  { accountId }: NewExecution,
  { executionId }: HeldKey,
  earlier: Earlier,
): Promise<Begun | null> {
  const at = clock.now();
  const abandonedBefore = at - ABANDONED_MS;
  if (earlier.state === 'running' && earlier.at >= abandonedBefore) return null;
  if (earlier.state === 'done' || !repeatable) return { kind: 'replay', executionId, earlier };
  // Cut off, and nobody knows where; but who does what has the same key once may be asked again.
  const taken = await takeUpExecution(pool, accountId, executionId, { at, abandonedBefore });
  return taken ? { kind: 'run', executionId } : null;
}
