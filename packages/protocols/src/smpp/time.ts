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

const RELATIVE = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\d{3}R$/;
/** Tenths of a second, then the distance to UTC in quarters of an hour. */
const ABSOLUTE = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d)(\d\d)([+-])$/;
const QUARTER = 15 * MINUTE;

/** The moment (ms) that an SMPP time names, absolute or counted from `now` (§7.1.1); null where it names none. */
export function readTime(text: string, now: number): number | null {
  const span = RELATIVE.exec(text);
  if (span !== null) {
    const [years, months, days, hours, minutes, seconds] = span.slice(1).map(Number) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const date = new Date(now);
    // Years and months as the calendar has them.
    const on = Date.UTC(date.getUTCFullYear() + years, date.getUTCMonth() + months, date.getUTCDate() + days);
    return on + (now % DAY) + hours * HOUR + minutes * MINUTE + seconds * SECOND;
  }
  const moment = ABSOLUTE.exec(text);
  if (moment === null) return null;
  const [year, month, day, hour, minute, second, tenths, quarters] = moment.slice(1, 9).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const local = Date.UTC(2000 + year, month - 1, day, hour, minute, second, tenths * 100);
  const written = `20${text.slice(0, 2)}-${text.slice(2, 4)}-${text.slice(4, 6)}T${text.slice(6, 8)}:${text.slice(8, 10)}:${text.slice(10, 12)}`;
  // 31 February would be read as 3 March, and 25 o'clock as the next day.
  if (quarters > 48 || Number.isNaN(local) || !new Date(local).toISOString().startsWith(written)) return null;
  return local - (moment[9] === '+' ? 1 : -1) * quarters * QUARTER;
}
