import type { Clock } from '@veredus/protocols/clock';
import { isUnavailable } from '../db/patient-pool.ts';
import type { Runner } from '../db/runner.ts';
import { inTransaction, type Pool } from '../db/transaction.ts';
import { receiptsForEsmes } from '../esmes/receipts.ts';
import { insertEvents } from '../events/store-insert.ts';
import { channelName } from '../messages/message.ts';
import type { Status } from '../messages/status.ts';
import { enqueueWebhooks, type NewWebhook } from '../webhooks/enqueue.ts';
import type { NewAction } from './action.ts';
import { stopEvent } from './events.ts';
import { type Guarded, guardMails } from './loop-guard.ts';
import { type Ended, matchesReceipt, receiptFields } from './receipt-fields.ts';
import { type Rounds, rounds } from './rounds.ts';
import { insertActions } from './store-actions.ts';
import { lockAccounts } from './store-guard.ts';
import {
  type EndedMessages,
  findMessages,
  markTold,
  pushingRules,
  type ReceiptMessage,
  type ReceiptRule,
  takeEnded,
} from './store-receipts.ts';

export interface ReceiptRunnerParts {
  pool: Pool;
  clock: Clock;
  newId: () => string;
  /** Pushes were queued, receipts for customers' SMPP clients, or actions. */
  pushed(): void;
  forwarded(): void;
  wakeActions(): void;
  log(event: string, facts: Record<string, unknown>): void;
}

/** Events of one transaction, each of up to a thousand messages… */
const EVENTS = 50;
/** …of which it takes no more than this together, counted once for each rule of their account; but one event at least. */
const MESSAGES = 2_000;
/** Pushes of one statement. */
const PIECE = 1_000;
/** An event whose receipts could not be told is left alone so long. */
const REST_MS = 60_000;

/**
 * Tells the rules for receipts, and customers' SMPP clients, of messages that came to their ends: each event in one transaction
 * with what is queued because of it, so once. Several nodes may ask; one at a time does.
 */
export function receiptRunner(parts: ReceiptRunnerParts): Rounds {
  const resting = new Map<number, number>();
  const restingNow = () => {
    const now = parts.clock.monotonic();
    for (const [id, until] of resting) if (until <= now) resting.delete(id);
    return [...resting.keys()];
  };
  /** One event at a time, after a chunk has failed. */
  let singly = false;
  /** The account whose turn was last. */
  let after = 0;

  const tellAll = async (stopping: () => boolean) => {
    while (!stopping()) {
      let first: number | null = null;
      try {
        const look = { but: restingNow(), after, limit: singly ? 1 : EVENTS };
        const last = await tellChunk(parts, look, (id) => {
          first = id;
        });
        if (last === null) break;
        after = last;
      } catch (error) {
        if (isUnavailable(error)) throw error;
        parts.log('receipt-rules.failed', { event: first, singly, error: (error as Error).message });
        if (singly && first === null) throw error;
        if (singly) resting.set(first!, parts.clock.monotonic() + REST_MS);
        singly = !singly;
      }
    }
    singly = false;
  };
  return rounds(tellAll, (error) => parts.log('receipt-rules.round-failed', { error: error.message }));
}

/** Answers whose turn was last; null = there is no more, or another node is at it. `began` hears which event comes first. */
async function tellChunk(
  parts: ReceiptRunnerParts,
  look: Parameters<typeof takeEnded>[1],
  began: (eventId: number) => void,
): Promise<number | null> {
  const told = await inTransaction(parts.pool, async (run) => {
    const events = await takeEnded(run, look);
    if (events === null || events.length === 0) return null;
    began(events[0]!.event_id);
    const rules = await pushingRules(run, [...new Set(events.map((event) => event.account_id))]);
    const taken = upTo(events, MESSAGES, rules);
    const queued = await tell(parts, run, rules, taken.flatMap(endedOf));
    await markTold(
      run,
      taken.map((event) => event.event_id),
    );
    return { ...queued, last: taken.at(-1)!.account_id };
  });
  if (told === null) return null;
  if (told.pushes > 0) parts.pushed();
  if (told.forwards > 0) parts.forwarded();
  if (told.actions > 0) parts.wakeActions();
  return told.last;
}

type Rules = ReadonlyMap<number, readonly ReceiptRule[]>;

/** The first of these events, together of no more than `most` messages, each as often as its account has rules; one at least. */
function upTo(events: readonly EndedMessages[], most: number, rules: Rules): EndedMessages[] {
  let count = 0;
  const end = events.findIndex(({ account_id, message_ids }, i) => {
    count += message_ids.length * Math.max(1, rules.get(account_id)?.length ?? 0);
    return i > 0 && count > most;
  });
  return events.slice(0, end < 0 ? events.length : end);
}

