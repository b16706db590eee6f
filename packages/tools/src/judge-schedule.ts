/** What of a message or a recipient is asked for, as far as it concerns its time. */
export interface Scheduled {
  readonly schedule?: number | undefined;
}

/**
 * Words where a time that was asked for had passed; null where it had not. The answer says when the target took the call (its
 * date) and when it is due there (its schedule): whose clock it is does not matter then, and of a repetition it is that of the
 * first call.
 */
export function passedWords({ schedule: asked = 0 }: Scheduled, answered: unknown): string | null {
  if (asked === 0 || typeof answered !== 'object' || answered === null) return null;
  const { schedule, date, date_added } = answered as Record<string, unknown>;
  const due = secondsOf(schedule);
  const taken = secondsOf(date ?? date_added);
  const passed = (taken !== null && asked <= taken) || (due !== null && asked < due);
  return passed ? `schedule ${asked} is ${timeOf(asked)}, which had passed, so that nothing waits for it.` : null;
}

/** Some answers hold digits in place of a number; empty text and 0 are no time. */
function secondsOf(value: unknown): number | null {
  const digits = typeof value === 'number' || (typeof value === 'string' && /^\d+$/.test(value));
  return digits && Number(value) > 0 ? Number(value) : null;
}

const timeOf = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
