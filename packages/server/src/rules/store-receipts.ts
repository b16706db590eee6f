import { plain } from '../db/arrays.ts';
import type { Runner } from '../db/runner.ts';

/** A chunk of messages of one account that came to their ends at once. The arrays go side by side. */
export interface EndedMessages {
  event_id: number;
  account_id: number;
  at: number;
  message_ids: string[];
  statuses: number[];
  error_codes: (number | null)[];
}

/**
 * Events no receipt rule was asked about, in their order, but not `but`. One node asks at a time, so that of one message the
 * earlier state is told before the later; null = another does.
 */
export async function takeEnded(run: Runner, but: readonly number[], limit: number): Promise<EndedMessages[] | null> {
  const { rows: locks } = await run.query<{ mine: boolean }>({
    name: 'lock-receipt-rules',
    text: `select pg_try_advisory_xact_lock(hashtext('veredus receipt rules')) as mine`,
  });
  if (!locks[0]!.mine) return null;
  const { rows } = await run.query<EndedMessages>({
    name: 'take-ended-messages',
    text: `select event_id, account_id, at, coalesce(message_ids, '{}') as message_ids, coalesce(statuses, '{}') as statuses,
        coalesce(error_codes, '{}') as error_codes
      from events where rules_due and event_id <> all($1::bigint[]) order by event_id limit $2`,
    values: [plain(but), limit],
  });
  return rows;
}

export async function markTold(run: Runner, eventIds: readonly number[]): Promise<void> {
  await run.query({
    name: 'mark-events-told',
    text: 'update events set rules_due = false where event_id = any($1::bigint[])',
    values: [plain(eventIds)],
  });
}

/** An enabled rule that is told of receipts, as it is asked. */
export interface ReceiptRule {
  receipt_rule_id: number;
  account_id: number;
  /** The channel's name, as in `Channel`. */
  channel: string;
  rule_name: string;
  match_type: number;
  action: string;
  action_address: string;
}

/** The rules of these accounts that do more than keep receipts readable, by account. */
export async function pushingRules(run: Runner, accountIds: readonly number[]): Promise<Map<number, ReceiptRule[]>> {
  const { rows } = await run.query<ReceiptRule>({
    name: 'pushing-receipt-rules',
    text: `select receipt_rule_id, account_id, lower(channel) as channel, rule_name, match_type, upper(action) as action, action_address
      from receipt_rules where account_id = any($1::integer[]) and enabled and upper(action) <> 'POLL'
      order by account_id, receipt_rule_id`,
    values: [plain(accountIds)],
  });
  return Map.groupBy(rows, (rule) => rule.account_id);
}

/** What a receipt tells of its message. Times in ms. */
export interface ReceiptMessage {
  id: string;
  user_id: number;
  channel: number;
  recipient: string;
  created_at: number;
  submitted_at: number | null;
  custom_string: string;
}

/** These messages, by id; one that is gone is not there. */
export async function findMessages(
  run: Runner,
  wanted: readonly { accountId: number; messageId: string }[],
): Promise<Map<string, ReceiptMessage>> {
  if (wanted.length === 0) return new Map();
  const { rows } = await run.query<ReceiptMessage>({
    name: 'find-receipt-messages',
    text: `select m.id, m.user_id, m.channel, m.recipient, m.created_at, m.submitted_at, m.custom_string
      from unnest($1::integer[], $2::uuid[]) as w(account_id, id)
      join messages m on m.account_id = w.account_id and m.id = w.id`,
    values: [plain(wanted.map((one) => one.accountId)), plain(wanted.map((one) => one.messageId))],
  });
  return new Map(rows.map((row) => [row.id, row]));
}
