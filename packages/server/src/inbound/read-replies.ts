import type { Clock } from '@veredus/protocols/clock';
import type { Runner } from '../db/runner.ts';
import { inTransaction, type Pool } from '../db/transaction.ts';
import { Channel } from '../messages/message.ts';
import { type Keyword, readKeyword } from '../suppression/keywords.ts';
import { optIn, optOut } from '../suppression/opt-out.ts';
import { keepTexts, type Reply } from './keep-texts.ts';
import { dropRepeats, findAnswered, findParts, findUnread, lockUnread } from './store-unread.ts';
import { addressOf, partsAmong, type Text, textsOf } from './text.ts';

export interface ReplyParts {
  pool: Pool;
  clock: Clock;
  /** Called after whole texts were committed: rules may be asked about them. */
  textsStored?(): void;
  log(event: string, facts: Record<string, unknown>): void;
}

export interface ReplyReader {
  /** Something was stored: it is read at once, without anybody waiting for it. */
  wake(): void;
  /** Reads all that is unread, and what comes meanwhile. Never two rounds at once. */
  run(): Promise<void>;
  /** Resolves when the message under way is done with; the rest is read after the next start. */
  stop(): Promise<void>;
}

/** Rows of one look. */
const CHUNK = 200;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

/**
 * Reads what handsets wrote: obeys who opts out or in, and keeps each whole text for its account's rules and for polling. Whether
 * a stored message was read stands in its row and is said in the transaction that keeps the text, so each is read exactly once, also
 * when the process dies between storing and reading, and when several read.
 */
export function replyReader(parts: ReplyParts): ReplyReader {
  let underWay: Promise<void> | null = null;
  let again = false;
  let stopped = false;
  const rounds = async () => {
    do {
      again = false;
      await readUnread(parts, () => stopped);
    } while (again && !stopped);
  };
  const run = () => {
    again = true;
    underWay ??= rounds().finally(() => {
      underWay = null;
    });
    return underWay;
  };
  const wake = () => void run().catch((error: Error) => parts.log('inbound.read-failed', { error: error.message }));
  const stop = async () => {
    stopped = true;
    await underWay?.catch(() => {});
  };
  return { wake, run, stop };
}

/**
 * One look through everything unread. What fails stays unread for the next look, and keeps nobody else waiting: but the
 * START of a handset waits for its STOP.
 */
async function readUnread(parts: ReplyParts, stopped: () => boolean): Promise<void> {
  const failed = new Set<string>();
  for (let after = BEFORE_ALL; !stopped(); ) {
    const rows = await findUnread(parts.pool, after, CHUNK);
    if (rows.length === 0) return;
    after = rows.at(-1)!.id;
    const some = partsAmong(rows);
    if (some.length > 0) await dropRepeats(parts.pool, some, parts.clock.now());
    const others = some.length > 0 ? await findParts(parts.pool, some) : [];
    await readTexts(parts, textsOf(rows, others, parts.clock.now()), { stopped, failed });
  }
}

interface Round {
  stopped: () => boolean;
  /** Handsets, by account, of which a text could not be obeyed. */
  failed: Set<string>;
}

async function readTexts(parts: ReplyParts, texts: readonly Text[], { stopped, failed }: Round): Promise<void> {
  if (texts.length === 0) return;
  const replies = await whatTheyAre(parts.pool, texts);
  const asking = replies.filter(asks).sort(asTheyCame);
  for (const reply of asking) {
    if (stopped()) return;
    const who = `${reply.accountId} ${reply.handset}`;
    if (reply.keyword!.kind === 'opt-in' && failed.has(who)) continue;
    await inTransaction(parts.pool, (client) => obey(client, reply, parts.clock.now())).catch((error: Error) => {
      failed.add(who);
      parts.log('inbound.read-failed', { inbound: reply.text.ids[0], error: error.message });
    });
  }
  // What a handset writes after a STOP that could not be obeyed waits with it: a rule might answer it meanwhile.
  const waits = (reply: Reply) => failed.has(`${reply.accountId} ${reply.handset}`);
  await keepOrdinary(
    parts,
    replies.filter((reply) => !asks(reply) && !waits(reply)),
  );
  const forNobody = replies.filter(({ accountId }) => accountId === null).length;
  if (forNobody > 0)
    parts.log('inbound.for-nobody', {
      texts: forNobody,
      why: 'no account owns the number, or has written to the handset from it',
    });
  if (forNobody < replies.length) parts.textsStored?.();
}

async function whatTheyAre(pool: Pool, texts: readonly Text[]): Promise<Reply[]> {
  const addresses = texts.map(({ row }) => addressOf(row));
  const answered = await findAnswered(pool, addresses);
  return texts.map((text, i): Reply => {
    const { handset, country, numbers } = addresses[i]!;
    return {
      text,
      handset,
      number: numbers.at(-1)!,
      reachable: country !== '',
      accountId: answered[i]!.account_id ?? text.row.account_id,
      answered: answered[i]!,
      keyword: keywordOf(text, country),
    };
  });
}

/** Together; and when that fails each alone, so that one that cannot be kept keeps no other from being read. */
async function keepOrdinary(parts: ReplyParts, replies: readonly Reply[]): Promise<void> {
  if (replies.length === 0) return;
  const keep = (some: readonly Reply[]) =>
    inTransaction(parts.pool, (client) => keepTexts(client, some, parts.clock.now()));
  await keep(replies).catch(async (fault: Error) => {
    if (replies.length === 1)
      parts.log('inbound.read-failed', { inbound: replies[0]!.text.ids[0], error: fault.message });
    else for (const reply of replies) await keepOrdinary(parts, [reply]);
  });
}

/** Of a text that is not whole nobody knows that a keyword is all of it. */
function keywordOf({ body, whole }: Text, country: string): Keyword | null {
  const keyword = readKeyword(body, country);
  if (whole || keyword?.kind === 'review') return keyword;
  return keyword?.kind === 'opt-out' ? { ...keyword, kind: 'review' } : null;
}

const asks = ({ keyword, reachable, accountId }: Reply): boolean =>
  keyword !== null && keyword.kind !== 'help' && reachable && accountId !== null;

/** In the order in which the texts were written, as far as it is known: at one time, by their ids. */
function asTheyCame({ text: a }: Reply, { text: b }: Reply): number {
  return a.ended - b.ended || (a.ids[0]! < b.ids[0]! ? -1 : 1);
}

/**
 * Does what the handset asks for, and keeps the text as read, in one transaction. It was asked for when the text came, however
 * late it is read: a START that was kept waiting lifts nothing that came after it. Of a text in parts, in doubt, what keeps
 * messages from leaving: START from its first part on, STOP until its last.
 */
async function obey(client: Runner, reply: Reply, now: number): Promise<void> {
  const { text, answered, keyword, handset } = reply;
  const optsIn = keyword!.kind === 'opt-in';
  if ((await lockUnread(client, text.ids)).size < text.ids.length) return;
  const request = {
    accountId: reply.accountId!,
    channel: Channel.sms,
    address: handset,
    at: optsIn ? text.began : text.ended,
    how: 'keyword',
    words: text.body,
    messageId: answered.message_id,
    inboundId: text.ids[0]!,
    campaignId: answered.campaign_id,
  } as const;
  if (optsIn) await optIn(client, request);
  else await optOut(client, { ...request, provisional: keyword!.kind === 'review', listId: answered.list_id });
  await keepTexts(client, [reply], now);
}
