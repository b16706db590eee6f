import { createHash } from 'node:crypto';
import type { Outgoing } from '../../messages/carrier.ts';
import type { Call } from './calls.ts';

/** The most recipients of one call, by ClickSend's v3 contract. */
export const MESSAGES_PER_CALL = 1_000;

/**
 * The call that sends `messages`. Our id goes along as `custom_string`, by which the answer and its receipts are told
 * apart. The Idempotency-Key is the same for the same messages, so that a peer of our own kind takes a call once whoever
 * repeats it; `deferrals` (how often a message was put off for certain) makes a new attempt a new call. ClickSend's cloud
 * ignores the key.
 */
export function sendCall(messages: readonly Outgoing[], deferrals: (id: string) => number): Call {
  const body = {
    messages: messages.map(({ id, recipient, sender, body }) => ({
      to: recipient,
      ...(sender === '' ? {} : { from: sender }),
      body,
      custom_string: id,
      source: 'veredus',
    })),
  };
  const key = createHash('sha256');
  for (const { id } of messages) key.update(`${id} ${deferrals(id)}\n`);
  return { method: 'POST', path: '/v3/sms/send', body: JSON.stringify(body), key: key.digest('hex') };
}
