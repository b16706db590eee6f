import { beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { type HandClock, handClock } from '../../../../test/rig/hand-clock.ts';
import { FairTurns, type Turn } from './fair-turns.ts';

const RULE = { places: 4, kept: 1, own: 2, ownChecks: 1, ownWaiting: 2, waiting: 3, waitMs: 1_000 };

let clock: HandClock;
let turns: FairTurns;
let got: Map<string, Turn>;
beforeEach(() => {
  clock = handClock();
  turns = new FairTurns(RULE, clock);
  got = new Map();
});

/** Wants a turn; what came of it stands in `got` once it came. */
async function want(name: string, accountId: number, checks = false, signal?: AbortSignal) {
  void turns.take({ accountId, checks, signal }).then((turn) => got.set(name, turn));
  await new Promise(setImmediate);
}
async function release(name: string) {
  const turn = got.get(name);
  if (turn && 'release' in turn) turn.release();
  await new Promise(setImmediate);
}
const words = (name: string) => {
  const turn = got.get(name);
  return turn && 'refused' in turn ? turn.refused : undefined;
};

describe('turns', () => {
  test(verifies('connections:cloud', 'of one account are so many, the next waits for its own'), async () => {
    for (const name of ['a1', 'a2', 'a3', 'a4', 'a5']) await want(name, 1);
    await want('b1', 2);
    expect([...got.keys()]).toEqual(['a1', 'a2', 'a5', 'b1']);
    expect(words('a5')).toContain('of this account');
    await release('a1');
    expect(got.has('a3')).toBe(true);
  });

  test(verifies('connections:cloud', 'go around among accounts, and one is kept for checks'), async () => {
    for (const [name, id] of [
      ['a1', 1],
      ['a2', 1],
      ['b1', 2],
      ['b2', 2],
      ['c1', 3],
      ['a3', 1],
    ] as const)
      await want(name, id);
    expect([...got.keys()]).toEqual(['a1', 'a2', 'b1']);
    await want('check', 4, true);
    await want('check again', 4, true);
    expect([...got.keys()].at(-1)).toBe('check');
    await want('d1', 5);
    expect(words('d1')).toContain('too many calls wait');
    await release('b1');
    await release('a1');
    expect([...got.keys()].slice(5)).toEqual(['b2', 'c1']);
    await release('check');
    expect([...got.keys()].at(-1)).toBe('check again');
  });

  test('that are waited for in vain leave the line: by the clock, or given up', async () => {
    for (const name of ['a1', 'a2']) await want(name, 1);
    const { signal, abort } = (() => {
      const controller = new AbortController();
      return { signal: controller.signal, abort: () => controller.abort() };
    })();
    await want('slow', 1);
    await want('left', 1, false, signal);
    abort();
    clock.advance(1_000);
    await new Promise(setImmediate);
    expect([words('left'), words('slow')]).toEqual(['it was given up', 'no connection was free within 1 s']);
    await want('late', 1, false, signal);
    expect(words('late')).toBe('it was given up');
    // Their places in the line are free again, and none of them takes a turn.
    await want('a3', 1);
    await release('a1');
    expect(got.get('a3')).toHaveProperty('release');
  });
});
