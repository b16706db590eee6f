import { describe, expect, test } from 'vitest';
import { type Attempted, judge, type Standing } from './judge.ts';

const HOUR = 3_600_000;
const well: Standing = {
  failures: 0,
  failing_since: null,
  blocked_until: null,
  disabled_at: null,
  disabled_why: null,
  last_attempt_at: null,
  last_success_at: null,
  last_fault: null,
};
const tried = (change: Partial<Attempted> = {}): Attempted => ({
  attempts: 0,
  giveUpAt: 176 * HOUR,
  status: 500,
  fault: 'It answered 500.',
  retryAfter: null,
  startedAt: 100 * HOUR,
  at: 100 * HOUR + 10,
  probe: false,
  ...change,
});
const worked = (change: Partial<Attempted> = {}) => tried({ status: 200, fault: null, ...change });
const after = (standing: Standing, attempt: Attempted) => judge(standing, attempt, () => 0);

describe('a success', () => {
  test('ends its delivery and clears the endpoint; what went wrong before is remembered', () => {
    const sick = { ...well, failures: 3, failing_since: 5, last_fault: 'It answered 500.' };
    const { standing, delivery, news } = after(sick, worked({ attempts: 3 }));
    expect(standing).toMatchObject({ failures: 0, failing_since: null, last_success_at: 100 * HOUR });
    expect(standing.last_fault).toBe('It answered 500.');
    expect(delivery).toEqual({ state: 1, attempts: 4, next_attempt_at: null, done_at: 100 * HOUR + 10 });
    expect(news).toBeNull();
  });

  test('of an endpoint whose breaker was open is news', () => {
    const open = { ...well, failures: 5, failing_since: 5, blocked_until: 7 };
    expect(after(open, worked({ probe: true }))).toMatchObject({
      standing: { blocked_until: null },
      news: 'recovered',
    });
  });

  test('that comes after the endpoint was disabled leaves it so', () => {
    const off = { ...well, failures: 9, disabled_at: 3, disabled_why: 'Disabled by ana.' };
    expect(after(off, worked())).toMatchObject({ standing: { disabled_at: 3 }, delivery: { state: 1 }, news: null });
  });
});

describe('a failure', () => {
  test('counts, and the fifth opens the breaker', () => {
    let standing = well;
    const blocked: (number | null)[] = [];
    for (let i = 0; i < 5; i++) {
      ({ standing } = after(standing, tried()));
      blocked.push(standing.blocked_until);
    }
    expect(standing).toMatchObject({ failures: 5, failing_since: 100 * HOUR, last_fault: 'It answered 500.' });
    expect(blocked).toEqual([null, null, null, null, 100 * HOUR + 5_010]);
  });

  test('of what was under way when it opened makes no pause longer', () => {
    const open = { ...well, failures: 5, failing_since: 1, blocked_until: 100 * HOUR + 5_000 };
    expect(after(open, tried()).standing).toMatchObject({ failures: 5, blocked_until: 100 * HOUR + 5_000 });
    const probed = after(open, tried({ probe: true })).standing;
    expect(probed).toMatchObject({ failures: 6, blocked_until: 100 * HOUR + 10_010 });
  });

  test('that asks for a pause gets it, for the delivery and for the endpoint', () => {
    const { standing, delivery } = after(well, tried({ retryAfter: HOUR }));
    expect(standing.blocked_until).toBe(101 * HOUR + 10);
    expect(delivery.next_attempt_at).toBe(101 * HOUR + 10);
    // Shorter than ours: the schedule stands. Longer than there is time for: the last moment.
    expect(after(well, tried({ attempts: 4, retryAfter: 1 })).delivery.next_attempt_at).toBe(105 * HOUR + 10);
    const hurried = tried({ retryAfter: 24 * HOUR, giveUpAt: 101 * HOUR });
    expect(after(well, hurried).delivery.next_attempt_at).toBe(101 * HOUR);
  });

  test('at the end of the schedule is the end; the endpoint is disabled only if nothing worked all the while', () => {
    const last = tried({ attempts: 9 });
    const lately = after({ ...well, failures: 3, failing_since: 100 * HOUR - 74 * HOUR }, last);
    expect(lately).toMatchObject({
      standing: { disabled_at: null },
      delivery: { state: 2, done_at: last.at },
      news: null,
    });
    const long = after({ ...well, failures: 12, failing_since: 100 * HOUR - 75 * HOUR }, last);
    expect(long).toMatchObject({ standing: { disabled_at: last.at }, delivery: { state: 2 }, news: 'disabled' });
    // Long in trouble, but this delivery has attempts left.
    const more = after({ ...well, failures: 12, failing_since: 1 }, tried({ attempts: 3, probe: true }));
    expect(more).toMatchObject({ standing: { disabled_at: null }, delivery: { state: 0 }, news: null });
  });

  test('410 is the end of both at once; told once', () => {
    const gone = after(well, tried({ status: 410, fault: 'It answered 410.' }));
    expect(gone).toMatchObject({ delivery: { state: 2, attempts: 1 }, news: 'disabled' });
    expect(after(gone.standing, tried({ status: 410, fault: 'It answered 410.' })).news).toBeNull();
  });

  test('at a disabled endpoint is the end of its delivery', () => {
    const off = { ...well, disabled_at: 3, disabled_why: 'Disabled by ana.' };
    expect(after(off, tried())).toMatchObject({
      standing: { disabled_at: 3, disabled_why: 'Disabled by ana.' },
      delivery: { state: 2 },
      news: null,
    });
  });
});
