import type { Runner } from '../db/runner.ts';
import { type ActionFacts, type Ending, stopped } from './action.ts';
import { countActs, lockHandsets, type Pair } from './store-asking.ts';

/** A rule acts so often for one handset within the time, and no more: else two machines that answer would never end. */
export const LOOP = { acts: 10, minutes: 10 } as const;

/** What leaves for somebody, who may answer. */
export const SENDING: ReadonlySet<string> = new Set(['AUTO_REPLY', 'SMS', 'GROUP_SMS', 'EMAIL_USER', 'EMAIL_FIXED']);

/** An action that is about to be made. */
export interface Guarded {
  pair: Pair;
  facts: ActionFacts;
  ending: Ending | null;
}

/**
 * Stops those of these actions that would be one too many, and marks the first of each stop, of which the account is told: once
 * within the time. They must be made in the transaction that counts, which no other can do meanwhile.
 */
export async function guardLoops(run: Runner, actions: readonly Guarded[], at: number): Promise<void> {
  const groups = Map.groupBy(actions, ({ pair }) => `${pair.ruleId} ${pair.handset}`);
  if (groups.size === 0) return;
  const pairs = [...groups.values()].map(([first]) => first!.pair);
  await lockHandsets(run, pairs);
  const counts = await countActs(run, pairs, at - LOOP.minutes * 60_000);
  for (const [i, group] of [...groups.values()].entries()) {
    const { acted, told } = counts[i]!;
    for (const action of group.slice(Math.max(0, LOOP.acts - acted)))
      action.ending = stopped(`The rule acted ${LOOP.acts} times within ${LOOP.minutes} minutes for this number.`);
    const first = group.find(({ ending }) => ending !== null);
    if (first && !told) first.facts.told = true;
  }
}
