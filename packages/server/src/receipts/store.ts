import { sql, type Transaction } from 'kysely';
import type { Schema } from '../db/schema.ts';
import { Channel } from '../messages/message.ts';
import type { Status } from '../messages/status.ts';

type Tx = Transaction<Schema>;

/** A receipt that moved its message, with what of the message is shown beside it. Times in ms. */
export interface StoredReceipt {
  message_id: string;
  received_at: number;
  /** Null when the receipt outran the response that would have set it. */
  submitted_at: number | null;
  created_at: number;
  status: Status;
  error_code: number | null;
  custom_string: string;
  user_id: number;
  price_micro: number;
}

const COLUMNS = sql`r.message_id, r.received_at, m.submitted_at, m.created_at, r.status, r.error_code, m.custom_string, m.user_id, m.price_micro`;
const MESSAGE = sql`messages m on m.account_id = r.account_id and m.id = r.message_id and m.channel = ${Channel.sms}::smallint`;

/** Receipts that are shown: those that moved their message. Repeats and intermediate reports did not. */
const unread = (accountId: number) =>
  sql`r.account_id = ${accountId}::integer and r.read_at is null and r.status is not null`;

/** Whether the account asked for its receipts to be kept for polling. */
export async function hasPollRule(tx: Tx, accountId: number): Promise<boolean> {
  const { rows } = await sql`select 1 from receipt_rules
    where account_id = ${accountId}::integer and enabled and channel = 'sms' and upper(action) = 'POLL' limit 1`.execute(
    tx,
  );
  return rows.length > 0;
}

/** How many receipts are unread, counted on the index of the unread up to `most`. */
export async function countUnread(tx: Tx, accountId: number, most: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from (select 1 from receipts r where ${unread(accountId)} limit ${most}::bigint) r`.execute(
    tx,
  );
  return rows[0]?.count ?? 0;
}

/** A slice of the unread receipts in the order they came (their ids are UUIDv7), or from the newest backwards. */
export async function findUnread(
  tx: Tx,
  accountId: number,
  slice: { skip: number; count: number; newestFirst: boolean },
): Promise<StoredReceipt[]> {
  const direction = slice.newestFirst ? sql`desc` : sql`asc`;
  const { rows } = await sql<StoredReceipt>`
    select ${COLUMNS} from (
      select * from receipts r where ${unread(accountId)}
      order by r.id ${direction} limit ${slice.count}::bigint offset ${slice.skip}::bigint
    ) r join ${MESSAGE} order by r.id ${direction}`.execute(tx);
  return rows;
}

/** The newest receipt that moved this message, read or not; null when there is none. */
export async function findReceipt(tx: Tx, accountId: number, messageId: string): Promise<StoredReceipt | null> {
  const { rows } = await sql<StoredReceipt>`
    select ${COLUMNS} from receipts r join ${MESSAGE}
    where r.message_id = ${messageId}::uuid and r.account_id = ${accountId}::integer and r.status is not null
    order by r.id desc limit 1`.execute(tx);
  return rows[0] ?? null;
}

/** Marks unread receipts that came before `before` (ms) as read; null = all of them. */
export async function markRead(tx: Tx, accountId: number, now: number, before: number | null): Promise<void> {
  const older = before === null ? sql`true` : sql`r.received_at < ${before}::bigint`;
  await sql`update receipts r set read_at = ${now}::bigint where ${unread(accountId)} and ${older}`.execute(tx);
}
