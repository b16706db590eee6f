import { describe, expect, it } from 'vitest';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { duplicateGuard } from './throttle.ts';

const hi = { recipient: '+61411111111', body: 'Hi' };
const judgeOne = (guard: ReturnType<typeof duplicateGuard>, message = hi, account = 1, owner: string | null = null) =>
  guard.judge(account, [message], 5_000, owner)[0];

describe('the same text to the same recipient', () => {
  it('is a repeat within the window and none after it', () => {
    const clock = handClock();
    const guard = duplicateGuard(clock);
    expect(judgeOne(guard)).toBe(false);
    clock.advance(4_999);
    expect(judgeOne(guard)).toBe(true);
    clock.advance(1);
    expect(judgeOne(guard)).toBe(false);
  });

  it('is a repeat within one call', () => {
    expect(duplicateGuard(handClock()).judge(1, [hi, { ...hi, body: 'Ho' }, hi], 5_000, 'key')).toEqual([
      false,
      false,
      true,
    ]);
  });

  it('is told apart by account, recipient and text', () => {
    const guard = duplicateGuard(handClock());
    judgeOne(guard);
    expect(judgeOne(guard, hi, 2)).toBe(false);
    expect(judgeOne(guard, { ...hi, recipient: '+61411111112' })).toBe(false);
    expect(judgeOne(guard, { ...hi, body: 'Hi!' })).toBe(false);
  });

  it('is no repeat where the call is retried with its key, and one where the key is another', () => {
    const guard = duplicateGuard(handClock());
    judgeOne(guard, hi, 1, 'a');
    expect(judgeOne(guard, hi, 1, 'a')).toBe(false);
    expect(judgeOne(guard, hi, 1, 'b')).toBe(true);
    expect(judgeOne(guard, hi, 1, null)).toBe(true);
  });

  it('is no repeat when the first was not accepted, or the account does not mind', () => {
    const guard = duplicateGuard(handClock());
    judgeOne(guard);
    guard.forget(1, [hi]);
    expect(judgeOne(guard)).toBe(false);
    expect(guard.judge(1, [hi], 0, null)).toEqual([false]);
  });
});
