import { storable } from '../db/storable.ts';

/** What has become of a rule's action. Stored (rule_actions.state); never renumber. */
export const ActionState = { waiting: 0, done: 1, failed: 2, stopped: 3 } as const;
export type ActionState = (typeof ActionState)[keyof typeof ActionState];

/** As it is shown. */
export const STATE_WORDS: Readonly<Record<number, 'waiting' | 'done' | 'failed' | 'stopped'>> = {
  [ActionState.waiting]: 'waiting',
  [ActionState.done]: 'done',
  [ActionState.failed]: 'failed',
  [ActionState.stopped]: 'stopped',
};

/** How an action ended, with the reason in a sentence for the account. */
export interface Ending {
  state: Exclude<ActionState, 0>;
  outcome: string;
}

export const done = (outcome: string): Ending => ({ state: ActionState.done, outcome: storable(outcome) });
export const failed = (outcome: string): Ending => ({ state: ActionState.failed, outcome: storable(outcome) });
export const stopped = (outcome: string): Ending => ({ state: ActionState.stopped, outcome: storable(outcome) });

export const FAULT = 'A fault of the platform kept it from being done; its log says more, under rule.fault.';

/** Why an action was one too many: for its handset, of its rule, or by mail of its account. */
export type Stop = 'handset' | 'rule' | 'mails';

/** What goes beside an action. */
export interface ActionFacts {
  /** Set on the action whose stop the account was told of: which it was. */
  told?: Stop;
  /** Of a forward to a list: messages so far, and how many of them were refused. */
  sent?: number;
  refused?: number;
  /** How often it was taken up, did a part, and went on waiting: what is no failed attempt. */
  chunks?: number;
  /** Of a receipt: what is mailed, field by field. */
  receipt?: Record<string, string | number | null>;
}

/** An action as it is made: the rule's words are copied, so that a rule changed meanwhile changes nothing under way. */
export interface NewAction {
  id: string;
  accountId: number;
  createdAt: number;
  kind: 'inbound' | 'receipt';
  ruleId: number;
  ruleName: string;
  subjectId: string;
  handset: string;
  action: string;
  actionAddress: string;
  body: string | null;
  webhookType: string | null;
  searchTerm: string | null;
  facts: ActionFacts;
  /** Null = it waits to be done. */
  ending: Ending | null;
}

/** One that a node has taken to do it. `attempts` is the token: whoever takes it later has another. */
export interface TakenAction {
  action_id: string;
  account_id: number;
  created_at: number;
  kind: 'inbound' | 'receipt';
  rule_id: number;
  rule_name: string;
  subject_id: string;
  handset: string;
  action: string;
  action_address: string;
  body: string | null;
  message_search_term: string | null;
  facts: ActionFacts;
  attempts: number;
  /** The last contact that a forward to a list has served. */
  progress: number | null;
}
