import { createHash } from 'node:crypto';

/** A digest of a JSON value that does not depend on the order in which its fields were written. */
export const digestOfJson = (value: unknown): Buffer => createHash('sha256').update(canonical(value)).digest();

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const fields = Object.entries(value).filter(([, part]) => part !== undefined);
  fields.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${fields.map(([name, part]) => `${JSON.stringify(name)}:${canonical(part)}`).join(',')}}`;
}

/** Models write "now" and "the usual sender" in two ways: left out, or as 0 and as an empty text. */
const DEFAULTS: Readonly<Record<string, unknown>> = { schedule: 0, from: '' };

/** Arguments without what only spells out a default, so that both ways are one call. */
export function withoutDefaults(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDefaults);
  if (typeof value !== 'object' || value === null) return value;
  const told = Object.entries(value).filter(
    ([name, part]) => part !== null && !(Object.hasOwn(DEFAULTS, name) && DEFAULTS[name] === part),
  );
  return Object.fromEntries(told.map(([name, part]) => [name, withoutDefaults(part)]));
}
