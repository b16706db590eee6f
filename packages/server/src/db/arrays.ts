/**
 * PostgreSQL array literals for the chunk statements (`unnest($1::uuid[], $2::text[], …)`). Written here rather than by the
 * driver because the driver quotes and inspects each element; and by `join` rather than piece by piece, which would leave
 * a string behind for each of some twenty-five columns a message.
 */

/** Numbers, booleans and UUIDs: nothing in them can need quoting. */
export function plain(values: readonly (number | boolean | string | null)[]): string {
  const known = values.includes(null) ? values.map((value) => value ?? 'NULL') : values;
  return `{${known.join(',')}}`;
}

/** Stands between elements while it is not known whether one of them needs quoting; PostgreSQL's text cannot hold it. */
const BETWEEN = '\u0000';
const NEEDS_ESCAPE = /["\\]/;
const ESCAPE = /["\\]/g;

const quote = (value: string): string =>
  NEEDS_ESCAPE.test(value) ? `"${value.replace(ESCAPE, '\\$&')}"` : `"${value}"`;

/** Any text. The caller has removed U+0000, which PostgreSQL cannot hold. */
export function texts(values: readonly (string | null)[]): string {
  if (values.length === 0) return '{}';
  if (values.includes(null)) return `{${values.map((value) => (value === null ? 'NULL' : quote(value))).join(',')}}`;
  const joined = values.join(BETWEEN);
  if (NEEDS_ESCAPE.test(joined)) return `{${values.map((value) => quote(value as string)).join(',')}}`;
  return `{"${joined.replaceAll(BETWEEN, '","')}"}`;
}
