import type { InboundRuleField } from '@veredus/contract/endpoints/inbound-rules';
import type { ReceiptRuleField } from '@veredus/contract/endpoints/receipt-rules';
import type { Operator, Order, Pair } from '@veredus/contract/search';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import { type Column, matching, sortColumn } from '../db/matching.ts';
import type { Schema } from '../db/schema.ts';

type Tx = Transaction<Schema>;

/** What a rule for messages from handsets says. */
export interface InboundRuleWords {
  rule_name: string;
  /** E.164, or a short number as it is; `*` = every number. */
  dedicated_number: string;
  message_search_type: number;
  message_search_term: string | null;
  action: string;
  action_address: string;
  body: string | null;
  webhook_type: string | null;
  enabled: boolean;
  position: number;
}

export interface InboundRule extends InboundRuleWords {
  inbound_rule_id: number;
}

export interface ReceiptRuleWords {
  rule_name: string;
  match_type: number;
  action: string;
  action_address: string;
  enabled: boolean;
}

export interface ReceiptRule extends ReceiptRuleWords {
  receipt_rule_id: number;
}

interface Search<F extends string> {
  q: readonly Pair<F>[];
  operator: Operator;
  order_by: Order<F>;
}

interface Slice {
  skip: number;
  count: number;
}

const INBOUND: Record<InboundRuleField, Column> = {
  inbound_rule_id: { number: sql`r.inbound_rule_id` },
  rule_name: { text: sql`r.rule_name` },
  dedicated_number: { text: sql`r.dedicated_number` },
  message_search_type: { number: sql`r.message_search_type` },
  message_search_term: { text: sql`r.message_search_term` },
  action: { text: sql`r.action` },
  action_address: { text: sql`r.action_address` },
  body: { text: sql`r.body` },
  webhook_type: { text: sql`r.webhook_type` },
  enabled: { number: sql`r.enabled::integer` },
  position: { number: sql`r.position` },
};
const INBOUND_COLUMNS = sql`r.inbound_rule_id, r.rule_name, r.dedicated_number, r.message_search_type, r.message_search_term,
  r.action, r.action_address, r.body, r.webhook_type, r.enabled, r.position`;

const RECEIPT: Record<ReceiptRuleField, Column> = {
  receipt_rule_id: { number: sql`r.receipt_rule_id` },
  rule_name: { text: sql`r.rule_name` },
  match_type: { number: sql`r.match_type` },
  action: { text: sql`r.action` },
  action_address: { text: sql`r.action_address` },
  enabled: { number: sql`r.enabled::integer` },
};
const RECEIPT_COLUMNS = sql`r.receipt_rule_id, r.rule_name, r.match_type, r.action, r.action_address, r.enabled`;

const inboundOf = (accountId: number) => sql`inbound_rules r where r.account_id = ${accountId}::integer`;
const receiptOf = (accountId: number) =>
  sql`receipt_rules r where r.account_id = ${accountId}::integer and r.channel = 'sms'`;

/** A page of the rules that match, and how many do. */
export async function findInboundRules(tx: Tx, accountId: number, search: Search<InboundRuleField>, slice: Slice) {
  const from = sql`${inboundOf(accountId)} and ${matching(search, INBOUND)}`;
  const order = { column: INBOUND[search.order_by.field], id: sql`r.inbound_rule_id`, way: search.order_by.direction };
  return page<InboundRule>(tx, { columns: INBOUND_COLUMNS, from, order }, slice);
}

export async function findReceiptRules(tx: Tx, accountId: number, search: Search<ReceiptRuleField>, slice: Slice) {
  const from = sql`${receiptOf(accountId)} and ${matching(search, RECEIPT)}`;
  const order = { column: RECEIPT[search.order_by.field], id: sql`r.receipt_rule_id`, way: search.order_by.direction };
  return page<ReceiptRule>(tx, { columns: RECEIPT_COLUMNS, from, order }, slice);
}

interface Reading {
  columns: RawBuilder<unknown>;
  from: RawBuilder<unknown>;
  order: { column: Column; id: RawBuilder<unknown>; way: 'asc' | 'desc' };
}

async function page<Row>(tx: Tx, { columns, from, order }: Reading, { skip, count }: Slice) {
  const counted = await sql<{ total: number }>`select count(*) as total from ${from}`.execute(tx);
  const way = order.way === 'desc' ? sql`desc` : sql`asc`;
  const { rows } =
    await sql<Row>`select ${columns} from ${from} order by ${sortColumn(order.column)} ${way}, ${order.id} ${way}
    limit ${count}::bigint offset ${skip}::bigint`.execute(tx);
  return { total: counted.rows[0]?.total ?? 0, rows };
}

/** `lock`: until the end of the transaction nobody else changes it. */
export async function findInboundRule(tx: Tx, accountId: number, ruleId: number, lock = false) {
  const { rows } = await sql<InboundRule>`select ${INBOUND_COLUMNS} from ${inboundOf(accountId)}
    and r.inbound_rule_id = ${ruleId}::integer ${lock ? sql`for update` : sql``}`.execute(tx);
  return rows[0] ?? null;
}

export async function findReceiptRule(tx: Tx, accountId: number, ruleId: number, lock = false) {
  const { rows } = await sql<ReceiptRule>`select ${RECEIPT_COLUMNS} from ${receiptOf(accountId)}
    and r.receipt_rule_id = ${ruleId}::integer ${lock ? sql`for update` : sql``}`.execute(tx);
  return rows[0] ?? null;
}

