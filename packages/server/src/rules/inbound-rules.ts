import type { Body, Data, Query } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import {
  inboundRuleSearch,
  LAST_POSITION,
  REPLY_LIMIT,
  RULES_PER_ACCOUNT,
} from '@veredus/contract/endpoints/inbound-rules';
import { makeLinkedPage } from '@veredus/contract/linked-page';
import type { Clock } from '@veredus/protocols/clock';
import type { Answer } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import { asAccount, type Database } from '../db/db.ts';
import { storable } from '../db/storable.ts';
import { listUrl } from '../list-url.ts';
import { normaliseRecipient } from '../numbers/numbers.ts';
import type { OutboundParts } from '../outbound/parts.ts';
import { Refusal } from '../refusal.ts';
import { ADDRESS_OF, type InboundAction } from './actions.ts';
import { type AddressParts, actsAsBefore, checkAddress } from './check-address.ts';
import { noSuchRule, tooManyRules } from './refusals.ts';
import {
  countRulesLocked,
  deleteInboundRule,
  findInboundRule,
  findInboundRules,
  type InboundRule,
  type InboundRuleWords,
  insertInboundRule,
  updateInboundRule,
} from './store.ts';

export interface RuleParts {
  db: Database;
  clock: Clock;
  /** Where callers reach this server, without a slash at its end; known once it listens. */
  publicUrl: () => string;
  /** Hosts of the operator's own network that may be pushed to. */
  allowUrls: OutboundParts['allow'];
}

/** A page of the account's rules for messages from handsets, in the order they are asked in unless told otherwise. */
export async function listInboundRules(
  { db, publicUrl }: RuleParts,
  { accountId }: Caller,
  query: Query<Endpoints['inboundRules']>,
): Promise<Answer<Endpoints['inboundRules']>> {
  const { page, limit } = query;
  const slice = { skip: (page - 1) * limit, count: limit };
  const { total, rows } = await asAccount(db, accountId, (tx) => findInboundRules(tx, accountId, query, slice));
  const url = listUrl(publicUrl(), '/v3/automations/sms/inbound', query, inboundRuleSearch.order);
  return { data: makeLinkedPage({ total, page, limit, rows: rows.map(show), url }), words: 'Rules.' };
}

/** @throws Refusal not-found for one that is not the account's. */
export async function readInboundRule(
  { db }: Pick<RuleParts, 'db'>,
  { accountId }: Caller,
  ruleId: number,
): Promise<Answer<Endpoints['inboundRule']>> {
  const found = await asAccount(db, accountId, (tx) => findInboundRule(tx, accountId, ruleId));
  if (!found) throw noSuchRule('inbound_rule_id', ruleId);
  return { data: show(found), words: 'Rule.' };
}

/** @throws Refusal bad-request for a rule that could not act, or one too many. */
export async function createInboundRule(
  { db, clock, allowUrls }: RuleParts,
  caller: Caller,
  body: Body<Endpoints['inboundRuleCreate']>,
): Promise<Answer<Endpoints['inboundRuleCreate']>> {
  const made = await asAccount(db, caller.accountId, async (tx) => {
    const { made, last } = await countRulesLocked(tx, caller.accountId, 'inbound');
    if (made >= RULES_PER_ACCOUNT) throw tooManyRules(RULES_PER_ACCOUNT);
    const rule = await checked(
      { tx, caller, allowUrls },
      wordsOf({ ...body, position: body.position ?? Math.min(last + 1, LAST_POSITION) }),
    );
    return insertInboundRule(tx, caller.accountId, rule, clock.now());
  });
  return { data: show(made), words: 'Rule stored.' };
}

/**
 * Changes what is given; a rule must still be one that can act.
 *
 * @throws Refusal bad-request for one that could not, not-found for one that is not the account's.
 */
export async function changeInboundRule(
  { db, clock, allowUrls }: RuleParts,
  caller: Caller,
  ruleId: number,
  body: Body<Endpoints['inboundRuleUpdate']>,
): Promise<Answer<Endpoints['inboundRuleUpdate']>> {
  const changed = await asAccount(db, caller.accountId, async (tx) => {
    const old = await findInboundRule(tx, caller.accountId, ruleId, true);
    if (!old) throw noSuchRule('inbound_rule_id', ruleId);
    const merged = merge(old, body);
    const rule = await checked({ tx, caller, allowUrls }, merged, actsAsBefore(old, merged));
    return updateInboundRule(tx, caller.accountId, ruleId, rule, clock.now());
  });
  return { data: show(changed), words: 'Rule changed.' };
}

