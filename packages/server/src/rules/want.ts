import type { InboundText } from '../inbound/store-texts.ts';
import { type Ending, failed } from './action.ts';
import { type Guarded, guardedSender } from './loop-guard.ts';
import type { AskedRule } from './store-asking.ts';

/** A rule that acts for a text. Its ending is set as soon as there is nothing more to do. */
export interface Want extends Guarded {
  id: string;
  text: InboundText;
  rule: AskedRule;
}

export const wantOf = (text: InboundText, rule: AskedRule, id: string): Want => ({
  id,
  text,
  rule,
  action: rule.action,
  pair: { accountId: text.account_id, ruleId: rule.inbound_rule_id, handset: guardedSender(text.sender) },
  facts: {},
  ending: null,
});

export const noSuchAction = (action: string): Ending => failed(`There is no action ${action.slice(0, 40)}.`);
