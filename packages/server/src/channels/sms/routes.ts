import type { Body } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import type { Handlers } from '../../accounts/call.ts';
import { priceAnswer, sendAnswer } from './answers.ts';
import { draftAll, type SmsCall, type SmsParts, sendSms } from './send.ts';

/** Send and price. */
export function smsRoutes(parts: SmsParts): Pick<Handlers, 'smsSend' | 'smsPrice'> {
  return {
    async smsSend({ caller, body, idempotencyKey }) {
      const { rows, replayed } = await sendSms(parts, caller, { ...callOf(body), key: idempotencyKey });
      return { data: sendAnswer(rows, caller.account), words: 'Messages queued for delivery.', replayed };
    },
    async smsPrice({ caller, body }) {
      const { drafts } = await draftAll(parts, caller, callOf(body));
      return { data: priceAnswer(drafts, caller.account, parts.newId), words: 'Price calculated.' };
    },
  };
}

const callOf = (body: Body<Endpoints['smsSend']>): SmsCall => ({
  messages: body.messages,
  shortenUrls: body.shorten_urls === true,
  senders: body.senders ?? [],
});
