/** An execution as callers know it: `log_` and the 32 digits of its UUID. */
export function logId(uuid: string): string {
  return `log_${uuid.replaceAll('-', '').toLowerCase()}`;
}

/** As it is stored, from what a caller wrote: either form, in either case. Null = no id at all. */
export function uuidOfLogId(text: string): string | null {
  const digits = text.trim().toLowerCase().replace(/^log_/, '').replaceAll('-', '');
  if (!/^[0-9a-f]{32}$/.test(digits)) return null;
  return [0, 8, 12, 16, 20].map((start, i, starts) => digits.slice(start, starts[i + 1])).join('-');
}
