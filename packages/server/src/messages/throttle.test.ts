import { describe, expect, it } from 'vitest';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { duplicateGuard } from './throttle.ts';

describe('the same text to the same recipient', () => {
  it('is a repeat within the window and none after it', () => {
    const clock = handClock();
    const guard = duplicateGuard(clock);
    expect(guard.isRepeat(1, '+61411111111', 'Hi', 5_000)).toBe(false);
    clock.advance(4_999);
    expect(guard.isRepeat(1, '+61411111111', 'Hi', 5_000)).toBe(true);
    clock.advance(1);
    expect(guard.isRepeat(1, '+61411111111', 'Hi', 5_000)).toBe(false);
  });

  it('is told apart by account, recipient and text', () => {
    const guard = duplicateGuard(handClock());
    guard.isRepeat(1, '+61411111111', 'Hi', 5_000);
    expect(guard.isRepeat(2, '+61411111111', 'Hi', 5_000)).toBe(false);
    expect(guard.isRepeat(1, '+61411111112', 'Hi', 5_000)).toBe(false);
    expect(guard.isRepeat(1, '+61411111111', 'Hi!', 5_000)).toBe(false);
  });

  it('is no repeat when the first was not accepted, or the account does not mind', () => {
    const guard = duplicateGuard(handClock());
    guard.isRepeat(1, '+61411111111', 'Hi', 5_000);
    guard.forget(1, '+61411111111', 'Hi');
    expect(guard.isRepeat(1, '+61411111111', 'Hi', 5_000)).toBe(false);
    expect(guard.isRepeat(1, '+61411111111', 'Hi', 0)).toBe(false);
  });
});
