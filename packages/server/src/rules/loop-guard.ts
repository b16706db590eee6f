import type { Runner } from '../db/runner.ts';
import { type ActionFacts, type Ending, type Stop, stopped } from './action.ts';
import { type Counted, countCostly, countForHandsets, countMails, lockAccounts, type Pair } from './store-guard.ts';

/** A rule acts so often for one handset within the time, and no more: else two machines that answer would never end. */
export const LOOP = { acts: 10, minutes: 10 } as const;

/** What costs money, and how often one rule does it within an hour: who writes under ever new numbers must not empty an account. */
export const COSTLY: Readonly<Record<string, number>> = { AUTO_REPLY: 1_000, SMS: 1_000, GROUP_SMS: 10 };

/** What the rules of one account may mail within an hour: mails cost nothing, and go to whom it likes. */
export const MAILS = 200;

const HOUR_MS = 3_600_000;
const MAILING: ReadonlySet<string> = new Set(['EMAIL_USER', 'EMAIL_FIXED', 'EMAIL']);

/** What leaves for somebody, who may answer. */
export const isSending = (action: string): boolean => action in COSTLY || MAILING.has(action);

/** Whom the guard takes a sender for. Whatever is no telephone number is one: carriers deliver any word as a sender. */
export const guardedSender = (sender: string): string => (/^\+\d/.test(sender) ? sender : '');

/** An action that is about to be made. */
export interface Guarded {
  action: string;
  pair: Pair;
  facts: ActionFacts;
  ending: Ending | null;
}

/**
 * Stops those of these actions that would be one too many: for their handset, of their rule, or by mail. The first of each stop
 * is marked, of which the account is told: once within the time. They must be made in the transaction that counts, which no
 * other can do meanwhile.
 */
export async function guardActs(run: Runner, actions: readonly Guarded[], at: number): Promise<void> {
  if (actions.length === 0) return;
  await lockAccounts(run, accountsOf(actions));
  await guardHandsets(run, actions, at);
  await guardRules(run, actions, at);
  await guardMails(run, actions, at);
}

async function guardHandsets(run: Runner, actions: readonly Guarded[], at: number): Promise<void> {
  const groups = groupsOf(actions, ({ pair }) => `${pair.ruleId} ${pair.handset}`);
  const pairs = groups.map(([first]) => first!.pair);
  const counts = await countForHandsets(run, pairs, at - LOOP.minutes * 60_000);
  for (const [i, group] of groups.entries()) {
    const whom = pairs[i]!.handset === '' ? 'senders that are no telephone number' : 'this number';
    const words = `The rule acted ${LOOP.acts} times within ${LOOP.minutes} minutes for ${whom}.`;
    stopBeyond(group, counts[i]!, { most: LOOP.acts, stop: 'handset', words });
  }
}

async function guardRules(run: Runner, actions: readonly Guarded[], at: number): Promise<void> {
  const costly = actions.filter(({ action }) => action in COSTLY);
  const groups = groupsOf(costly, ({ pair }) => `${pair.ruleId}`);
  if (groups.length === 0) return;
  const rules = groups.map(([first]) => ({ ...first!.pair, action: first!.action }));
  const counts = await countCostly(run, rules, at - HOUR_MS, Math.max(...Object.values(COSTLY)));
  for (const [i, group] of groups.entries()) {
    const { action } = rules[i]!;
    const most = COSTLY[action]!;
    const words = `The rule acted ${most} times within an hour, which is as often as one may with ${action}.`;
    stopBeyond(group, counts[i]!, { most, stop: 'rule', words });
  }
}

/** The same for mails alone, where the accounts are locked. */
export async function guardMails(run: Runner, actions: readonly Guarded[], at: number): Promise<void> {
  const groups = groupsOf(
    actions.filter(({ action }) => MAILING.has(action)),
    ({ pair }) => `${pair.accountId}`,
  );
  if (groups.length === 0) return;
  const accounts = groups.map(([first]) => first!.pair.accountId);
  const counts = await countMails(run, accounts, at - HOUR_MS, MAILS);
  const words = `The rules of the account mailed ${MAILS} times within an hour, which is as much as they may.`;
  for (const [i, group] of groups.entries()) stopBeyond(group, counts[i]!, { most: MAILS, stop: 'mails', words });
}

type Stoppable = Pick<Guarded, 'facts' | 'ending'>;

function stopBeyond(
  group: readonly Stoppable[],
  { acted, told }: Counted,
  { most, stop, words }: { most: number; stop: Stop; words: string },
): void {
  const over = group.slice(Math.max(0, most - acted));
  for (const action of over) action.ending = stopped(words);
  if (over[0] && !told) over[0].facts.told = stop;
}

/** Those that were not stopped yet, by what they have in common. */
const groupsOf = <A extends Stoppable>(actions: readonly A[], keyOf: (action: A) => string): A[][] => [
  ...Map.groupBy(
    actions.filter(({ ending }) => ending === null),
    keyOf,
  ).values(),
];

const accountsOf = (actions: readonly Guarded[]): number[] => [...new Set(actions.map(({ pair }) => pair.accountId))];
