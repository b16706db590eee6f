import { randomBytes } from 'node:crypto';
import type { Database } from '@veredus/server/db/db';

/** A row of `messages` in any state, as if it had gone through the pipeline. Times in ms, money in micro-units. */
export interface StoredMessageRow {
  account_id: number;
  user_id: number;
  created_at: number;
  status: number;
  id?: string;
  channel?: number;
  next_attempt_at?: number | null;
  schedule_at?: number | null;
  valid_until?: number;
  submitted_at?: number | null;
  price_micro?: number;
  charged_micro?: number;
  money?: number;
  priority?: number;
  parts?: number;
  attempts?: number;
  error_code?: number | null;
  refusal?: string | null;
  recipient?: string;
  sender?: string;
  country?: string;
  body?: string;
  custom_string?: string;
  source?: string;
  from_email?: string | null;
  list_id?: number | null;
  contact_id?: string | null;
}

/** A UUIDv7 of a millisecond, as the platform makes them, with `order` deciding among those of one millisecond. */
export function idAt(milliseconds: number, order = 0): string {
  const time = milliseconds.toString(16).padStart(12, '0');
  const rest = randomBytes(8).toString('hex');
  const counter = (order % 4096).toString(16).padStart(3, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${counter}-9${rest.slice(1, 4)}-${rest.slice(4)}`;
}

/** Makes an account with one user, a balance, an Opt-Out list, a POLL receipt rule and nothing else. */
export async function addAccount(
  db: Database,
  username: string,
  currency = 'AUD',
): Promise<{ accountId: number; userId: number }> {
  const { rows } = await db.enginePool.query(
    `with account as (
       insert into accounts (name, country, currency, created_at) values ($1, 'AU', $2, 0) returning account_id
     ), balance as (
       insert into ledger_balances (account_id) select account_id from account
     ), rule as (
       insert into receipt_rules (account_id, rule_name, action) select account_id, 'Poll', 'POLL' from account
     ), list as (
       insert into lists (account_id, list_name, list_email_id, is_opt_out, created_at)
       select account_id, 'Opt-Out List', upper(substr(md5(account_id::text), 1, 16)), true, 0 from account
     )
     insert into users (account_id, username, created_at) select account_id, $1, 0 from account returning account_id, user_id`,
    [username, currency],
  );
  return { accountId: rows[0].account_id, userId: rows[0].user_id };
}

/** Stores messages as they are, with the statistics their life would have left. Answers their ids. */
export async function storeMessages(db: Database, messages: readonly StoredMessageRow[]): Promise<string[]> {
  const rows = messages.map((message, order) => ({
    id: idAt(message.created_at, order),
    channel: 1,
    next_attempt_at: message.status === 0 ? message.created_at : null,
    schedule_at: null,
    valid_until: message.created_at + 172_800_000,
    submitted_at: null,
    price_micro: 79_200,
    charged_micro: 0,
    money: 0,
    priority: 0,
    parts: 1,
    attempts: 0,
    error_code: null,
    refusal: null,
    recipient: '+61411111111',
    sender: 'Bakehouse',
    country: 'AU',
    body: 'Your bread is baked.',
    custom_string: '',
    source: '',
    from_email: null,
    list_id: null,
    contact_id: null,
    ...message,
  }));
  await db.enginePool.query(
    `with stored as (
       insert into messages (id, account_id, user_id, created_at, next_attempt_at, schedule_at, valid_until, submitted_at,
         price_micro, charged_micro, money, channel, status, priority, parts, attempts, error_code, refusal, recipient,
         sender, country, body, custom_string, source, from_email, list_id, contact_id)
       select id, account_id, user_id, created_at, next_attempt_at, schedule_at, valid_until, submitted_at,
         price_micro, charged_micro, money, channel, status, priority, parts, attempts, error_code, refusal, recipient,
         sender, country, body, custom_string, source, from_email, list_id, contact_id
       from jsonb_populate_recordset(null::messages, $1)
       returning account_id, id, created_at, channel, status, parts, price_micro
     ), exception as (
       insert into message_exceptions (account_id, id, status) select account_id, id, status from stored where status > 3
     )
     insert into statistics_deltas (account_id, hour, channel, status, messages, parts, price_micro)
     select account_id, created_at / 3600000, channel, case status when 1 then 0 else status end, count(*), sum(parts),
       sum(price_micro)
     from stored group by 1, 2, 3, 4`,
    [JSON.stringify(rows)],
  );
  if (rows.some((row) => row.status === 1)) await leaseThem(db);
  return rows.map((row) => row.id);
}

/** Claimed messages are claimed under a lease; history looks for them where one says they may be. */
async function leaseThem(db: Database): Promise<void> {
  await db.enginePool.query(
    `with carrier as (insert into carriers (name) values ('stored messages') on conflict (name) do nothing returning carrier_id)
     insert into claim_leases (carrier_id, node, lease_until, opened_at, oldest_id)
     select carrier_id, 'stored', 0, 0, '00000000-0000-0000-0000-000000000000' from carrier`,
  );
}
