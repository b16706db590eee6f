import { breakerPause, DISABLE_AFTER_MS, nextAttempt, OPENS_AT } from './schedule.ts';
import { Delivery } from './store.ts';

/** How an endpoint stands, as far as attempts change it. Times in ms. */
export interface Standing {
  failures: number;
  failing_since: number | null;
  blocked_until: number | null;
  disabled_at: number | null;
  disabled_why: string | null;
  last_attempt_at: number | null;
  last_success_at: number | null;
  last_fault: string | null;
}

/** What an attempt came to, and where its delivery stood. */
export interface Attempted {
  /** Failures before this one, since it was queued or last asked for again. */
  attempts: number;
  giveUpAt: number;
  status: number | null;
  /** What went wrong, in a sentence; null for a success. */
  fault: string | null;
  /** ms from now. */
  retryAfter: number | null;
  startedAt: number;
  /** Now. */
  at: number;
  probe: boolean;
}

export interface DeliveryChange {
  state: number;
  attempts: number;
  next_attempt_at: number | null;
  done_at: number | null;
}

export interface Judged {
  standing: Standing;
  delivery: DeliveryChange;
  news: 'recovered' | 'disabled' | null;
}

/** What an attempt makes of its delivery and of its endpoint. `random` gives numbers in [0, 1). */
export function judge(standing: Standing, attempt: Attempted, random: () => number): Judged {
  return attempt.fault === null ? success(standing, attempt) : failure(standing, attempt, attempt.fault, random);
}

/** Only 2xx is success: a redirect is not followed, so nobody took what it points away from. */
export function isSuccess(status: number | null): boolean {
  return status !== null && status >= 200 && status < 300;
}

/** The first success closes the breaker, whichever delivery it was. */
function success(standing: Standing, { attempts, startedAt, at }: Attempted): Judged {
  const open = standing.failures >= OPENS_AT && standing.disabled_at === null;
  return {
    standing: {
      ...standing,
      failures: 0,
      failing_since: null,
      blocked_until: null,
      last_attempt_at: startedAt,
      last_success_at: startedAt,
    },
    delivery: { state: Delivery.delivered, attempts: attempts + 1, next_attempt_at: null, done_at: at },
    news: open ? 'recovered' : null,
  };
}

function failure(standing: Standing, attempt: Attempted, fault: string, random: () => number): Judged {
  const attempts = attempt.attempts + 1;
  const next = laterOf(attempt, nextAttempt({ ...attempt, attempts }, random()));
  const failed = { ...leftAlone(standing, attempt, random), last_attempt_at: attempt.startedAt, last_fault: fault };
  const why = disabling(failed, attempt, next);
  const disabled = why !== null && standing.disabled_at === null;
  const ends = next === null || why !== null;
  return {
    standing: disabled ? { ...failed, disabled_at: attempt.at, disabled_why: why, blocked_until: null } : failed,
    delivery: {
      state: ends ? Delivery.dead : Delivery.waiting,
      attempts,
      next_attempt_at: ends ? null : next,
      done_at: ends ? attempt.at : null,
    },
    news: disabled ? 'disabled' : null,
  };
}

/** What was under way when the breaker opened tells nothing new. */
function leftAlone(
  standing: Standing,
  { at, startedAt, retryAfter, probe }: Attempted,
  random: () => number,
): Standing {
  const failing_since = standing.failing_since ?? startedAt;
  if (standing.blocked_until !== null && !probe) {
    const asked = retryAfter === null ? 0 : at + retryAfter;
    return { ...standing, failing_since, blocked_until: Math.max(standing.blocked_until, asked) };
  }
  const failures = standing.failures + 1;
  const pause = Math.max(breakerPause(failures, random()) ?? 0, retryAfter ?? 0);
  return { ...standing, failures, failing_since, blocked_until: pause > 0 ? at + pause : null };
}

/** When the endpoint asks for a longer pause than ours it gets it, within the time a delivery has. */
function laterOf({ at, giveUpAt, retryAfter }: Attempted, next: number | null): number | null {
  if (next === null || retryAfter === null) return next;
  return Math.min(Math.max(next, at + retryAfter), giveUpAt);
}

/** Why an endpoint is tried no more, in a sentence for its owner; null = it is. */
function disabling(standing: Standing, { status, at }: Attempted, next: number | null): string | null {
  if (standing.disabled_at !== null) return standing.disabled_why ?? '';
  if (status === 410) return 'It answered 410 Gone, which asks for nothing more to be sent.';
  const since = standing.failing_since ?? at;
  if (next !== null || at - since < DISABLE_AFTER_MS) return null;
  return `Every attempt has failed since ${new Date(since).toISOString().slice(0, 16).replace('T', ' ')} UTC.`;
}
