import type { Handlers } from '../../accounts/call.ts';
import { priceAnswer, sendAnswer } from './answers.ts';
import { draftAll, type SmsParts, sendSms } from './send.ts';

/** Send and price. */
export function smsRoutes(parts: SmsParts): Pick<Handlers, 'smsSend' | 'smsPrice'> {
  return {
    async smsSend({ caller, body, idempotencyKey }) {
      const { rows, replayed } = await sendSms(parts, caller, { messages: body.messages, key: idempotencyKey });
      return { data: sendAnswer(rows, caller.account), words: 'Messages queued for delivery.', replayed };
    },
    async smsPrice({ caller, body }) {
      const drafts = await draftAll(parts, caller, body.messages);
      return { data: priceAnswer(drafts, caller.account, parts.newId), words: 'Price calculated.' };
    },
  };
}
