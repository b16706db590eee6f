import { expect, test } from 'vitest';
import { handClock } from '../../../test/rig/hand-clock.ts';
import { runPeriodically } from './periodic.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('a clean-up that was full goes on soon, and rests when it was not', async () => {
  const clock = handClock();
  const left = [5, 5, 3, 0, 5, 1];
  let turns = 0;
  const task = { name: 'sweep', everyMs: 10_000, full: 5, run: async () => left[turns++] };
  const stop = runPeriodically(clock, [task], () => {});
  const pass = async (milliseconds: number) => {
    clock.advance(milliseconds);
    await settled();
    return turns;
  };
  expect(await pass(9_999)).toBe(0);
  expect(await pass(1)).toBe(1);
  expect(await pass(100)).toBe(2);
  expect(await pass(100)).toBe(3);
  expect(await pass(100)).toBe(3);
  expect(await pass(9_900)).toBe(4);
  await stop();
});

test('a task that fails is logged and has its next turn; one that is stopped has none', async () => {
  const clock = handClock();
  const logged: unknown[] = [];
  let turns = 0;
  const run = async () => {
    turns += 1;
    throw new Error('away');
  };
  const stop = runPeriodically(clock, [{ name: 'sweep', everyMs: 100, full: 5, run }], (...line) => logged.push(line));
  for (let i = 0; i < 3; i++) {
    clock.advance(100);
    await settled();
  }
  await stop();
  clock.advance(1_000);
  expect(turns).toBe(3);
  expect(logged).toEqual(Array(3).fill(['task.failed', { task: 'sweep', error: 'away' }]));
});
