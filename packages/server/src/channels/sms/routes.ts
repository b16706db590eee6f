import type { Body } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import type { Handlers } from '../../accounts/call.ts';
import type { Caller } from '../../accounts/caller.ts';
import type { Draft } from '../../messages/accept.ts';
import { Channel } from '../../messages/message.ts';
import { OPTED_OUT } from '../../messages/settlement.ts';
import { suppressedAmong } from '../../suppression/store.ts';
import { priceAnswer, sendAnswer } from './answers.ts';
import { draftAll, type SmsCall, type SmsParts, sendSms } from './send.ts';

/** Send and price. */
export function smsRoutes(parts: SmsParts): Pick<Handlers, 'smsSend' | 'smsPrice'> {
  return {
    async smsSend({ caller, body, idempotencyKey, depth, origin }) {
      const { rows, replayed } = await sendSms(parts, caller, { ...callOf(body), key: idempotencyKey, depth, origin });
      return { data: sendAnswer(rows, caller.account), words: 'Messages queued for delivery.', replayed };
    },
    async smsPrice({ caller, body }) {
      const { drafts } = await draftAll(parts, caller, callOf(body));
      await refuseOptedOut(parts, caller, drafts);
      return { data: priceAnswer(drafts, caller.account, parts.newId), words: 'Price calculated.' };
    },
  };
}

/** A price is what a send would cost: nothing, for whoever opted out. */
async function refuseOptedOut({ pool }: SmsParts, caller: Caller, drafts: readonly Draft[]): Promise<void> {
  const sound = drafts.filter((draft) => draft.refusal === null);
  const recipients = sound.map(({ recipient }) => recipient);
  const suppressed = await suppressedAmong(pool, caller.accountId, Channel.sms, recipients);
  for (const draft of sound) {
    if (suppressed.has(draft.recipient)) Object.assign(draft, { refusal: 'INVALID_RECIPIENT', words: OPTED_OUT });
  }
}

const callOf = (body: Body<Endpoints['smsSend']>): SmsCall => ({
  messages: body.messages,
  shortenUrls: body.shorten_urls === true,
  senders: body.senders ?? [],
});
