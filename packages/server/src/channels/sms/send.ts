import type { SmsMessage } from '@veredus/contract/endpoints/sms-message';
import type { Caller } from '../../accounts/caller.ts';
import { type Accepted, type AcceptParts, accept, type Draft } from '../../messages/accept.ts';
import { Channel, Priority } from '../../messages/message.ts';
import { digestOf } from '../../messages/store-idempotency.ts';
import type { Rates } from '../../pricing/rates.ts';
import { ownNumbers } from '../../senders/store.ts';
import { classifySender } from './senders.ts';
import { draftSms } from './sms.ts';

export interface SmsParts extends AcceptParts {
  rates: Rates;
  /** The carrier's shared number; empty where it has none to show. */
  sharedNumber: string;
}

export const SMS_VALIDITY_MS = 24 * 3_600_000;

/** Checks, normalises and prices messages; stores nothing. */
export async function draftAll(parts: SmsParts, caller: Caller, messages: readonly SmsMessage[]): Promise<Draft[]> {
  const rules = {
    card: parts.rates.current(),
    now: parts.clock.now(),
    sharedNumber: parts.sharedNumber,
    ownNumbers: caller.account.anySenderNumber ? null : await numbersOf(parts, caller, messages),
  };
  return messages.map((message) => draftSms(message, caller, rules));
}

async function numbersOf(
  parts: SmsParts,
  caller: Caller,
  messages: readonly SmsMessage[],
): Promise<ReadonlySet<string>> {
  const wanted = new Set<string>();
  for (const message of messages) {
    const sender = classifySender(
      message.from || caller.account.defaultSender,
      message.country || caller.account.country,
    );
    if (sender?.kind === 'number') wanted.add(sender.sender);
  }
  return wanted.size === 0 ? wanted : ownNumbers(parts.pool, caller.accountId, [...wanted]);
}

/** Sends SMS: every item gets an id, a price and a status of its own. `key` is the caller's Idempotency-Key, if any. */
export async function sendSms(
  parts: SmsParts,
  caller: Caller,
  input: { messages: readonly SmsMessage[]; key: string | null },
): Promise<Accepted> {
  const drafts = await draftAll(parts, caller, input.messages);
  return accept(parts, caller, drafts, {
    channel: Channel.sms,
    priority: Priority.transactional,
    validityMs: SMS_VALIDITY_MS,
    key: input.key === null ? null : { route: 'smsSend', key: input.key, digest: digestOf(input.messages) },
  });
}