const endedOf = (event: EndedMessages): Ended[] =>
  event.message_ids.map((messageId, i) => ({
    accountId: event.account_id,
    messageId,
    status: event.statuses[i] as Status,
    errorCode: event.error_codes[i] ?? null,
    at: event.at,
  }));

/** Queues what the rules want of these messages, and the receipts of those that came by SMPP. */
async function tell(parts: ReceiptRunnerParts, run: Runner, rules: Rules, ended: readonly Ended[]) {
  const forwards = await receiptsForEsmes(run, ended, parts.newId);
  const wanted = ended.filter(({ accountId }) => rules.has(accountId));
  const messages = await findMessages(run, wanted);
  const told = wanted.flatMap((one) => {
    const message = messages.get(one.messageId);
    return message === undefined ? [] : rulesFor(rules.get(one.accountId)!, one, message);
  });
  const facts = { at: parts.clock.now(), newId: parts.newId };
  const mails = told.filter(({ rule }) => rule.action === 'EMAIL');
  const actions = await mailAll(run, mails, facts);
  const pushes = told.filter(({ rule }) => rule.action === 'URL');
  let left = 0;
  for (let i = 0; i < pushes.length; i += PIECE) {
    const ids = await enqueueWebhooks(run, pushes.slice(i, i + PIECE).map(pushOf), facts);
    left += ids.filter((id) => id === null).length;
  }
  // The account has as many addresses as it may.
  if (left > 0) parts.log('receipt-rules.not-queued', { pushes: left });
  return { pushes: pushes.length, forwards, actions };
}

/** Notes the mails that the account may still make, and how many. The first that it may not is noted as stopped; the others are not. */
async function mailAll(
  run: Runner,
  mails: readonly Told[],
  { at, newId }: { at: number; newId: () => string },
): Promise<number> {
  const guarded = mails.map((told) => ({ ...told, ...guardedOf(told) }));
  await lockAccounts(run, [...new Set(mails.map(({ ended }) => ended.accountId))]);
  await guardMails(run, guarded, at);
  const made = guarded.filter(({ ending, facts }) => ending === null || facts.told);
  const actions = made.map((mail) => mailOf(mail, newId(), at));
  await insertActions(run, actions);
  const stops = actions.filter(({ facts }) => facts.told);
  if (stops.length > 0)
    await insertEvents(
      run,
      stops.map((action) => stopEvent(action, action.facts.told!, at)),
    );
  return actions.length - stops.length;
}

const guardedOf = ({ rule, ended, message }: Told): Guarded => ({
  action: rule.action,
  pair: { accountId: ended.accountId, ruleId: rule.receipt_rule_id, handset: message.recipient },
  facts: {},
  ending: null,
});

interface Told {
  rule: ReceiptRule;
  ended: Ended;
  message: ReceiptMessage;
}

/** The rules that are told. Of several that would mail to one address the first is. */
function rulesFor(rules: readonly ReceiptRule[], ended: Ended, message: ReceiptMessage): Told[] {
  const told: Told[] = [];
  const mailed = new Set<string>();
  for (const rule of rules) {
    if (rule.channel !== channelName(message.channel) || !matchesReceipt(rule.match_type, ended.status)) continue;
    const address = rule.action_address.trim().toLowerCase();
    if (rule.action === 'EMAIL' && mailed.size === mailed.add(address).size) continue;
    told.push({ rule, ended, message });
  }
  return told;
}

const pushOf = ({ rule, ended, message }: Told): NewWebhook => ({
  accountId: ended.accountId,
  url: rule.action_address.trim(),
  method: 'post',
  kind: 'receipt',
  subjectId: ended.messageId,
  fields: receiptFields(ended, message),
  depth: message.depth,
  occurredAt: ended.at,
});

const mailOf = ({ rule, ended, message, facts, ending }: Told & Guarded, id: string, at: number): NewAction => ({
  id,
  accountId: ended.accountId,
  createdAt: at,
  kind: 'receipt',
  ruleId: rule.receipt_rule_id,
  ruleName: rule.rule_name,
  subjectId: ended.messageId,
  handset: message.recipient,
  action: rule.action,
  actionAddress: rule.action_address,
  body: null,
  webhookType: null,
  searchTerm: null,
  facts: { ...facts, receipt: receiptFields(ended, message) },
  ending,
});
