import type { Runner } from '../db/runner.ts';
import { insertEvents } from '../events/store-insert.ts';
import { showMessageId } from '../messages/ids.ts';
import type { Keyword } from '../suppression/keywords.ts';
import { insertTexts, type NewText } from './store-texts.ts';
import { type Answered, lockUnread, markRead } from './store-unread.ts';
import type { Text } from './text.ts';

/** A text, whose it is, and what it asks for. */
export interface Reply {
  text: Text;
  handset: string;
  /** The number written to, international where it can be read so. */
  number: string;
  /** Not a telephone: nobody could write to it, or be kept from it. */
  reachable: boolean;
  /** Null = nobody's; the platform keeps it, and shows it to nobody. */
  accountId: number | null;
  answered: Answered;
  keyword: Keyword | null;
}

/**
 * Keeps texts as read: each for its account's rules, with the event that tells of it. A text that somebody else has read
 * meanwhile, or a part of it, is left for the next look. Chunk statements, in the caller's transaction.
 */
export async function keepTexts(client: Runner, replies: readonly Reply[], now: number): Promise<void> {
  const locked = await lockUnread(
    client,
    replies.flatMap(({ text }) => text.ids),
  );
  const ours = replies.filter(({ text }) => text.ids.every((id) => locked.has(id)));
  if (ours.length === 0) return;
  await markRead(
    client,
    ours.flatMap(({ text, accountId, answered }) =>
      text.ids.map((id) => ({ id, accountId, answersId: answered.message_id })),
    ),
    now,
  );
  const known = ours.flatMap((reply) => (reply.accountId === null ? [] : [textOf(reply, reply.accountId)]));
  if (known.length === 0) return;
  await insertTexts(client, known);
  await insertEvents(
    client,
    known.map((text) => ({ accountId: text.account_id, at: now, kind: 'inbound.received', facts: factsOf(text) })),
  );
}

const textOf = ({ text, handset, number, answered, keyword }: Reply, accountId: number): NewText => ({
  id: text.ids[0]!,
  account_id: accountId,
  received_at: text.ended,
  sender: handset,
  recipient: number,
  body: text.body,
  answers_id: answered.message_id,
  keyword: keyword?.kind ?? null,
  whole: text.whole,
});

const factsOf = (text: NewText) => ({
  message_id: showMessageId(text.id),
  from: text.sender,
  to: text.recipient,
  body: text.body,
  original_message_id: text.answers_id === null ? null : showMessageId(text.answers_id),
  timestamp: Math.floor(text.received_at / 1000),
});
