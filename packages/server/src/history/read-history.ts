import type { Query } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import { smsHistorySearch } from '@veredus/contract/endpoints/sms-history';
import { makePage } from '@veredus/contract/page';
import type { Clock } from '@veredus/protocols/clock';
import type { Answer } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import type { Database } from '../db/db.ts';
import { listUrl } from '../list-url.ts';
import { Refusal } from '../refusal.ts';
import { historyRow } from './row.ts';
import { readSearch } from './search.ts';
import { findPage, TIME_LIMIT_MS } from './store.ts';

export interface HistoryParts {
  db: Database;
  clock: Clock;
  /** Where callers reach this server, without a slash at its end; known once it listens. */
  publicUrl: () => string;
}

const SECONDS = TIME_LIMIT_MS / 1000;
const HOW_TO_NARROW = `Narrow it with date_from and date_to, or search by message_id, status or a whole custom_string, in the order of date.`;

/**
 * A page of the caller's account's SMS, oldest first unless told otherwise, and a sentence about it. Searches inside texts
 * and unusual orders are given up after 2 s: the sentence says so.
 *
 * @throws Refusal bad-request for a search that took too long, or a time in `q` that is none.
 */
export async function readHistory(
  { db, clock, publicUrl }: HistoryParts,
  caller: Caller,
  query: Query<Endpoints['smsHistory']>,
): Promise<Answer<Endpoints['smsHistory']>> {
  const now = clock.now();
  const seen = { accountId: caller.accountId, now };
  const { page, limit } = query;
  const found = await withinTime(() => findPage(db, readSearch(query, caller.accountId), seen, { page, limit }));
  const rows = found.rows.map((row) => historyRow(row, now));
  const url = listUrl(publicUrl(), '/v3/sms/history', query, smsHistorySearch.order);
  return {
    data: makePage({ total: found.total, page, limit, rows, url }),
    words: found.compared
      ? `History. This search compares messages one by one and is given up after ${SECONDS} seconds. ${HOW_TO_NARROW}`
      : 'History.',
  };
}

/** PostgreSQL's query_canceled, which here only the statement's time limit causes. */
const QUERY_CANCELED = '57014';

async function withinTime<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isCanceled(error)) throw error;
    const words = `This search was given up after ${SECONDS} seconds: it compares messages one by one. ${HOW_TO_NARROW}`;
    throw new Refusal('bad-request', words, { fields: { q: words } });
  }
}

const isCanceled = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === QUERY_CANCELED;
