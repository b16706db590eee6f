import { describe, expect, it } from 'vitest';
import { handClock } from '../../../../../test/rig/hand-clock.ts';
import { openBucket } from './bucket.ts';

describe('a rate', () => {
  it('fills evenly, holds a second’s worth, and may be overdrawn by one large message', () => {
    const clock = handClock();
    const bucket = openBucket(20, clock);
    expect(bucket.left()).toBe(20);
    bucket.take(25);
    expect(bucket.left()).toBe(-5);
    clock.advance(250);
    expect(bucket.left()).toBe(0);
    clock.advance(49);
    expect(bucket.left()).toBe(0);
    clock.advance(1);
    expect(bucket.left()).toBe(1);
    clock.advance(10_000);
    expect(bucket.left()).toBe(20);
  });

  it('is no limit where there is none', () => {
    const bucket = openBucket(null, handClock());
    bucket.take(1e9);
    expect(bucket.left()).toBe(Number.POSITIVE_INFINITY);
  });
});
