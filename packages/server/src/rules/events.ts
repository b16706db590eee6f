import type { NewEvent } from '../events/record.ts';
import { showMessageId } from '../messages/ids.ts';
import type { Stop } from './action.ts';
import { COSTLY, LOOP, MAILS } from './loop-guard.ts';

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

/** A rule was stopped. Somebody must look: two machines may be talking to each other, or somebody plays with the account. */
export function stopEvent(action: ToldAction, stop: Stop, at: number): NewEvent {
  const facts = { ...factsOf(action), ...WORDS[stop](action) };
  return { accountId: action.accountId, at, kind: 'rule.loop-stopped', facts, alert: true };
}

const named = ({ ruleName, action, ruleId }: ToldAction) => `The rule "${ruleName}" (${action}, number ${ruleId})`;

const WORDS: Readonly<Record<Stop, (action: ToldAction) => { subject: string; text: string }>> = {
  handset: (action) => ({
    subject: `Rule "${action.ruleName}" was stopped for ${action.handset}`,
    text: `${named(action)} has acted ${LOOP.acts} times within ${LOOP.minutes} minutes for texts from ${action.handset}.

That number may be a machine that answers by itself, and the rule an answer to it. For this number the rule does nothing more until ${LOOP.minutes} minutes have passed since the first of those texts; its texts are kept, and other rules and numbers go on. Senders that are no telephone number count as one.

If this is right, nothing needs to be done. If the number is a machine, change the rule so that it does not answer it.
`,
  }),
  rule: (action) => ({
    subject: `Rule "${action.ruleName}" was stopped: it acted ${COSTLY[action.action]} times within an hour`,
    text: `${named(action)} has acted ${COSTLY[action.action]} times within an hour, which costs money, and is as often as it may. Somebody may be writing under ever new numbers to use it up.

The rule does nothing more until fewer of its acts lie within an hour. The texts are kept, and other rules go on. What it did is listed in GET /v3/automations/sms/inbound/${action.ruleId}/actions.
`,
  }),
  mails: (action) => ({
    subject: `Rules no longer mail: ${MAILS} mails within an hour`,
    text: `The rules of this account have mailed ${MAILS} times within an hour, which is as much as they may. ${named(action)} was the first to be stopped.

They mail nothing more until fewer of their mails lie within an hour; what would have been mailed meanwhile is not mailed later. Texts and receipts are kept, and all else goes on. To be told of more, use URL or POLL in place of EMAIL.
`,
  }),
};
