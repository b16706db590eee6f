import { Refusal } from '../refusal.ts';

export function noSuchRule(field: 'inbound_rule_id' | 'receipt_rule_id', ruleId: number): Refusal {
  const words = `There is no rule ${ruleId} in this account.`;
  return new Refusal('not-found', words, { fields: { [field]: words } });
}

export function tooManyTelling(most: number): Refusal {
  const words = `This account has ${most} enabled rules that push or mail receipts, which is as many as it may have: each is told of every message. Disable one it no longer needs.`;
  return new Refusal('bad-request', words, { fields: { enabled: words } });
}

export function tooManyRules(most: number): Refusal {
  const words = `This account has ${most} rules of this kind, which is as many as it may have. Delete one it no longer needs.`;
  return new Refusal('bad-request', words, { fields: { rule_name: words } });
}
