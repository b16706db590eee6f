import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { Backoff, type BackoffRule } from './backoff.ts';

const rule: BackoffRule = { free: 3, baseMs: 1000, capMs: 8000, forgetMs: 60_000, keys: 100 };

/** A run of tries at two keys, with pauses. */
const runs = fc.array(
  fc.record({ key: fc.constantFrom('a', 'b'), pauseMs: fc.integer({ min: 0, max: 20_000 }), right: fc.boolean() }),
  { maxLength: 60 },
);

describe('Backoff', () => {
  it('lets the free tries through and then doubles up to the cap', () => {
    const backoff = new Backoff(rule, handClock());
    const waits = Array.from({ length: 9 }, () => {
      backoff.charge('a');
      return backoff.waitMs('a');
    });
    expect(waits).toEqual([0, 0, 0, 1000, 2000, 4000, 8000, 8000, 8000]);
  });

  it('counts down with the clock and starts anew after a long silence', () => {
    const clock = handClock();
    const backoff = new Backoff(rule, clock);
    for (let i = 0; i < 5; i++) backoff.charge('a');
    expect(backoff.waitMs('a')).toBe(2000);
    clock.advance(1500);
    expect(backoff.waitMs('a')).toBe(500);
    clock.advance(60_001);
    backoff.charge('a');
    expect(backoff.waitMs('a')).toBe(0);
  });

  it('never waits longer than the cap, nor at all before the free tries are used', () => {
    fc.assert(
      fc.property(runs, (tries) => {
        const clock = handClock();
        const backoff = new Backoff(rule, clock);
        const wrong = { a: 0, b: 0 };
        for (const { key, pauseMs, right } of tries) {
          clock.advance(pauseMs);
          backoff.charge(key);
          wrong[key as 'a' | 'b'] += 1;
          if (right) {
            backoff.clear(key);
            wrong[key as 'a' | 'b'] = 0;
          }
          const wait = backoff.waitMs(key);
          expect(wait).toBeLessThanOrEqual(rule.capMs);
          if (wrong[key as 'a' | 'b'] <= rule.free) expect(wait).toBe(0);
        }
      }),
    );
  });

  it('gives one key the same waits whatever happens under another', () => {
    fc.assert(
      fc.property(runs, (tries) => {
        const [bothClock, aloneClock] = [handClock(), handClock()];
        const both = new Backoff(rule, bothClock);
        const alone = new Backoff(rule, aloneClock);
        for (const { key, pauseMs } of tries) {
          bothClock.advance(pauseMs);
          aloneClock.advance(pauseMs);
          both.charge(key);
          if (key === 'a') alone.charge(key);
          expect(both.waitMs('a')).toBe(alone.waitMs('a'));
        }
      }),
    );
  });

  it('a charge that is forgiven leaves no more wait than there was', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 12 }), (wrong) => {
        const backoff = new Backoff(rule, handClock());
        for (let i = 0; i < wrong; i++) backoff.charge('a');
        const before = backoff.waitMs('a');
        backoff.charge('a');
        backoff.forgive('a');
        expect(backoff.waitMs('a')).toBe(before);
      }),
    );
  });

  it('bounds how many guesses an obedient guesser gets', () => {
    const clock = handClock();
    const backoff = new Backoff(rule, clock);
    let guesses = 0;
    for (let second = 0; second < 600; second++) {
      if (backoff.waitMs('a') === 0) {
        backoff.charge('a');
        guesses += 1;
      }
      clock.advance(1000);
    }
    expect(guesses).toBeLessThanOrEqual(3 + 3 + 600 / 8);
    expect(guesses).toBeGreaterThan(50);
  });

  it('remembers no more keys than it may', () => {
    const backoff = new Backoff({ ...rule, keys: 10 }, handClock());
    for (let i = 0; i < 4; i++) backoff.charge('first');
    expect(backoff.waitMs('first')).toBe(1000);
    for (let i = 0; i < 10; i++) backoff.charge(`other ${i}`);
    expect(backoff.waitMs('first')).toBe(0);
  });
});
