const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A month has no fixed length in this format, so days stop at 30: more than any centre keeps a message. */
const MOST = 30 * DAY;

const two = (number: number): string => String(Math.floor(number)).padStart(2, '0');

/**
 * `YYMMDDhhmmss000R`, a span from now (SMPP 3.4 §7.1.1.2). Relative, because the two clocks need not agree. At least a
 * second, at most 30 days.
 */
export function relativeTime(milliseconds: number): string {
  const span = Math.min(MOST, Math.max(SECOND, milliseconds));
  return `0000${two(span / DAY)}${two((span % DAY) / HOUR)}${two((span % HOUR) / MINUTE)}${two((span % MINUTE) / SECOND)}000R`;
}
