import type { Operator, Order, Pair } from '@veredus/contract/search';

/** What a list was asked for, beside its page. */
export interface ListQuery {
  q?: readonly Pair<string>[];
  operator?: Operator;
  order_by?: Order<string>;
  date_from?: number;
  date_to?: number;
  limit?: number;
}

/**
 * The absolute URL of a list with the terms it was asked for, written again from what was understood of them: following
 * `next_page_url` must stay within the same search. Terms that say what goes without saying are left out.
 *
 * @param base where this server is reached, without a slash at its end.
 * @param path such as `/v3/sms/history`.
 */
export function listUrl(base: string, path: string, query: ListQuery, usual: Order<string>): string {
  const url = new URL(base + path);
  const terms = url.searchParams;
  const { q = [], operator = 'AND', order_by = usual, date_from, date_to, limit = 15 } = query;
  if (q.length > 0) terms.set('q', q.map(({ field, value }) => `${field}:${value}`).join(','));
  if (operator === 'OR') terms.set('operator', operator);
  if (order_by.field !== usual.field || order_by.direction !== usual.direction) {
    terms.set('order_by', `${order_by.field}:${order_by.direction}`);
  }
  if (date_from !== undefined) terms.set('date_from', String(date_from));
  if (date_to !== undefined) terms.set('date_to', String(date_to));
  if (limit !== 15) terms.set('limit', String(limit));
  return url.href;
}
