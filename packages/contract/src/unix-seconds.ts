/**
 * Times on the v3 wire are unix seconds. The commonest mistake is milliseconds (JavaScript's own unit), the next a date
 * in words; both would be silently far off, so both are refused, with the value that was meant.
 */

/** 10^11 s is the year 5138; as milliseconds it is March 1973. Nothing anyone means lies on the wrong side. */
const MILLISECONDS_FROM = 100_000_000_000;

const EXAMPLE = 1790000000;

export type Seconds = { ok: true; seconds: number } | { ok: false; words: string };

/**
 * Reads a whole number of unix seconds, as a number or as digits.
 *
 * @returns the seconds, or a sentence without a subject ("is in milliseconds; use 1790000000") that shows the right
 *   value wherever one can be told.
 */
export function readSeconds(raw: unknown): Seconds {
  const number = asNumber(raw);
  if (number === null) return { ok: false, words: wordsForText(raw) };
  if (number < 0) return { ok: false, words: `is before 1970; it takes unix seconds, such as ${EXAMPLE}` };
  if (number >= MILLISECONDS_FROM) {
    return { ok: false, words: `is in milliseconds; it takes unix seconds: use ${toSeconds(number)}` };
  }
  if (!Number.isInteger(number)) {
    return { ok: false, words: `takes whole unix seconds: use ${Math.floor(number)}` };
  }
  return { ok: true, seconds: number };
}

/** Reads a message's `schedule`: absent, null, 0 and "" all mean now, answered as null. */
export function readSchedule(raw: unknown): { ok: true; seconds: number | null } | { ok: false; words: string } {
  if (raw === undefined || raw === null || raw === '' || raw === 0 || raw === '0') return { ok: true, seconds: null };
  return readSeconds(raw);
}

function asNumber(raw: unknown): number | null {
  if (typeof raw === 'number') return Number.isFinite(raw) ? raw : null;
  if (typeof raw === 'string' && /^\s*-?\d{1,19}(\.\d{1,9})?\s*$/.test(raw)) return Number(raw);
  return null;
}

/** Milli-, micro- and nanoseconds alike: thousands are taken off until the result is a plausible second. */
function toSeconds(number: number): number {
  let seconds = number;
  while (seconds >= MILLISECONDS_FROM) seconds /= 1000;
  return Math.floor(seconds);
}

function wordsForText(raw: unknown): string {
  const meant = typeof raw === 'string' ? dateInWords(raw.trim()) : null;
  return meant === null
    ? `takes unix seconds, such as ${EXAMPLE}`
    : `is a date in words; it takes unix seconds: use ${meant}`;
}

/** Only ISO dates are guessed at. One without a zone is read as UTC, never as the zone of the machine. */
function dateInWords(text: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}/.test(text)) return null;
  const zoned = text.length <= 10 || /(Z|[+-]\d{2}:?\d{2})$/i.test(text) ? text : `${text}Z`;
  const milliseconds = Date.parse(zoned.replace(' ', 'T'));
  return Number.isNaN(milliseconds) ? null : Math.floor(milliseconds / 1000);
}
