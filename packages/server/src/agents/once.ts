import type { Clock } from '@veredus/protocols/clock';
import type { Action } from '@veredus/tools/action';
import { inTransaction, type Pool } from '../db/transaction.ts';
import {
  type CallKey,
  type Earlier,
  findCallKey,
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
  /** How many wait on this node for the first call of each key. */
  waiting: Map<string, number>;
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
  | { kind: 'run'; executionId: string; at: number }
  | { kind: 'replay'; executionId: string; earlier: Earlier }
  /** The key stands for other arguments. */
  | { kind: 'other-call' }
  /** The first call is still being made after all the time one may take. */
  | { kind: 'busy' };

/** Equal calls of one actor within this time of the first one’s answer are one, where repeating would add something. */
const WINDOW_MS = 2 * 60_000;
/** As long as a client that says that it repeats may take for its tries. */
const REPETITION_MS = 10 * 60_000;
/** Longer than any call takes: brokers' clients give up after 60 s. */
export const ABANDONED_MS = 5 * 60_000;
const WAIT_MS = 50_000;
const LOOK_MS = 100;
/** Of one key at once: a client that hangs up and calls again leaves its calls waiting behind it. */
const MOST_WAITING = 8;

/** Begins an execution, unless it is one that was begun before: then its answer counts, as soon as there is one. */
export async function beginOnce(parts: OnceParts, asked: Asked, execution: NewExecution): Promise<Begun> {
  const { pool, clock } = parts;
  const { call } = asked;
  if (call === null) {
    await insertExecution(pool, execution);
    return begunAs(execution);
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
    if (held === null) return begunAs(execution);
    if (!held.digest.equals(call.digest)) return { kind: 'other-call' };
    const wait = { execution, executionId: held.executionId, deadline };
    const settled = await inLine(parts.waiting, held.executionId, () => waitFor(parts, asked, wait));
    if (settled !== 'free') return settled;
  }
}

/** What was answered to an equal call before, where this one cannot be made any more; null = there was none. */
export async function findAnswered(
  { pool, clock }: Pick<OnceParts, 'pool' | 'clock'>,
  asked: Asked,
  accountId: number,
): Promise<Begun | null> {
  const held = asked.call && (await findCallKey(pool, accountId, asked.call));
  if (!held || !asked.call || !isStanding(asked, asked.call, held, clock.now())) return null;
  if (!held.digest.equals(asked.call.digest)) return { kind: 'other-call' };
  const earlier = await findEarlier(pool, accountId, held.executionId);
  if (!earlier || earlier.state === 'running') return null;
  return { kind: 'replay', executionId: held.executionId, earlier };
}

const begunAs = ({ executionId, at }: NewExecution): Begun => ({ kind: 'run', executionId, at });

/** Whether the earlier call is still what this one repeats. */
function isStanding({ action, repetition }: Asked, { explicit }: CallKey, held: HeldKey, now: number): boolean {
  if (explicit) return true;
  const { idempotent } = action.hints;
  if (held.endedAt === null) return !idempotent || repetition;
  const passed = now - held.endedAt;
  return repetition ? passed <= REPETITION_MS : !idempotent && passed <= WINDOW_MS;
}

/** Runs `wait` unless enough wait for the same already. */
async function inLine(
  waiting: Map<string, number>,
  id: string,
  wait: () => Promise<Begun | 'free'>,
): Promise<Begun | 'free'> {
  const before = waiting.get(id) ?? 0;
  if (before >= MOST_WAITING) return { kind: 'busy' };
  waiting.set(id, before + 1);
  try {
    return await wait();
  } finally {
    const left = (waiting.get(id) ?? 1) - 1;
    if (left === 0) waiting.delete(id);
    else waiting.set(id, left);
  }
}

/** Waits until the earlier call is answered, without holding anything; `free` = its key was let go of, or taken over. */
async function waitFor(
  parts: OnceParts,
  asked: Asked,
  { execution, executionId, deadline }: { execution: NewExecution; executionId: string; deadline: number },
): Promise<Begun | 'free'> {
  const { pool, clock } = parts;
  const { accountId } = execution;
  const call = asked.call as CallKey;
  for (;;) {
    const earlier = await findEarlier(pool, accountId, executionId);
    const settled = earlier && (await settle(parts, asked, { execution, executionId, earlier }));
    if (settled?.kind === 'run') return settled;
    if (settled) {
      // What failed without having done anything has let go of its key: the call may be made.
      const held = await findCallKey(pool, accountId, call);
      return held?.executionId === executionId ? settled : 'free';
    }
    if (clock.monotonic() > deadline) return { kind: 'busy' };
    await new Promise<void>((resolve) => clock.after(LOOK_MS, resolve));
  }
}

/** What an earlier execution means for its repetition; null = it is under way, look again. */
async function settle(
  { pool, clock }: OnceParts,
  { repeatable }: Asked,
  { execution, executionId, earlier }: { execution: NewExecution; executionId: string; earlier: Earlier },
): Promise<Begun | null> {
  const now = clock.now();
  const abandonedBefore = now - ABANDONED_MS;
  if (earlier.state === 'running' && earlier.at >= abandonedBefore) return null;
  // Another account does not know the key.
  const elsewhere = earlier.connectionId !== execution.connectionId;
  if (earlier.state === 'done' || !repeatable || elsewhere) return { kind: 'replay', executionId, earlier };
  // Cut off, and nobody knows where; but who does what has the same key once may be asked again.
  const at = Math.max(now, earlier.at + 1);
  const taken = await takeUpExecution(pool, execution.accountId, executionId, { at, abandonedBefore });
  return taken ? { kind: 'run', executionId, at } : null;
}
