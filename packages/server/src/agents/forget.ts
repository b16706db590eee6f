import type { Runner } from '../db/runner.ts';
import { firstIdOf } from '../messages/ids.ts';
import { dropExecutions, dropKeysOfCalls, dropOldAgentKeys } from './store-forget.ts';

const DAY_MS = 86_400_000;
/** How long what was done can be looked up. */
export const EXECUTIONS_KEPT_DAYS = 90;
/** How long a key that a caller chose makes a repetition known, and how long a derived one does. */
const EXPLICIT_KEPT_DAYS = 7;
const DERIVED_KEPT_DAYS = 1;
/** How long a key of an agent that has ended is listed. */
const ENDED_KEYS_KEPT_DAYS = 90;
/** What one round may touch, so that it never holds anything up. */
export const FORGET_LIMIT = 5_000;

/** Drops what is older than it is kept. Answers the most that was dropped of one kind: with `FORGET_LIMIT` there is more. */
export async function forgetExecutions(run: Runner, now: number, limit = FORGET_LIMIT): Promise<number> {
  const before = (days: number) => now - days * DAY_MS;
  return Math.max(
    await dropExecutions(run, firstIdOf(Math.max(0, before(EXECUTIONS_KEPT_DAYS))), limit),
    await dropKeysOfCalls(run, { explicit: true, before: before(EXPLICIT_KEPT_DAYS) }, limit),
    await dropKeysOfCalls(run, { explicit: false, before: before(DERIVED_KEPT_DAYS) }, limit),
    await dropOldAgentKeys(run, before(ENDED_KEYS_KEPT_DAYS), limit),
  );
}
