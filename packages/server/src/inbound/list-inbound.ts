import type { Body, Params, Query } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import { smsInboundSearch } from '@veredus/contract/endpoints/sms-inbound';
import { makePage } from '@veredus/contract/page';
import type { Clock } from '@veredus/protocols/clock';
import type { Answer } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import { asAccount, type Database } from '../db/db.ts';
import { listUrl } from '../list-url.ts';
import { parseMessageId } from '../messages/ids.ts';
import { Refusal } from '../refusal.ts';
import { showInbound } from './show-inbound.ts';
import { countUnread, findReply, findUnread, hasPollRule, markTextRead, markTextsRead } from './store-list.ts';

export interface InboundParts {
  db: Database;
  clock: Clock;
  /** Where callers reach this server, without a slash at its end; known once it listens. */
  publicUrl: () => string;
}

/** The most unread messages that are counted, searched and paged through, as with receipts. */
export const COUNTED_TEXTS = 10_000;

/**
 * A page of the account's unread messages from handsets, in the order they came unless told otherwise. Reading marks nothing. They
 * were kept for polling when they came; whether there is a POLL rule now only changes the words.
 */
export async function listInbound(
  { db, publicUrl }: InboundParts,
  { accountId }: Caller,
  query: Query<Endpoints['smsInbound']>,
): Promise<Answer<Endpoints['smsInbound']>> {
  const { page, limit } = query;
  const slice = { skip: (page - 1) * limit, count: limit, most: COUNTED_TEXTS };
  return asAccount(db, accountId, async (tx) => {
    const { total, rows } = await findUnread(tx, accountId, query, slice);
    // Without a search what matches is all there is.
    const unread = query.q.length === 0 ? total : await countUnread(tx, accountId, COUNTED_TEXTS);
    const words = wordsFor(await hasPollRule(tx, accountId), unread);
    const url = listUrl(publicUrl(), '/v3/sms/inbound', query, smsInboundSearch.order);
    return { data: makePage({ total, page, limit, rows: rows.map(showInbound), url }), words };
  });
}

function wordsFor(polled: boolean, unread: number): string {
  const rule = polled ? '' : ' There is no enabled POLL inbound rule, so new ones are not kept here.';
  if (unread < COUNTED_TEXTS) return `Inbound messages.${rule}`;
  return `Inbound messages.${rule} Only ${COUNTED_TEXTS} are listed and searched; mark them as read to see the others.`;
}

/**
 * The first answer to a message of the account, whether marked as read or not and whatever the rules.
 *
 * @throws Refusal not-found where the account has no such message, or nobody answered it yet.
 */
export async function readReply(
  { db }: Pick<InboundParts, 'db'>,
  { accountId }: Caller,
  { original_message_id: messageId }: Params<Endpoints['smsInboundReply']>,
): Promise<Answer<Endpoints['smsInboundReply']>> {
  const id = parseMessageId(messageId);
  const found = id && (await asAccount(db, accountId, (tx) => findReply(tx, accountId, id)));
  if (!found) throw new Refusal('not-found', `There is no answer to a message ${messageId.slice(0, 40)}.`);
  return { data: showInbound(found), words: 'Inbound message.' };
}

/** Marks the account's unread messages from handsets as read: all, or those that came before `date_before` (unix seconds). */
export async function markInboundRead(
  { db, clock }: Pick<InboundParts, 'db' | 'clock'>,
  { accountId }: Caller,
  body: Body<Endpoints['smsInboundRead']>,
): Promise<Answer<Endpoints['smsInboundRead']>> {
  const before = body?.date_before == null ? null : body.date_before * 1000;
  await asAccount(db, accountId, (tx) => markTextsRead(tx, accountId, clock.now(), before));
  return { data: null, words: 'Inbound messages marked as read.' };
}

/**
 * Marks one message from a handset as read; answers 1, or 0 where it was marked before.
 *
 * @throws Refusal not-found for one that is not the account's.
 */
export async function markOneRead(
  { db, clock }: Pick<InboundParts, 'db' | 'clock'>,
  { accountId }: Caller,
  { message_id: messageId }: Params<Endpoints['smsInboundReadOne']>,
): Promise<Answer<Endpoints['smsInboundReadOne']>> {
  const id = parseMessageId(messageId);
  const marked =
    id === null ? null : await asAccount(db, accountId, (tx) => markTextRead(tx, accountId, id, clock.now()));
  if (marked === null) throw new Refusal('not-found', `There is no inbound message ${messageId.slice(0, 40)}.`);
  return { data: marked, words: marked === 1 ? 'Marked as read.' : 'It was marked as read before.' };
}