/** @throws Refusal not-found for one that is not the account's, or is deleted already. */
export async function removeInboundRule(
  { db }: Pick<RuleParts, 'db'>,
  { accountId }: Caller,
  ruleId: number,
): Promise<Answer<Endpoints['inboundRuleDelete']>> {
  const gone = await asAccount(db, accountId, (tx) => deleteInboundRule(tx, accountId, ruleId));
  if (!gone) throw noSuchRule('inbound_rule_id', ruleId);
  return { data: [], words: 'Rule deleted.' };
}

type Written = Omit<InboundRuleWords, 'action'> & { action: InboundAction };

function wordsOf(body: Body<Endpoints['inboundRuleCreate']> & { position: number }): Written {
  return {
    rule_name: body.rule_name,
    dedicated_number: body.dedicated_number,
    message_search_type: body.message_search_type,
    message_search_term: body.message_search_term ?? null,
    action: body.action,
    action_address: body.action_address ?? '',
    body: body.body ?? null,
    webhook_type: body.webhook_type ?? null,
    enabled: body.enabled === 1,
    position: body.position,
  };
}

/** The address of another action means nothing to the new one, so it goes unless one is given. */
function merge(old: InboundRule, change: Body<Endpoints['inboundRuleUpdate']>): Written {
  const action = change.action ?? (old.action.toUpperCase() as InboundAction);
  return {
    rule_name: change.rule_name ?? old.rule_name,
    dedicated_number: change.dedicated_number ?? old.dedicated_number,
    message_search_type: change.message_search_type ?? old.message_search_type,
    message_search_term:
      change.message_search_term === undefined ? old.message_search_term : change.message_search_term,
    action,
    action_address: change.action_address ?? (action === old.action.toUpperCase() ? old.action_address : ''),
    body: change.body === undefined ? old.body : change.body,
    webhook_type: change.webhook_type ?? old.webhook_type,
    enabled: change.enabled === undefined || change.enabled === null ? old.enabled : change.enabled === 1,
    position: change.position ?? old.position,
  };
}

/** The rule as it is kept. All that is wrong with it is said at once. `known`: its address was judged before. */
async function checked(parts: AddressParts, rule: Written, known = false): Promise<InboundRuleWords> {
  const fields: Record<string, string> = {};
  const number = readDedicated(rule.dedicated_number, parts.caller.account.country);
  if (number === null) {
    fields.dedicated_number = 'dedicated_number must be a number like +61411111111, or * for every number.';
  }
  const term = emptyToNull(rule.message_search_term);
  if (rule.message_search_type !== 0 && term === null) {
    fields.message_search_term = 'message_search_term is required unless message_search_type is 0.';
  }
  const body = emptyToNull(rule.body);
  const address = await checkAddress(parts, known ? 'text' : ADDRESS_OF[rule.action], rule.action_address);
  if (!address.ok) fields.action_address = address.words;
  else if (rule.action === 'AUTO_REPLY') Object.assign(fields, replyFault(body, address.address));
  if (Object.keys(fields).length > 0) throw new Refusal('bad-request', Object.values(fields).join(' '), { fields });
  return {
    ...rule,
    rule_name: storable(rule.rule_name).trim(),
    dedicated_number: number!,
    message_search_term: term,
    action_address: storable((address as { address: string }).address),
    body,
    webhook_type: rule.action === 'URL' ? (rule.webhook_type ?? 'post') : null,
  };
}

function replyFault(body: string | null, address: string): Record<string, string> {
  if (body !== null) return {};
  if (address === '') return { body: 'body is required: the text to answer with.' };
  if ([...address].length <= REPLY_LIMIT) return {};
  return {
    action_address: `action_address must have ${REPLY_LIMIT} characters at most where it is the text to answer with.`,
  };
}

const SHORT_NUMBER = /^\d{3,8}$/;

/** As inbound messages have it: numbers in E.164, the short ones of carriers as they are. */
function readDedicated(written: string, country: string): string | null {
  const text = written.trim();
  if (text === '*') return text;
  return normaliseRecipient(written, country)?.e164 ?? (SHORT_NUMBER.test(text) ? text : null);
}

const emptyToNull = (text: string | null): string | null =>
  text === null || text.trim() === '' ? null : storable(text);

function show({ enabled, ...rule }: InboundRule): Data<Endpoints['inboundRule']> {
  return {
    ...rule,
    action: rule.action.toUpperCase(),
    sms_inbound_rule_id: rule.inbound_rule_id,
    enabled: enabled ? 1 : 0,
  };
}
