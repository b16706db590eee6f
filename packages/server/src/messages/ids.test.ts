import { describe, expect, it } from 'vitest';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { systemRandom } from '../system.ts';
import { firstIdOf, messageIds, millisecondOf, parseMessageId, showMessageId } from './ids.ts';

describe('message ids', () => {
  it('are UUIDv7 that sort in the order they were made, over a million in one millisecond', () => {
    const clock = handClock();
    const next = messageIds(clock, systemRandom);
    let before = '';
    for (let i = 0; i < 1_000_000; i++) {
      const id = next();
      if (id <= before) expect.fail(`${id} after ${before}`);
      before = id;
    }
    expect(before).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('go on in order when the clock is set back', () => {
    let now = 1_790_000_000_000;
    const next = messageIds({ ...handClock(), now: () => now }, systemRandom);
    const first = next();
    now -= 3_600_000;
    expect(next() > first).toBe(true);
  });

  it('hold their millisecond, and firstIdOf is below all of it', () => {
    const clock = handClock(1_790_000_000_123);
    const id = messageIds(clock, systemRandom)();
    expect(millisecondOf(id)).toBe(1_790_000_000_123);
    expect(firstIdOf(1_790_000_000_123) < id && id < firstIdOf(1_790_000_000_124)).toBe(true);
  });

  it('are shown in upper case and read in any', () => {
    expect(parseMessageId(showMessageId('0199a000-0000-7000-8000-00000000abcd'))).toBe(
      '0199a000-0000-7000-8000-00000000abcd',
    );
    expect(parseMessageId("0199a000' or '1'='1")).toBeNull();
  });
});
