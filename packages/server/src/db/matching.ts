import type { Operator, Pair } from '@veredus/contract/search';
import { type RawBuilder, sql } from 'kysely';
import { escapeLike } from './escape-like.ts';

/** What a field of `q` is compared with: a text to look inside of, or a number that must be equal. */
export type Column = { text: RawBuilder<unknown> } | { number: RawBuilder<unknown> };

/** The condition that `q` and `operator` of a list make. */
export function matching<F extends string>(
  { q, operator }: { q: readonly Pair<F>[]; operator: Operator },
  columns: Readonly<Record<F, Column>>,
): RawBuilder<unknown> {
  if (q.length === 0) return sql`true`;
  const pairs = q.map(({ field, value }) => matchingPair(columns[field], value));
  return sql`(${sql.join(pairs, operator === 'OR' ? sql` or ` : sql` and `)})`;
}

function matchingPair(column: Column, value: string): RawBuilder<unknown> {
  // An empty value matches whatever stands in the field (ClickSend's v3 search).
  if (value === '') return sql`true`;
  // PostgreSQL's text holds no U+0000, so no stored text contains one.
  if (value.includes('\u0000')) return sql`false`;
  if ('number' in column) return /^\d{1,15}$/.test(value) ? sql`${column.number} = ${value}::bigint` : sql`false`;
  return sql`coalesce(${column.text}, '') ilike ${`%${escapeLike(value.toWellFormed())}%`} escape '\\'`;
}

/** What a list is sorted by. */
export const sortColumn = (column: Column): RawBuilder<unknown> => ('number' in column ? column.number : column.text);
