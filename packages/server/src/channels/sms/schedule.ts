/** How far ahead a message may be scheduled, in calendar months (ClickSend's v3 contract says 4). */
const MONTHS_AHEAD = 4;

/**
 * The last moment a schedule may name, in ms: the same day and time 4 calendar months on, or that month's last day where
 * it has no such day (31 October to 28 February).
 */
export function latestSchedule(now: number): number {
  const date = new Date(now);
  const month = date.getUTCMonth() + MONTHS_AHEAD;
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), month + 1, 0)).getUTCDate();
  return Date.UTC(
    date.getUTCFullYear(),
    month,
    Math.min(date.getUTCDate(), lastDay),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
    date.getUTCMilliseconds(),
  );
}
