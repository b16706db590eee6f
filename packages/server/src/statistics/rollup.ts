import type { Runner } from '../db/runner.ts';
import { moveDeltas } from './store.ts';

/**
 * Rolls the appended deltas up into the sums per hour and in all, on the engine role. Call it every few seconds on any
 * number of nodes: pages and statistics read sums plus deltas, so how often decides only how many rows they add up.
 *
 * @returns how many deltas were moved; 0 also when another node is at it.
 */
export function rollUp(run: Runner): Promise<number> {
  return moveDeltas(run);
}
