import { describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { breakerPause, GIVE_UP_MS, nextAttempt, readRetryAfter } from './schedule.ts';

const HOUR = 3_600_000;

describe('the schedule', () => {
  const times = (random: number) => {
    const found: number[] = [0];
    for (let attempts = 1; ; attempts++) {
      const next = nextAttempt({ attempts, at: found.at(-1)!, giveUpAt: GIVE_UP_MS }, random);
      if (next === null) return found;
      found.push(next);
    }
  };

  test(verifies('webhooks:schedule', 'is that of Standard Webhooks'), () => {
    const pauses = times(0).map((time, i, all) => (i === 0 ? 0 : time - all[i - 1]!));
    expect(pauses).toEqual([0, 5_000, 300_000, 1_800_000, ...[2, 5, 10, 14, 20, 24].map((hours) => hours * HOUR)]);
  });

  test(verifies('webhooks:schedule', 'is spread by chance, and ends in time all the same'), () => {
    const late = times(0.999);
    expect(late).toHaveLength(10);
    expect(late[2]! - late[1]!).toBeGreaterThan(310_000);
    expect(late.at(-1)).toBeLessThanOrEqual(GIVE_UP_MS);
  });

  test('ends when its time is over, whatever was tried', () => {
    expect(nextAttempt({ attempts: 2, at: GIVE_UP_MS, giveUpAt: GIVE_UP_MS }, 0)).toBeNull();
    expect(nextAttempt({ attempts: 2, at: GIVE_UP_MS - 1, giveUpAt: GIVE_UP_MS }, 0)).toBe(GIVE_UP_MS);
  });
});

test('the breaker opens at the fifth failure, and its pauses grow to five minutes', () => {
  const pauses = [1, 4, 5, 6, 10, 11, 12, 500, 32_000].map((failures) => breakerPause(failures, 0));
  expect(pauses).toEqual([null, null, 5_000, 10_000, 160_000, 300_000, 300_000, 300_000, 300_000]);
  expect(breakerPause(20, 0.999)).toBeGreaterThan(280_000);
});

describe('Retry-After', () => {
  const now = Date.UTC(2026, 0, 1);
  test.each([
    [null, null],
    ['120', 120_000],
    [' 5 ', 5_000],
    ['0', null],
    ['999999999999', 24 * HOUR],
    ['9'.repeat(400), null],
    ['Thu, 01 Jan 2026 01:00:00 GMT', HOUR],
    ['Thu, 01 Jan 2025 01:00:00 GMT', null],
    ['Fri, 01 Jan 2100 00:00:00 GMT', 24 * HOUR],
    ['tomorrow', null],
    ['', null],
    ['-1', null],
    ['1e3', null],
  ])('%j asks for %j ms', (text, pause) => {
    expect(readRetryAfter(text, now)).toBe(pause);
  });
});
