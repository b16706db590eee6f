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

/** From one account that has something to be told of to the next, without reading what lies in between. */
const WAITING = `waiting as (
    (select account_id from events where rules_due order by account_id limit 1)
    union all
    select n.account_id from waiting w cross join lateral (
      select e.account_id from events e where e.rules_due and e.account_id > w.account_id order by e.account_id limit 1) n
  )`;

/**
 * Events no receipt rule was asked about, but not `but`: of each account in turn the first, beginning behind the account `after`;
 * those of one account in their order. One node asks at a time, so that of one message the earlier state is told before the
 * later; null = another does.
 */
export async function takeEnded(
  run: Runner,
  { but, after, limit }: { but: readonly number[]; after: number; limit: number },
): Promise<EndedMessages[] | null> {
  const { rows: locks } = await run.query<{ mine: boolean }>({
    name: 'lock-receipt-rules',
    text: `select pg_try_advisory_xact_lock(hashtext('veredus receipt rules')) as mine`,
  });
  if (!locks[0]!.mine) return null;
  const { rows } = await run.query<EndedMessages>({
    name: 'take-ended-messages',
    text: `with recursive ${WAITING}, turns as (
        select d.event_id, row_number() over (partition by w.account_id order by d.event_id) as turn,
          w.account_id <= $3 as later, w.account_id
        from waiting w cross join lateral (
          select e.event_id from events e where e.rules_due and e.account_id = w.account_id and e.event_id <> all($1::bigint[])
          order by e.event_id limit $2) d
        order by turn, later, w.account_id limit $2
      )
      select e.event_id, e.account_id, e.at, coalesce(e.message_ids, '{}') as message_ids, coalesce(e.statuses, '{}') as statuses,
        coalesce(e.error_codes, '{}') as error_codes
      from turns t join events e on e.event_id = t.event_id order by t.turn, t.later, t.account_id`,
    values: [plain(but), limit, after],
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

/** The rules of these accounts that do more than keep receipts readable, by account; an account that may not act has none. */
export async function pushingRules(run: Runner, accountIds: readonly number[]): Promise<Map<number, ReceiptRule[]>> {
  const { rows } = await run.query<ReceiptRule>({
    name: 'pushing-receipt-rules',
    text: `select r.receipt_rule_id, r.account_id, lower(r.channel) as channel, r.rule_name, r.match_type, upper(r.action) as action,
        r.action_address
      from receipt_rules r join accounts a on a.account_id = r.account_id and a.active and not a.banned
      where r.account_id = any($1::integer[]) and r.enabled and upper(r.action) <> 'POLL'
      order by r.account_id, r.receipt_rule_id`,
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
  /** How many pushes led to it. */
  depth: number;
}

/** These messages, by id; one that is gone is not there. */
export async function findMessages(
  run: Runner,
  wanted: readonly { accountId: number; messageId: string }[],
): Promise<Map<string, ReceiptMessage>> {
  if (wanted.length === 0) return new Map();
  const { rows } = await run.query<ReceiptMessage>({
    name: 'find-receipt-messages',
    text: `select m.id, m.user_id, m.channel, m.recipient, m.created_at, m.submitted_at, m.custom_string,
        coalesce((select d.depth from message_depths d where d.account_id = m.account_id and d.message_id = m.id), 0) as depth
      from unnest($1::integer[], $2::uuid[]) as w(account_id, id)
      join messages m on m.account_id = w.account_id and m.id = w.id`,
    values: [plain(wanted.map((one) => one.accountId)), plain(wanted.map((one) => one.messageId))],
  });
  return new Map(rows.map((row) => [row.id, row]));
}
