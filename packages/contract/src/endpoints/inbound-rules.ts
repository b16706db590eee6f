import { z } from 'zod';
import { endpoint, SMALL_BODY } from '../endpoint.ts';
import { linkedPage } from '../linked-page.ts';
import { pageTerms } from '../query.ts';
import { inboundActions } from '../rule-actions.ts';
import { type Searchable, searchTerms } from '../search.ts';
import { nothing } from './lists.ts';
import { actionAddress, actionOf, enabled, ruleName, text, wholeNumber } from './rule-fields.ts';
import { idNumber } from './sms-campaign.ts';
import { webhookType } from './test-push.ts';

const rule = z
  .object({
    inbound_rule_id: z.int(),
    sms_inbound_rule_id: z.int().describe('The same as inbound_rule_id.'),
    rule_name: z.string(),
    dedicated_number: z.string(),
    message_search_type: z.int(),
    message_search_term: z.string().nullable(),
    action: z.string(),
    action_address: z.string(),
    body: z.string().nullable(),
    webhook_type: z.string().nullable().describe('Of URL rules; null for others.'),
    enabled: z.literal([0, 1]),
    position: z.int(),
  })
  .meta({ id: 'InboundRule' });

export type InboundRuleField = Exclude<keyof z.output<typeof rule>, 'sms_inbound_rule_id'>;

export const inboundRuleSearch: Searchable<InboundRuleField> = {
  fields: Object.keys(rule.omit({ sms_inbound_rule_id: true }).shape) as InboundRuleField[],
  phones: ['dedicated_number'],
  synonyms: { sms_inbound_rule_id: 'inbound_rule_id' },
  order: { field: 'position', direction: 'asc' },
};

/** All an account's rules are asked about each message. */
export const RULES_PER_ACCOUNT = 200;
const SEARCH_TERM_LIMIT = 160;
export const REPLY_LIMIT = 1_600;
const BODY_LIMIT = 32 * 1024;
export const LAST_POSITION = 1_000_000_000;

const fields = {
  rule_name: ruleName,
  dedicated_number: text(40).describe('The number that was written to; * = every number.'),
  message_search_type: wholeNumber(3, 'must be 0, 1, 2 or 3.').describe(
    '0 = any message, 1 = it starts with message_search_term, 2 = it contains it, 3 = it does not contain it. Letter case does not matter.',
  ),
  message_search_term: text(SEARCH_TERM_LIMIT).nullish().describe('Required unless message_search_type is 0.'),
  action: actionOf(inboundActions),
  action_address: actionAddress.optional().describe('What the action needs; empty where it needs nothing.'),
  body: text(REPLY_LIMIT).nullish().describe('The text that AUTO_REPLY sends; may hold merge placeholders.'),
  webhook_type: webhookType.describe('For URL: post (a form; the default), get or json.'),
  enabled,
  position: wholeNumber(LAST_POSITION, `must be a whole number, ${LAST_POSITION} at most.`)
    .nullish()
    .describe('Rules are asked in the order of their positions. Absent = behind all others.'),
};

const input = z.object(fields).meta({ id: 'InboundRuleInput' });
/** What is left out stays as it is. */
const change = z
  .object({
    ...fields,
    rule_name: fields.rule_name.nullish(),
    dedicated_number: fields.dedicated_number.nullish(),
    message_search_type: fields.message_search_type.nullish(),
    action: fields.action.nullish(),
    enabled: fields.enabled.nullish(),
  })
  .meta({ id: 'InboundRuleChange' });

const ruleParams = z.object({ inbound_rule_id: idNumber });

const example = {
  inbound_rule_id: 10,
  sms_inbound_rule_id: 10,
  rule_name: 'Replies to CRM',
  dedicated_number: '*',
  message_search_type: 0,
  message_search_term: null,
  action: 'URL',
  action_address: 'https://crm.example.test/hooks/sms',
  body: null,
  webhook_type: 'json',
  enabled: 1,
  position: 2,
} as const;

const exampleInput = {
  rule_name: example.rule_name,
  dedicated_number: '*',
  message_search_type: 0,
  message_search_term: null,
  action: 'URL',
  action_address: example.action_address,
  enabled: 1,
  webhook_type: 'json',
  position: 2,
} as const;

export const inboundRules = endpoint({
  id: 'inboundRules',
  method: 'GET',
  path: '/v3/automations/sms/inbound',
  summary: 'Rules for messages from handsets, in the order they are asked in.',
  scope: 'rules:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  query: z.object({ ...searchTerms(inboundRuleSearch), ...pageTerms }),
  data: linkedPage(rule).meta({ id: 'InboundRulePage' }),
  refusals: ['BAD_REQUEST'],
  example: {
    data: {
      total: 1,
      per_page: 15,
      current_page: 1,
      last_page: 1,
      next_page_url: null,
      prev_page_url: null,
      from: 1,
      to: 1,
      first_page_url: 'https://msg.example.test/v3/automations/sms/inbound?page=1',
      last_page_url: 'https://msg.example.test/v3/automations/sms/inbound?page=1',
      path: 'https://msg.example.test/v3/automations/sms/inbound',
      links: [
        { url: null, label: 'Previous', page: null, active: false },
        { url: 'https://msg.example.test/v3/automations/sms/inbound?page=1', label: '1', page: 1, active: true },
        { url: null, label: 'Next', page: null, active: false },
      ],
      data: [example],
    },
  },
});

export const inboundRuleCreate = endpoint({
  id: 'inboundRuleCreate',
  method: 'POST',
  path: '/v3/automations/sms/inbound',
  summary: 'Make a rule for messages from handsets.',
  scope: 'rules:write',
  auth: 'basic',
  bodyLimit: BODY_LIMIT,
  body: input,
  data: rule,
  refusals: ['BAD_REQUEST'],
  example: { body: exampleInput, data: example },
});

export const inboundRule = endpoint({
  id: 'inboundRule',
  method: 'GET',
  path: '/v3/automations/sms/inbound/{inbound_rule_id}',
  summary: 'One rule for messages from handsets.',
  scope: 'rules:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: ruleParams,
  data: rule,
  refusals: ['NOT_FOUND'],
  example: { data: example },
});

export const inboundRuleUpdate = endpoint({
  id: 'inboundRuleUpdate',
  method: 'PUT',
  path: '/v3/automations/sms/inbound/{inbound_rule_id}',
  summary: 'Change a rule for messages from handsets; what is left out stays as it is.',
  scope: 'rules:write',
  auth: 'basic',
  bodyLimit: BODY_LIMIT,
  params: ruleParams,
  body: change,
  data: rule,
  refusals: ['BAD_REQUEST', 'NOT_FOUND'],
  example: { body: exampleInput, data: example },
});

export const inboundRuleDelete = endpoint({
  id: 'inboundRuleDelete',
  method: 'DELETE',
  path: '/v3/automations/sms/inbound/{inbound_rule_id}',
  summary: 'Delete a rule for messages from handsets. What it has begun goes on.',
  scope: 'rules:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: ruleParams,
  data: nothing,
  refusals: ['NOT_FOUND'],
  example: { data: [] },
});
