import type { Clock } from '@veredus/protocols/clock';
import { isUnavailable } from '../db/patient-pool.ts';
import type { Runner } from '../db/runner.ts';
import { inTransaction, type Pool } from '../db/transaction.ts';
import { receiptsForEsmes } from '../esmes/receipts.ts';
import type { Status } from '../messages/status.ts';
import { enqueueWebhooks, type NewWebhook } from '../webhooks/enqueue.ts';
import type { NewAction } from './action.ts';
import { channelName, type Ended, matchesReceipt, receiptFields } from './receipt-fields.ts';
import { type Rounds, rounds } from './rounds.ts';
import { insertActions } from './store-actions.ts';
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
/** …of which it takes no more than this together. */
const MESSAGES = 2_000;
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

  const tellAll = async (stopping: () => boolean) => {
    while (!stopping()) {
      let first: number | null = null;
      try {
        const told = await tellChunk(parts, restingNow(), singly ? 1 : EVENTS, (id) => {
          first = id;
        });
        if (!told) break;
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

/** False = there is no more, or another node is at it. `began` hears which event comes first. */
async function tellChunk(
  parts: ReceiptRunnerParts,
  but: readonly number[],
  limit: number,
  began: (eventId: number) => void,
): Promise<boolean> {
  const told = await inTransaction(parts.pool, async (run) => {
    const events = await takeEnded(run, but, limit);
    if (events === null || events.length === 0) return null;
    began(events[0]!.event_id);
    const taken = upTo(events, MESSAGES);
    const queued = await tell(parts, run, taken.flatMap(endedOf));
    await markTold(
      run,
      taken.map((event) => event.event_id),
    );
    return queued;
  });
  if (told === null) return false;
  if (told.pushes > 0) parts.pushed();
  if (told.forwards > 0) parts.forwarded();
  if (told.actions > 0) parts.wakeActions();
  return true;
}

/** The first of these events, together of no more than `most` messages; one at least. */
function upTo(events: readonly EndedMessages[], most: number): EndedMessages[] {
  let count = 0;
  const end = events.findIndex(({ message_ids }, i) => {
    count += message_ids.length;
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
async function tell(parts: ReceiptRunnerParts, run: Runner, ended: readonly Ended[]) {
  const forwards = await receiptsForEsmes(run, ended, parts.newId);
  const rules = await pushingRules(run, [...new Set(ended.map(({ accountId }) => accountId))]);
  const wanted = ended.filter(({ accountId }) => rules.has(accountId));
  const messages = await findMessages(run, wanted);
  const told = wanted.flatMap((one) => {
    const message = messages.get(one.messageId);
    return message === undefined ? [] : rulesFor(rules.get(one.accountId)!, one, message);
  });
  const pushes = told.filter(({ rule }) => rule.action === 'URL').map(pushOf);
  const at = parts.clock.now();
  await enqueueWebhooks(run, pushes, { at, newId: parts.newId });
  const actions = told.filter(({ rule }) => rule.action === 'EMAIL').map((one) => mailOf(one, parts.newId(), at));
  await insertActions(run, actions);
  return { pushes: pushes.length, forwards, actions: actions.length };
}

interface Told {
  rule: ReceiptRule;
  ended: Ended;
  message: ReceiptMessage;
}

const rulesFor = (rules: readonly ReceiptRule[], ended: Ended, message: ReceiptMessage): Told[] =>
  rules
    .filter(
      ({ channel, match_type }) => channel === channelName(message.channel) && matchesReceipt(match_type, ended.status),
    )
    .map((rule) => ({ rule, ended, message }));

const pushOf = ({ rule, ended, message }: Told): NewWebhook => ({
  accountId: ended.accountId,
  url: rule.action_address.trim(),
  method: 'post',
  kind: 'receipt',
  subjectId: ended.messageId,
  fields: receiptFields(ended, message),
  depth: 0,
  occurredAt: ended.at,
});

const mailOf = ({ rule, ended, message }: Told, id: string, at: number): NewAction => ({
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
  facts: { receipt: receiptFields(ended, message) },
  ending: null,
});
