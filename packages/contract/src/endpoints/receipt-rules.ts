import { z } from 'zod';
import { endpoint, SMALL_BODY } from '../endpoint.ts';
import { page } from '../page.ts';
import { pageTerms } from '../query.ts';
import { receiptActions } from '../rule-actions.ts';
import { type Searchable, searchTerms } from '../search.ts';
import { nothing } from './lists.ts';
import { actionAddress, actionOf, enabled, ruleName, wholeNumber } from './rule-fields.ts';
import { idNumber } from './sms-campaign.ts';

const rule = z
  .object({
    receipt_rule_id: z.int(),
    rule_name: z.string(),
    match_type: z.int(),
    action: z.string(),
    action_address: z.string(),
    enabled: z.literal([0, 1]),
  })
  .meta({ id: 'ReceiptRule' });

export type ReceiptRuleField = keyof z.output<typeof rule>;

export const receiptRuleSearch: Searchable<ReceiptRuleField> = {
  fields: Object.keys(rule.shape) as ReceiptRuleField[],
  phones: [],
  synonyms: {},
  order: { field: 'receipt_rule_id', direction: 'asc' },
};

/** Each is told of every message of the account. */
export const TELLING_RULES = 10;

const fields = {
  rule_name: ruleName,
  match_type: wholeNumber(3, 'must be 0, 1, 2 or 3.').describe(
    '0 = all receipts, 1 = failed ones, 2 = successful ones; 3, which stands in some examples, is as 0.',
  ),
  action: actionOf(receiptActions),
  action_address: actionAddress.optional().describe('What the action needs; empty for POLL.'),
  enabled,
};

const input = z.object(fields).meta({ id: 'ReceiptRuleInput' });
/** What is left out stays as it is. */
const change = z
  .object({
    ...fields,
    rule_name: fields.rule_name.nullish(),
    match_type: fields.match_type.nullish(),
    action: fields.action.nullish(),
    enabled: fields.enabled.nullish(),
  })
  .meta({ id: 'ReceiptRuleChange' });

const ruleParams = z.object({ receipt_rule_id: idNumber });

const example = {
  receipt_rule_id: 7,
  rule_name: 'Failures to CRM',
  match_type: 1,
  action: 'URL',
  action_address: 'https://crm.example.test/hooks/receipts',
  enabled: 1,
} as const;

const { receipt_rule_id: _, ...exampleInput } = example;

export const receiptRules = endpoint({
  id: 'receiptRules',
  method: 'GET',
  path: '/v3/automations/sms/receipts',
  summary: 'Rules for delivery receipts of SMS.',
  scope: 'rules:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  query: z.object({ ...searchTerms(receiptRuleSearch), ...pageTerms }),
  data: page(rule).meta({ id: 'ReceiptRulePage' }),
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
      data: [example],
    },
  },
});

export const receiptRuleCreate = endpoint({
  id: 'receiptRuleCreate',
  method: 'POST',
  path: '/v3/automations/sms/receipts',
  summary: `Make a rule for delivery receipts of SMS. ${TELLING_RULES} that push or mail may be enabled.`,
  scope: 'rules:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  body: input,
  data: rule,
  refusals: ['BAD_REQUEST'],
  example: { body: exampleInput, data: example },
});

export const receiptRule = endpoint({
  id: 'receiptRule',
  method: 'GET',
  path: '/v3/automations/sms/receipts/{receipt_rule_id}',
  summary: 'One rule for delivery receipts of SMS.',
  scope: 'rules:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: ruleParams,
  data: rule,
  refusals: ['NOT_FOUND'],
  example: { data: example },
});

export const receiptRuleUpdate = endpoint({
  id: 'receiptRuleUpdate',
  method: 'PUT',
  path: '/v3/automations/sms/receipts/{receipt_rule_id}',
  summary: 'Change a rule for delivery receipts of SMS; what is left out stays as it is.',
  scope: 'rules:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: ruleParams,
  body: change,
  data: rule,
  refusals: ['BAD_REQUEST', 'NOT_FOUND'],
  example: { body: exampleInput, data: example },
});

export const receiptRuleDelete = endpoint({
  id: 'receiptRuleDelete',
  method: 'DELETE',
  path: '/v3/automations/sms/receipts/{receipt_rule_id}',
  summary: 'Delete a rule for delivery receipts of SMS. What it has begun goes on.',
  scope: 'rules:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: ruleParams,
  data: nothing,
  refusals: ['NOT_FOUND'],
  example: { data: [] },
});