/**
 * How many rules of a kind the account has, and the position of the last. Nobody else makes one until the end of the
 * transaction, so that two calls at once cannot both be the last that fits.
 */
export async function countRulesLocked(tx: Tx, accountId: number, kind: 'inbound' | 'receipt') {
  await sql`select pg_advisory_xact_lock(hashtext(${`veredus ${kind} rules`}), ${accountId}::integer)`.execute(tx);
  const all =
    kind === 'inbound'
      ? sql`select count(*) as made, max(r.position) as last from ${inboundOf(accountId)}`
      : sql`select count(*) as made, 0 as last from ${receiptOf(accountId)}`;
  const { rows } = await (all as RawBuilder<{ made: number; last: number | null }>).execute(tx);
  return { made: rows[0]!.made, last: rows[0]!.last ?? 0 };
}

/** How many enabled rules push or mail receipts, but for this one. To be asked where no other can make one: `countRulesLocked`. */
export async function countTelling(tx: Tx, accountId: number, but: number | null): Promise<number> {
  const { rows } = await sql<{ telling: number }>`select count(*) as telling from ${receiptOf(accountId)}
    and r.enabled and upper(r.action) <> 'POLL' and r.receipt_rule_id is distinct from ${but}::integer`.execute(tx);
  return rows[0]!.telling;
}

export async function insertInboundRule(tx: Tx, accountId: number, rule: InboundRuleWords, at: number) {
  const { rows } = await sql<InboundRule>`
    insert into inbound_rules as r (account_id, rule_name, dedicated_number, message_search_type, message_search_term, action,
      action_address, body, webhook_type, enabled, position, created_at, updated_at)
    values (${accountId}, ${rule.rule_name}, ${rule.dedicated_number}, ${rule.message_search_type}, ${rule.message_search_term},
      ${rule.action}, ${rule.action_address}, ${rule.body}, ${rule.webhook_type}, ${rule.enabled}, ${rule.position}, ${at}, ${at})
    returning ${INBOUND_COLUMNS}`.execute(tx);
  return rows[0]!;
}

export async function updateInboundRule(tx: Tx, accountId: number, ruleId: number, rule: InboundRuleWords, at: number) {
  const { rows } = await sql<InboundRule>`
    update inbound_rules r set rule_name = ${rule.rule_name}, dedicated_number = ${rule.dedicated_number},
      message_search_type = ${rule.message_search_type}, message_search_term = ${rule.message_search_term}, action = ${rule.action},
      action_address = ${rule.action_address}, body = ${rule.body}, webhook_type = ${rule.webhook_type}, enabled = ${rule.enabled},
      position = ${rule.position}, updated_at = ${at}
    where r.account_id = ${accountId}::integer and r.inbound_rule_id = ${ruleId}::integer returning ${INBOUND_COLUMNS}`.execute(
    tx,
  );
  return rows[0]!;
}

export async function insertReceiptRule(tx: Tx, accountId: number, rule: ReceiptRuleWords, at: number) {
  const { rows } = await sql<ReceiptRule>`
    insert into receipt_rules as r (account_id, channel, rule_name, match_type, action, action_address, enabled, created_at, updated_at)
    values (${accountId}, 'sms', ${rule.rule_name}, ${rule.match_type}, ${rule.action}, ${rule.action_address}, ${rule.enabled},
      ${at}, ${at}) returning ${RECEIPT_COLUMNS}`.execute(tx);
  return rows[0]!;
}

export async function updateReceiptRule(tx: Tx, accountId: number, ruleId: number, rule: ReceiptRuleWords, at: number) {
  const { rows } = await sql<ReceiptRule>`
    update receipt_rules r set rule_name = ${rule.rule_name}, match_type = ${rule.match_type}, action = ${rule.action},
      action_address = ${rule.action_address}, enabled = ${rule.enabled}, updated_at = ${at}
    where r.account_id = ${accountId}::integer and r.channel = 'sms' and r.receipt_rule_id = ${ruleId}::integer
    returning ${RECEIPT_COLUMNS}`.execute(tx);
  return rows[0]!;
}

/** Whether there was one to delete. */
export async function deleteInboundRule(tx: Tx, accountId: number, ruleId: number): Promise<boolean> {
  const { rows } =
    await sql`delete from ${inboundOf(accountId)} and r.inbound_rule_id = ${ruleId}::integer returning 1`.execute(tx);
  return rows.length > 0;
}

export async function deleteReceiptRule(tx: Tx, accountId: number, ruleId: number): Promise<boolean> {
  const { rows } =
    await sql`delete from ${receiptOf(accountId)} and r.receipt_rule_id = ${ruleId}::integer returning 1`.execute(tx);
  return rows.length > 0;
}

/** What an action_address may name: a list of the account, by its id, or null. */
export async function findRuleList(tx: Tx, accountId: number, listId: number): Promise<{ is_opt_out: boolean } | null> {
  const { rows } = await sql<{ is_opt_out: boolean }>`select is_opt_out from lists
    where account_id = ${accountId}::integer and list_id = ${listId}::integer`.execute(tx);
  return rows[0] ?? null;
}

/** Whether the account has an SMPP client of this name. */
export async function hasSmppClient(tx: Tx, accountId: number, systemId: string): Promise<boolean> {
  const { rows } = await sql`select 1 from esmes
    where account_id = ${accountId}::integer and system_id = ${systemId} and disabled_at is null`.execute(tx);
  return rows.length > 0;
}
