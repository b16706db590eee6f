import type { SmsInboundField } from '@veredus/contract/endpoints/sms-inbound';
import type { Operator, Order, Pair } from '@veredus/contract/search';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import { type Column, matching, sortColumn } from '../db/matching.ts';
import type { Schema } from '../db/schema.ts';
import { type InboundText, TEXT_COLUMNS, TEXT_SOURCE } from './store-texts.ts';

type Tx = Transaction<Schema>;

export interface InboundSearch {
  q: readonly Pair<SmsInboundField>[];
  operator: Operator;
  order_by: Order<SmsInboundField>;
}

/** Ids in capitals, as they are shown. */
const COLUMNS: Record<SmsInboundField, Column> = {
  timestamp: { number: sql`t.received_at / 1000` },
  from: { text: sql`t.sender` },
  to: { text: sql`t.recipient` },
  message_id: { text: sql`upper(t.id::text)` },
  body: { text: sql`t.body` },
  original_message_id: { text: sql`upper(t.answers_id::text)` },
  custom_string: { text: sql`m.custom_string` },
};

const unread = (accountId: number) => sql`t.account_id = ${accountId}::integer and t.polled and t.read_at is null`;

/** Whether the account asked for its inbound messages to be kept for polling. */
export async function hasPollRule(tx: Tx, accountId: number): Promise<boolean> {
  const { rows } = await sql`select 1 from inbound_rules
    where account_id = ${accountId}::integer and enabled and upper(action) = 'POLL' limit 1`.execute(tx);
  return rows.length > 0;
}

/**
 * The unread texts that are looked through: the first `most`, or the last where the newest are to come first, read off the index of
 * the unread. An account that never marks any as read thus pays for so many with each poll, and no more.
 */
const lookedThrough = (accountId: number, newestFirst: boolean, most: number) =>
  sql`(select t.* from inbound_texts t where ${unread(accountId)} order by t.id ${newestFirst ? sql`desc` : sql`asc`} limit ${most}::bigint)`;

/** How many unread texts there are, counted up to `most`. */
export async function countUnread(tx: Tx, accountId: number, most: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from ${lookedThrough(accountId, false, most)} t`.execute(tx);
  return rows[0]?.count ?? 0;
}

/** How many of the texts looked through match, and a slice of these. */
export async function findUnread(
  tx: Tx,
  accountId: number,
  search: InboundSearch,
  { skip, count, most }: { skip: number; count: number; most: number },
): Promise<{ total: number; rows: InboundText[] }> {
  const { field, direction } = search.order_by;
  const way = direction === 'desc' ? sql`desc` : sql`asc`;
  const newestFirst = field === 'timestamp' && direction === 'desc';
  const from = sql`${lookedThrough(accountId, newestFirst, most)} t
    left join messages m on m.account_id = t.account_id and m.id = t.answers_id where ${matching(search, COLUMNS)}`;
  const total = search.q.length === 0 ? await countUnread(tx, accountId, most) : await countRows(tx, from);
  // By time is by id: they are made as texts come, and a page is then read off the index.
  const order = field === 'timestamp' ? sql`t.id ${way}` : sql`${sortColumn(COLUMNS[field])} ${way}, t.id ${way}`;
  const { rows } = await sql<InboundText>`select ${sql.raw(TEXT_COLUMNS)} from ${from}
    order by ${order} limit ${count}::bigint offset ${skip}::bigint`.execute(tx);
  return { total, rows };
}

async function countRows(tx: Tx, from: RawBuilder<unknown>): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from ${from}`.execute(tx);
  return rows[0]?.count ?? 0;
}

/** The first answer to a message, read or not. */
export async function findReply(tx: Tx, accountId: number, messageId: string): Promise<InboundText | null> {
  const { rows } = await sql<InboundText>`select ${sql.raw(TEXT_COLUMNS)} from ${sql.raw(TEXT_SOURCE)}
    where t.account_id = ${accountId}::integer and t.answers_id = ${messageId}::uuid order by t.id limit 1`.execute(tx);
  return rows[0] ?? null;
}

/** Marks unread texts that came before `before` (ms) as read; null = all of them. */
export async function markTextsRead(tx: Tx, accountId: number, now: number, before: number | null): Promise<void> {
  const older = before === null ? sql`true` : sql`t.received_at < ${before}::bigint`;
  await sql`update inbound_texts t set read_at = ${now}::bigint where ${unread(accountId)} and ${older}`.execute(tx);
}

/** Marks one text as read. Answers how many were unread until now, or null where there is no such text. */
export async function markTextRead(tx: Tx, accountId: number, id: string, now: number): Promise<number | null> {
  const one = sql`t.account_id = ${accountId}::integer and t.id = ${id}::uuid`;
  const marked = await sql`update inbound_texts t set read_at = ${now}::bigint
    where ${one} and t.read_at is null returning 1`.execute(tx);
  if (marked.rows.length > 0) return marked.rows.length;
  const { rows } = await sql`select 1 from inbound_texts t where ${one}`.execute(tx);
  return rows.length > 0 ? 0 : null;
}

/** Keeps a made-up text, to be polled; the rules are not asked about it. */
export async function insertTestText(tx: Tx, text: InboundText): Promise<void> {
  await sql`insert into inbound_texts (id, account_id, received_at, sender, recipient, body, test, depth, rules_at, polled)
    values (${text.id}::uuid, ${text.account_id}, ${text.received_at}, ${text.sender}, ${text.recipient}, ${text.body}, true,
      ${text.depth}, ${text.received_at}, true)`.execute(tx);
}
