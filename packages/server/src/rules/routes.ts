import type { Handlers } from '../accounts/call.ts';
import {
  changeInboundRule,
  createInboundRule,
  listInboundRules,
  type RuleParts,
  readInboundRule,
  removeInboundRule,
} from './inbound-rules.ts';
import {
  changeReceiptRule,
  createReceiptRule,
  listReceiptRules,
  readReceiptRule,
  removeReceiptRule,
} from './receipt-rules.ts';

type InboundRuleCalls =
  | 'inboundRules'
  | 'inboundRuleCreate'
  | 'inboundRule'
  | 'inboundRuleUpdate'
  | 'inboundRuleDelete';
type ReceiptRuleCalls =
  | 'receiptRules'
  | 'receiptRuleCreate'
  | 'receiptRule'
  | 'receiptRuleUpdate'
  | 'receiptRuleDelete';

export function ruleRoutes(parts: RuleParts): Pick<Handlers, InboundRuleCalls | ReceiptRuleCalls> {
  return {
    inboundRules: ({ caller, query }) => listInboundRules(parts, caller, query),
    inboundRuleCreate: ({ caller, body }) => createInboundRule(parts, caller, body),
    inboundRule: ({ caller, params }) => readInboundRule(parts, caller, params.inbound_rule_id),
    inboundRuleUpdate: ({ caller, params, body }) => changeInboundRule(parts, caller, params.inbound_rule_id, body),
    inboundRuleDelete: ({ caller, params }) => removeInboundRule(parts, caller, params.inbound_rule_id),
    receiptRules: ({ caller, query }) => listReceiptRules(parts, caller, query),
    receiptRuleCreate: ({ caller, body }) => createReceiptRule(parts, caller, body),
    receiptRule: ({ caller, params }) => readReceiptRule(parts, caller, params.receipt_rule_id),
    receiptRuleUpdate: ({ caller, params, body }) => changeReceiptRule(parts, caller, params.receipt_rule_id, body),
    receiptRuleDelete: ({ caller, params }) => removeReceiptRule(parts, caller, params.receipt_rule_id),
  };
}
