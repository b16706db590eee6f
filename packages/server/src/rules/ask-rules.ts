import type { Clock } from '@veredus/protocols/clock';
import type { Runner } from '../db/runner.ts';
import { inTransaction, type Pool } from '../db/transaction.ts';
import type { NewEvent } from '../events/record.ts';
import { insertEvents } from '../events/store-insert.ts';
import type { InboundText } from '../inbound/store-texts.ts';
import { ActionState, type NewAction, stopped } from './action.ts';
import { INBOUND_ACTIONS } from './actions.ts';
import { forwardAll, pushAll } from './direct.ts';
import { failedEvent, stopEvent } from './events.ts';
import { guardActs, isSending } from './loop-guard.ts';
import { rulesFor } from './match-text.ts';
import { insertActions } from './store-actions.ts';
import { enabledRules, lockUnasked, lockUnaskedOne, markAsked } from './store-asking.ts';
import { noSuchAction, type Want, wantOf } from './want.ts';

export interface AskParts {
  pool: Pool;
  clock: Clock;
  newId: () => string;
  log(event: string, facts: Record<string, unknown>): void;
}

/** What came of asking the rules about some texts. */
export interface Asked {
  ids: string[];
  /** Actions that wait to be done. */
  waiting: number;
  pushed: number;
  forwarded: number;
}

/** How many pushes may have led to a text that is pushed in turn. */
export const DEEPEST = 3;

/**
 * Asks the rules about texts nobody was asked about, of each account in turn its oldest: one transaction, in which all that the rules want is done, or
 * noted to be done. Of two nodes each takes other texts.
 */
export function askChunk(parts: AskParts, but: readonly string[], limit: number): Promise<Asked> {
  return inTransaction(parts.pool, async (run) => ask(parts, run, await lockUnasked(run, but, limit)));
}

/** The same of one text, where asking about a chunk has failed. */
export function askAbout(parts: AskParts, id: string): Promise<Asked> {
  return inTransaction(parts.pool, async (run) => {
    const text = await lockUnaskedOne(run, id);
    return ask(parts, run, text ? [text] : []);
  });
}

async function ask({ clock, newId, log }: AskParts, run: Runner, texts: readonly InboundText[]): Promise<Asked> {
  if (texts.length === 0) return { ids: [], waiting: 0, pushed: 0, forwarded: 0 };
  const at = clock.now();
  const ids = texts.map(({ id }) => id);
  const wants = await wantsFor(run, texts, newId);
  const polled = wants.filter(({ rule }) => rule.action === 'POLL').map(({ text }) => text.id);
  const acting = wants.filter(({ rule }) => rule.action !== 'POLL');
  for (const want of acting) want.ending = objectionTo(want);
  const left = (which: (action: string) => boolean) =>
    acting.filter(({ ending, rule }) => ending === null && which(rule.action));
  for (const want of repeatedMails(acting)) want.ending = stopped('Another rule mails this text to the same address.');
  await guardActs(run, left(isSending), at);
  const pushed = await pushAll(
    run,
    left((action) => action === 'URL'),
    { at, newId, log },
  );
  const forwarded = await forwardAll(
    run,
    left((action) => action === 'SMPP'),
    { at, newId, log },
  );
  const waiting = left(() => true).length;
  await insertActions(
    run,
    acting.map((want) => actionOf(want, at)),
  );
  const events = acting.flatMap((want) => eventsOf(want, at));
  if (events.length > 0) await insertEvents(run, events);
  for (const { accountId: account, kind, facts } of events) log(kind, { account, rule: facts.rule_id });
  await markAsked(run, { ids, polled: [...new Set(polled)], at });
  return { ids, waiting, pushed, forwarded };
}

async function wantsFor(run: Runner, texts: readonly InboundText[], newId: () => string): Promise<Want[]> {
  const rules = await enabledRules(run, [...new Set(texts.map((text) => text.account_id))]);
  return texts.flatMap((text) => {
    const own = rules.get(text.account_id) ?? [];
    const received = { ...text, country: own[0]?.country ?? '' };
    return rulesFor(received, own).map((rule) => wantOf(text, rule, newId()));
  });
}

const INFORMING = new Set(['URL', 'SMPP', 'EMAIL_USER', 'EMAIL_FIXED']);

/** Why a rule that matches does not act. */
function objectionTo({ rule: { action }, text }: Want) {
  if (!(INBOUND_ACTIONS as readonly string[]).includes(action)) return noSuchAction(action);
  if (text.keyword === 'opt-out' && !INFORMING.has(action))
    return stopped('The text is an opt-out: it is not answered or forwarded by SMS, and makes nobody a contact.');
  if (text.keyword === 'review' && action === 'AUTO_REPLY')
    return stopped('The text may be an opt-out, and is not answered until somebody has looked at it.');
  if (action === 'URL' && text.depth >= DEEPEST)
    return stopped(`A chain of ${text.depth} pushes led to this text: it is not pushed once more.`);
  return null;
}

/** Mails of a text to an address that an earlier rule mails it to. */
function repeatedMails(wants: readonly Want[]): Want[] {
  const seen = new Set<string>();
  return wants.filter(({ action, text, rule }) => {
    if (!action.startsWith('EMAIL_')) return false;
    const mail = `${text.id} ${action === 'EMAIL_FIXED' ? rule.action_address.trim().toLowerCase() : ''}`;
    return seen.size === seen.add(mail).size;
  });
}

const actionOf = ({ id, text, rule, facts, ending }: Want, at: number): NewAction => ({
  id,
  accountId: text.account_id,
  createdAt: at,
  kind: 'inbound',
  ruleId: rule.inbound_rule_id,
  ruleName: rule.rule_name,
  subjectId: text.id,
  handset: text.sender,
  action: rule.action,
  actionAddress: rule.action_address,
  body: rule.body,
  webhookType: rule.webhook_type,
  searchTerm: rule.message_search_term,
  facts,
  ending,
});

function eventsOf(want: Want, at: number): NewEvent[] {
  const { ending, facts } = want;
  const action = actionOf(want, at);
  return [
    ...(facts.told ? [stopEvent(action, facts.told, at)] : []),
    ...(ending?.state === ActionState.failed ? [failedEvent(action, ending.outcome, at)] : []),
  ];
}
