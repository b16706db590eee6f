import { z } from 'zod';
import { action } from '../action.ts';
import { neverNull } from '../fields.ts';
import { hints } from '../hints.ts';
import { judgeMessages } from '../judge-messages.ts';
import { wire } from '../wire.ts';
import { smsMessages } from './sms-messages.ts';

export const sendSms = action({
  slug: 'CLICKSEND_CREATE_SMS_SEND',
  title: 'Send SMS messages',
  description:
    'Sends SMS messages: 1 to 1,000 in one call, each to one phone number, now or at its own schedule. This costs money and reaches real people; what has left cannot be taken back. Ask CLICKSEND_SMS_PRICE_POST first when the cost matters. Each message is answered with a status of its own: only SUCCESS was accepted, so read them all. Whether it arrived is told later by CLICKSEND_GET_SMS_HISTORY. Do not repeat a call that was accepted. To write to a whole contact list use CLICKSEND_CREATE_SMS_CAMPAIGNS_SEND. Marketing texts need a way to opt out, as "Reply STOP to opt out".',
  input: z.strictObject({
    messages: smsMessages('The messages to send, 1 to 1,000, each with at least to and body.'),
  }),
  hints: hints.sends,
  spends: true,
  topics: ['sms', 'send', 'messages', 'message', 'text', 'texting'],
  endpoint: wire('smsSend'),
  seenIn: 'CLICKSEND_GET_SMS_HISTORY',
  operation: ({ messages }) => ({ body: { messages } }),
  judge: (data, { messages }) => judgeMessages(data, 'sent', messages),
});

export const priceSms = action({
  slug: 'CLICKSEND_SMS_PRICE_POST',
  title: 'Price SMS messages without sending',
  description:
    'Tells what SMS messages would cost, and sends nothing. Takes the same messages as CLICKSEND_CREATE_SMS_SEND. Answers the price and number of parts of each message, and the total in the currency of the account. A message whose status is not SUCCESS could not be sent as it is; its status says why.',
  input: z.strictObject({
    messages: smsMessages('The messages to price, at least 1 and up to 1,000, written as they would be sent.'),
  }),
  hints: hints.reads,
  spends: false,
  topics: ['sms', 'price', 'messages'],
  endpoint: wire('smsPrice'),
  operation: ({ messages }) => ({ body: { messages } }),
  judge: (data) => judgeMessages(data, 'priced'),
});

const tagWords = 'must be text that is not empty. To cancel every scheduled message, leave it out altogether.';

export const cancelAllSms = action({
  slug: 'CLICKSEND_SMS_CANCEL_ALL_PUT',
  title: 'Cancel scheduled SMS messages, all or by custom_string',
  description:
    'Cancels SMS messages that are scheduled and have not left yet: WITHOUT custom_string every one of the whole account, with it only those that carry exactly this custom_string. A cancelled message cannot be brought back; it would have to be sent anew. Look at CLICKSEND_GET_SMS_HISTORY with q "status:Scheduled" first. Answers how many were cancelled in count; 0 means that none was waiting. To cancel one campaign use CLICKSEND_SMS_CAMPAIGNS_CANCEL_BY_SMS_CAMPAIGN_ID_PUT.',
  input: z.strictObject({
    custom_string: neverNull(z.string(tagWords).min(1, tagWords))
      .optional()
      .describe(
        'Cancel only the scheduled messages that were sent with this custom_string. Without it, all of them are cancelled.',
      ),
  }),
  hints: hints.removes,
  spends: false,
  topics: ['sms', 'cancel', 'schedule'],
  endpoint: wire('smsCancelAll'),
  seenIn: 'CLICKSEND_GET_SMS_HISTORY',
  operation: ({ custom_string }) => ({ body: custom_string === undefined ? {} : { custom_string } }),
});
