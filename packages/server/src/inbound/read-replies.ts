import type { Clock } from '@veredus/protocols/clock';
import type { Runner } from '../db/runner.ts';
import { inTransaction, type Pool } from '../db/transaction.ts';
import { Channel } from '../messages/message.ts';
import { type Keyword, readKeyword } from '../suppression/keywords.ts';
import { optIn, optOut } from '../suppression/opt-out.ts';
import { type Answered, findAnswered, findParts, findUnread, lockUnread, markRead, type Read } from './store-unread.ts';
import { addressOf, partsAmong, type Text, textsOf } from './text.ts';

export interface ReplyParts {
  pool: Pool;
  clock: Clock;
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
 * Reads what handsets wrote for an opt-out. Whether a stored message was read stands in its row, so each is read exactly
 * once, also when the process dies between storing and reading.
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
    const some = partsAmong(rows);
    const others = some.length > 0 ? await findParts(parts.pool, some) : [];
    await readTexts(parts, textsOf(rows, others, parts.clock.now()), { stopped, failed });
    after = rows.at(-1)!.id;
  }
}

/** A text, whose it is, and what it asks for. */
interface Reply {
  text: Text;
  handset: string;
  /** Not a telephone: nobody could write to it, or be kept from it. */
  reachable: boolean;
  answered: Answered;
  keyword: Keyword | null;
}

interface Round {
  stopped: () => boolean;
  /** Handsets, by account, of which a text could not be obeyed. */
  failed: Set<string>;
}

async function readTexts(parts: ReplyParts, texts: readonly Text[], { stopped, failed }: Round): Promise<void> {
  if (texts.length === 0) return;
  const addresses = texts.map(({ row }) => addressOf(row));
  const answered = await findAnswered(parts.pool, addresses);
  const replies = texts.map((text, i): Reply => {
    const { handset, country } = addresses[i]!;
    return { text, handset, reachable: country !== '', answered: answered[i]!, keyword: keywordOf(text, country) };
  });
  const asking = replies.filter(asks).sort(asTheyCame);
  const rest = replies.filter((reply) => !asks(reply));
  if (rest.length > 0) await markRead(parts.pool, rest.flatMap(readOf), parts.clock.now());
  for (const reply of asking) {
    if (stopped()) return;
    const who = `${reply.answered.account_id} ${reply.handset}`;
    if (reply.keyword!.kind === 'opt-in' && failed.has(who)) continue;
    await inTransaction(parts.pool, (client) => obey(client, reply, parts.clock.now())).catch((error: Error) => {
      failed.add(who);
      parts.log('inbound.read-failed', { inbound: reply.text.ids[0], error: error.message });
    });
  }
}

/** Of a text that is not whole nobody knows that a keyword is all of it. */
function keywordOf({ body, whole }: Text, country: string): Keyword | null {
  const keyword = readKeyword(body, country);
  if (whole || keyword?.kind === 'review') return keyword;
  return keyword?.kind === 'opt-out' ? { ...keyword, kind: 'review' } : null;
}

const asks = ({ keyword, reachable, answered }: Reply): boolean =>
  keyword !== null && keyword.kind !== 'help' && reachable && answered.account_id !== null;

/** In the order in which the texts were written, as far as it is known: at one time, by their ids. */
function asTheyCame({ text: a }: Reply, { text: b }: Reply): number {
  return a.ended - b.ended || (a.ids[0]! < b.ids[0]! ? -1 : 1);
}

const readOf = ({ text, answered }: Reply): Read[] =>
  text.ids.map((id) => ({ id, accountId: answered.account_id, answersId: answered.message_id }));

/**
 * Does what the handset asks for, and says that it was read, in one transaction. It was asked for when the text came, however
 * late it is read: a START that was kept waiting lifts nothing that came after it. Of a text in parts, in doubt, what keeps
 * messages from leaving: START from its first part on, STOP until its last.
 */
async function obey(client: Runner, reply: Reply, now: number): Promise<void> {
  const { text, answered, keyword, handset } = reply;
  const optsIn = keyword!.kind === 'opt-in';
  if (!(await lockUnread(client, text.ids))) return;
  const request = {
    accountId: answered.account_id!,
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
  await markRead(client, readOf(reply), now);
}
