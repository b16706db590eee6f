import type { NewEvent } from '../events/record.ts';
import { showMessageId } from '../messages/ids.ts';

/** The action of a rule, as its account is told of it. */
export interface ToldAction {
  accountId: number;
  kind: 'inbound' | 'receipt';
  ruleId: number;
  ruleName: string;
  action: string;
  subjectId: string;
  handset: string;
}

const factsOf = ({ kind, ruleId, ruleName, action, subjectId, handset }: ToldAction) => ({
  rule_kind: kind,
  rule_id: ruleId,
  rule_name: ruleName,
  action,
  message_id: showMessageId(subjectId),
  handset,
});

/** Something a rule wanted could not be done. */
export const failedEvent = (action: ToldAction, why: string, at: number): NewEvent => ({
  accountId: action.accountId,
  at,
  kind: 'rule.failed',
  facts: { ...factsOf(action), why },
});

/** A rule was stopped for a handset. Somebody must look: two machines may be talking to each other. */
export function loopEvent(action: ToldAction, { acts, minutes }: Guard, at: number): NewEvent {
  const { ruleName, handset } = action;
  const facts = {
    ...factsOf(action),
    subject: `Rule "${ruleName}" was stopped for ${handset}`,
    text: `The rule "${ruleName}" (${action.action}, number ${action.ruleId}) has acted ${acts} times within ${minutes} minutes for texts from ${handset}.

That number may be a machine that answers by itself, and the rule an answer to it. For this number the rule does nothing more until ${minutes} minutes have passed since the first of those texts; its texts are kept, and other rules and numbers go on.

If this is right, nothing needs to be done. If the number is a machine, change the rule so that it does not answer it.
`,
  };
  return { accountId: action.accountId, at, kind: 'rule.loop-stopped', facts, alert: true };
}

export interface Guard {
  acts: number;
  minutes: number;
}
