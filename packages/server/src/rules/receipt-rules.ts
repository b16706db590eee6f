import type { Body, Data, Query } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import { RULES_PER_ACCOUNT } from '@veredus/contract/endpoints/inbound-rules';
import { receiptRuleSearch, TELLING_RULES } from '@veredus/contract/endpoints/receipt-rules';
import { makePage } from '@veredus/contract/page';
import type { Answer } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import { asAccount } from '../db/db.ts';
import { storable } from '../db/storable.ts';
import { listUrl } from '../list-url.ts';
import { Refusal } from '../refusal.ts';
import { RECEIPT_ADDRESS_OF, type ReceiptAction } from './actions.ts';
import { type AddressParts, actsAsBefore, checkAddress } from './check-address.ts';
import type { RuleParts } from './inbound-rules.ts';
import { noSuchRule, tooManyRules, tooManyTelling } from './refusals.ts';
import {
  countRulesLocked,
  countTelling,
  deleteReceiptRule,
  findReceiptRule,
  findReceiptRules,
  insertReceiptRule,
  type ReceiptRule,
  type ReceiptRuleWords,
  updateReceiptRule,
} from './store.ts';

/** A page of the account's rules for receipts of SMS, in the order they were made unless told otherwise. */
export async function listReceiptRules(
  { db, publicUrl }: RuleParts,
  { accountId }: Caller,
  query: Query<Endpoints['receiptRules']>,
): Promise<Answer<Endpoints['receiptRules']>> {
  const { page, limit } = query;
  const slice = { skip: (page - 1) * limit, count: limit };
  const { total, rows } = await asAccount(db, accountId, (tx) => findReceiptRules(tx, accountId, query, slice));
  const url = listUrl(publicUrl(), '/v3/automations/sms/receipts', query, receiptRuleSearch.order);
  return { data: makePage({ total, page, limit, rows: rows.map(show), url }), words: 'Rules.' };
}

/** @throws Refusal not-found for one that is not the account's. */
export async function readReceiptRule(
  { db }: Pick<RuleParts, 'db'>,
  { accountId }: Caller,
  ruleId: number,
): Promise<Answer<Endpoints['receiptRule']>> {
  const found = await asAccount(db, accountId, (tx) => findReceiptRule(tx, accountId, ruleId));
  if (!found) throw noSuchRule('receipt_rule_id', ruleId);
  return { data: show(found), words: 'Rule.' };
}

/** @throws Refusal bad-request for a rule that could not act, or one too many. */
export async function createReceiptRule(
  { db, clock, allowUrls }: RuleParts,
  caller: Caller,
  body: Body<Endpoints['receiptRuleCreate']>,
): Promise<Answer<Endpoints['receiptRuleCreate']>> {
  const written = { ...body, action_address: body.action_address ?? '', enabled: body.enabled === 1 };
  const made = await asAccount(db, caller.accountId, async (tx) => {
    const { made } = await countRulesLocked(tx, caller.accountId, 'receipt');
    if (made >= RULES_PER_ACCOUNT) throw tooManyRules(RULES_PER_ACCOUNT);
    const rule = await checked({ tx, caller, allowUrls }, written);
    if (tells(rule)) await refuseOneMore(tx, caller.accountId, null);
    return insertReceiptRule(tx, caller.accountId, rule, clock.now());
  });
  return { data: show(made), words: 'Rule stored.' };
}

/**
 * Changes what is given; a rule must still be one that can act.
 *
 * @throws Refusal bad-request for one that could not, not-found for one that is not the account's.
 */
export async function changeReceiptRule(
  { db, clock, allowUrls }: RuleParts,
  caller: Caller,
  ruleId: number,
  body: Body<Endpoints['receiptRuleUpdate']>,
): Promise<Answer<Endpoints['receiptRuleUpdate']>> {
  const changed = await asAccount(db, caller.accountId, async (tx) => {
    const old = await findReceiptRule(tx, caller.accountId, ruleId, true);
    if (!old) throw noSuchRule('receipt_rule_id', ruleId);
    const merged = merge(old, body);
    const rule = await checked({ tx, caller, allowUrls }, merged, actsAsBefore(old, merged));
    if (tells(rule) && !tells(old)) await refuseOneMore(tx, caller.accountId, ruleId);
    return updateReceiptRule(tx, caller.accountId, ruleId, rule, clock.now());
  });
  return { data: show(changed), words: 'Rule changed.' };
}

/** @throws Refusal not-found for one that is not the account's, or is deleted already. */
export async function removeReceiptRule(
  { db }: Pick<RuleParts, 'db'>,
  { accountId }: Caller,
  ruleId: number,
): Promise<Answer<Endpoints['receiptRuleDelete']>> {
  const gone = await asAccount(db, accountId, (tx) => deleteReceiptRule(tx, accountId, ruleId));
  if (!gone) throw noSuchRule('receipt_rule_id', ruleId);
  return { data: [], words: 'Rule deleted.' };
}

/** Each is told of every message of the account, so there may not be many of them. */
const tells = ({ enabled, action }: Pick<ReceiptRule, 'enabled' | 'action'>): boolean =>
  enabled && action.toUpperCase() !== 'POLL';

async function refuseOneMore(
  tx: Parameters<typeof countTelling>[0],
  accountId: number,
  ruleId: number | null,
): Promise<void> {
  await countRulesLocked(tx, accountId, 'receipt');
  if ((await countTelling(tx, accountId, ruleId)) >= TELLING_RULES) throw tooManyTelling(TELLING_RULES);
}

type Written = Omit<ReceiptRuleWords, 'action'> & { action: ReceiptAction };

/** The address of another action means nothing to the new one, so it goes unless one is given. */
function merge(old: ReceiptRule, change: Body<Endpoints['receiptRuleUpdate']>): Written {
  const action = change.action ?? (old.action.toUpperCase() as ReceiptAction);
  return {
    rule_name: change.rule_name ?? old.rule_name,
    match_type: change.match_type ?? old.match_type,
    action,
    action_address: change.action_address ?? (action === old.action.toUpperCase() ? old.action_address : ''),
    enabled: change.enabled === undefined || change.enabled === null ? old.enabled : change.enabled === 1,
  };
}

/** The rule as it is kept. `known`: its address was judged before. */
async function checked(parts: AddressParts, rule: Written, known = false): Promise<ReceiptRuleWords> {
  const address = await checkAddress(parts, known ? 'text' : RECEIPT_ADDRESS_OF[rule.action], rule.action_address);
  if (!address.ok) throw new Refusal('bad-request', address.words, { fields: { action_address: address.words } });
  return { ...rule, rule_name: storable(rule.rule_name).trim(), action_address: storable(address.address) };
}

const show = ({ enabled, ...rule }: ReceiptRule): Data<Endpoints['receiptRule']> => ({
  ...rule,
  action: rule.action.toUpperCase(),
  enabled: enabled ? 1 : 0,
});
