import type { Body, Params, Query } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import { smsReceiptSearch } from '@veredus/contract/endpoints/sms-receipts';
import { makePage } from '@veredus/contract/page';
import type { Clock } from '@veredus/protocols/clock';
import type { Answer } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import { asAccount, type Database } from '../db/db.ts';
import { listUrl } from '../list-url.ts';
import { parseMessageId } from '../messages/ids.ts';
import { Refusal } from '../refusal.ts';
import { type Receipt, showReceipt } from './show-receipt.ts';
import { countUnread, findReceipt, findUnread, hasPollRule, markRead } from './store.ts';

export interface ReceiptParts {
  db: Database;
  clock: Clock;
  /** Where callers reach this server, without a slash at its end; known once it listens. */
  publicUrl: () => string;
}

/**
 * The most unread receipts that are counted and paged through: an account that never marks any as read would otherwise
 * pay for counting millions of them with each poll. Who handles these and marks them sees the next.
 */
export const COUNTED_RECEIPTS = 10_000;

/**
 * A page of the account's unread receipts, in the order they came unless told otherwise. Reading marks nothing. Without an
 * enabled POLL receipt rule the list is empty, as in ClickSend's v3.
 */
export async function listReceipts(
  { db, publicUrl }: ReceiptParts,
  caller: Caller,
  query: Query<Endpoints['smsReceipts']>,
): Promise<Answer<Endpoints['smsReceipts']>> {
  const { accountId } = caller;
  const { page, limit } = query;
  return asAccount(db, accountId, async (tx) => {
    const polled = await hasPollRule(tx, accountId);
    const total = polled ? await countUnread(tx, accountId, COUNTED_RECEIPTS) : 0;
    const rows = await findSlice(tx, accountId, query, total);
    const url = listUrl(publicUrl(), '/v3/sms/receipts', query, smsReceiptSearch.order);
    return { data: makePage({ total, page, limit, rows, url }), words: wordsFor(polled, total) };
  });
}

function wordsFor(polled: boolean, total: number): string {
  if (!polled) return 'Receipts. There is no enabled POLL delivery receipt rule, so none are listed.';
  if (total < COUNTED_RECEIPTS) return 'Receipts.';
  return `Receipts. Only the first ${COUNTED_RECEIPTS} are listed; mark them as read to see the others.`;
}

type Tx = Parameters<typeof findUnread>[0];

/** By time a page is read off the index. For any other order the receipts counted are few enough to be sorted here. */
async function findSlice(
  tx: Tx,
  accountId: number,
  { page, limit, order_by }: Query<Endpoints['smsReceipts']>,
  total: number,
): Promise<Receipt[]> {
  const skip = (page - 1) * limit;
  const count = Math.min(limit, total - skip);
  if (count <= 0) return [];
  const byTime = order_by.field === 'timestamp';
  const newestFirst = byTime && order_by.direction === 'desc';
  const slice = byTime ? { skip, count, newestFirst } : { skip: 0, count: total, newestFirst };
  const rows = (await findUnread(tx, accountId, slice)).map(showReceipt);
  return byTime ? rows : rows.sort(comparing(order_by)).slice(skip, skip + count);
}

/** Receipts without the value come last ascending and first descending, as in history. */
function comparing({ field, direction }: Query<Endpoints['smsReceipts']>['order_by']) {
  const sign = direction === 'asc' ? 1 : -1;
  return (left: Receipt, right: Receipt): number => {
    const [a, b] = [left[field], right[field]];
    if (a === b) return 0;
    if (a === null || b === null) return a === null ? sign : -sign;
    return a < b ? -sign : sign;
  };
}

/**
 * The newest receipt of one message, whether marked as read or not and whatever the rules.
 *
 * @throws Refusal not-found where the account has no such message, or no receipt of it yet.
 */
export async function readReceipt(
  { db }: Pick<ReceiptParts, 'db'>,
  caller: Caller,
  { message_id }: Params<Endpoints['smsReceipt']>,
): Promise<Answer<Endpoints['smsReceipt']>> {
  const id = parseMessageId(message_id);
  const found = id && (await asAccount(db, caller.accountId, (tx) => findReceipt(tx, caller.accountId, id)));
  if (!found) throw new Refusal('not-found', `There is no receipt of a message ${message_id.slice(0, 40)}.`);
  return { data: showReceipt(found), words: 'Receipt.' };
}

/** Marks the account's unread receipts as read: all, or those that came before `date_before` (unix seconds). */
export async function markReceiptsRead(
  { db, clock }: Pick<ReceiptParts, 'db' | 'clock'>,
  caller: Caller,
  body: Body<Endpoints['smsReceiptsRead']>,
): Promise<Answer<Endpoints['smsReceiptsRead']>> {
  const before = body?.date_before == null ? null : body.date_before * 1000;
  await asAccount(db, caller.accountId, (tx) => markRead(tx, caller.accountId, clock.now(), before));
  return { data: null, words: 'Receipts marked as read.' };
}
