import { expect, it } from 'vitest';
import { handClock } from '../../../../../test/rig/hand-clock.ts';
import { Pace } from './pace.ts';

it('[smpp:window] lets through what the rate allows, and never a burst after a quiet time', () => {
  const clock = handClock();
  const pace = new Pace(clock, 50);
  clock.advance(60_000);
  let sent = 0;
  for (let tenth = 0; tenth < 20; tenth++) {
    for (; pace.allowance >= 1; sent++) pace.spend(1);
    clock.advance(100);
  }
  expect(sent).toBe(100);
});

it('without a rate only the carrier slows it down', () => {
  const clock = handClock();
  const pace = new Pace(clock, 0);
  expect(pace.allowance).toBe(Number.POSITIVE_INFINITY);
  expect([pace.slowDown(), pace.slowDown()]).toEqual([100, 100]);
  expect(pace.allowance).toBe(0);
  expect(pace.wait).toBe(100);
  clock.advance(100);
  expect(pace.wait).toBe(0);
  expect(pace.slowDown()).toBe(200);
  clock.advance(200);
  pace.wentWell();
  expect(pace.slowDown()).toBe(100);
});
