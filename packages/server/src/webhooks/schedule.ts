const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Before each attempt, from the one before it (Standard Webhooks 1.0): the last is made after 75.6 hours. */
const PAUSES_MS = [
  0,
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];
/** After this nothing more is tried by itself, however few attempts an endpoint in trouble left room for. */
export const GIVE_UP_MS = 76 * HOUR;
/** An endpoint is disabled when it failed for so long without a single success: as long as one delivery is tried. */
export const DISABLE_AFTER_MS = 75 * HOUR;
/** So that what failed together does not come back together. */
const JITTER = 0.05;
const RETRY_AFTER_MOST_MS = 24 * HOUR;

/** After so many failures in a row the breaker opens. */
export const OPENS_AT = 5;
const BREAKER_FIRST_MS = 5 * SECOND;
const BREAKER_MOST_MS = 5 * MINUTE;

/** When to try again after `attempts` failures; null = not any more. `random` is a number in [0, 1). */
export function nextAttempt(
  { attempts, at, giveUpAt }: { attempts: number; at: number; giveUpAt: number },
  random: number,
): number | null {
  const pause = PAUSES_MS[attempts];
  if (pause === undefined || at >= giveUpAt) return null;
  return Math.min(at + Math.round(pause * (1 + JITTER * random)), giveUpAt);
}

/** How long an endpoint is left alone after its nth failure in a row; null while the breaker stays closed. */
export function breakerPause(failures: number, random: number): number | null {
  if (failures < OPENS_AT) return null;
  const pause = Math.min(BREAKER_FIRST_MS * 2 ** (failures - OPENS_AT), BREAKER_MOST_MS);
  return Math.round(pause * (1 - JITTER * random));
}

/** Retry-After in ms from now, in seconds or as an HTTP date (RFC 9110, 10.2.3); null where it asks for nothing. */
export function readRetryAfter(text: string | null, now: number): number | null {
  if (text === null) return null;
  const pause = /^\s*\d{1,12}\s*$/.test(text) ? Number(text) * SECOND : Date.parse(text) - now;
  return pause > 0 ? Math.min(pause, RETRY_AFTER_MOST_MS) : null;
}
