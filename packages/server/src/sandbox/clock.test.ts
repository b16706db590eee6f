import { expect, it } from 'vitest';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { sandboxClock } from './clock.ts';

it('jumps ahead with both times and runs what came due, in its order', () => {
  const base = handClock(1_000);
  const clock = sandboxClock(base);
  const ran: string[] = [];
  clock.after(5_000, () => ran.push('b'));
  clock.after(1_000, () => ran.push('a'));
  const cancel = clock.after(2_000, () => ran.push('cancelled'));
  clock.after(9_000, () => ran.push('c'));
  cancel();
  clock.advance(6_000);
  expect(ran).toEqual(['a', 'b']);
  expect([clock.now(), clock.monotonic()]).toEqual([7_000, 6_000]);
  // What is left comes due by the machine's clock in the time that is left.
  base.advance(3_000);
  expect(ran).toEqual(['a', 'b', 'c']);
});
