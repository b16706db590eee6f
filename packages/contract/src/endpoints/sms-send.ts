import { z } from 'zod';
import { messageStatusNames } from '../codes.ts';
import { endpoint } from '../endpoint.ts';
import { atMost } from '../lenient.ts';
import { currency } from './currency.ts';
import { smsMessage } from './sms-message.ts';
import { smsPriceExample, smsSendExample } from './sms-send-examples.ts';

/** Recipients in one call. Those a list expands to count too, which only the pipeline can see. */
export const RECIPIENTS_PER_CALL = 1_000;

/** 1,000 messages of 8 unicode parts (536 characters, 6 bytes each when escaped) with half a kilobyte of other keys. */
const SEND_BODY = 4 * 1024 * 1024;

export const sender = z
  .object({
    recipient_country_code: z
      .string()
      .length(2, 'must be an ISO alpha-2 code.')
      .describe('The country of the recipients it is for, as an ISO alpha-2 code.'),
    sender_id: z.string().nullish().describe('An alpha tag of 3 to 11 characters, or a number of the account.'),
    sender_type: z
      .string()
      .nullish()
      .describe('Told from sender_id. Without one, a type that begins with shared asks for the shared number.'),
    sender_country_code: z
      .string()
      .nullish()
      .describe('Country of a sender_id in local form. Absent = that of the recipients.'),
  })
  .meta({ id: 'SmsSender' });

/** The body of send and price alike. */
const messagesBody = z
  .object({
    messages: atMost(RECIPIENTS_PER_CALL, 'TOO_MANY_RECIPIENTS', smsMessage),
    senders: z
      .array(sender)
      .max(300)
      .nullish()
      .describe(
        "A sender per country of the recipient, for messages without from. Other countries get the account's usual sender.",
      ),
    shorten_urls: z
      .boolean()
      .nullish()
      .describe(
        "Replaces the first http or https URL of each message, if it has 250 characters at most, by a short link of the recipient's own.",
      ),
    exclude_no_sender_id_recipients: z.boolean().nullish(),
  })
  .meta({ id: 'SmsMessagesInput' });

/** A decimal string; four decimals at least, never more than the ledger holds. */
const price = z.string().regex(/^\d+\.\d{4,6}$/);
const status = z.enum(messageStatusNames);

const totals = {
  total_price: z.number(),
  total_count: z.int(),
  queued_count: z.int(),
  blocked_count: z.int(),
};

/** Types as the strict clients have them: here `date` and `schedule` are numbers, in a price they are text. */
const sentMessage = z
  .object({
    direction: z.literal('out'),
    date: z.int(),
    to: z.string(),
    body: z.string(),
    from: z.string(),
    schedule: z.int(),
    message_id: z.string(),
    message_parts: z.int(),
    message_price: price,
    from_email: z.string().nullable(),
    list_id: z.string().nullable(),
    custom_string: z.string(),
    contact_id: z.string().nullable(),
    user_id: z.int(),
    subaccount_id: z.int(),
    is_shared_system_number: z.boolean(),
    country: z.string(),
    carrier: z.string(),
    status,
  })
  .meta({ id: 'SmsSent' });

const pricedMessage = z
  .object({
    date: z.string(),
    to: z.string(),
    body: z.string(),
    from: z.string(),
    schedule: z.string(),
    message_id: z.string(),
    message_parts: z.int(),
    message_price: price,
    custom_string: z.string(),
    contact_id: z.string().nullable(),
    is_shared_system_number: z.boolean(),
    country: z.string(),
    status,
  })
  .meta({ id: 'SmsPriced' });

export const smsSend = endpoint({
  id: 'smsSend',
  method: 'POST',
  path: '/v3/sms/send',
  summary: 'Send up to 1,000 SMS. Each message is answered with a status of its own.',
  scope: 'sms:send',
  auth: 'basic',
  bodyLimit: SEND_BODY,
  idempotent: true,
  body: messagesBody,
  data: z.object({ ...totals, messages: z.array(sentMessage), _currency: currency }).meta({ id: 'SmsSendResult' }),
  refusals: ['BAD_REQUEST', 'TOO_MANY_RECIPIENTS', 'PAYLOAD_TOO_LARGE', 'CONFLICT', 'UNPROCESSABLE'],
  example: smsSendExample,
});

export const smsPrice = endpoint({
  id: 'smsPrice',
  method: 'POST',
  path: '/v3/sms/price',
  summary: 'What the same call to send would cost. Nothing is sent or charged.',
  scope: 'sms:read',
  auth: 'basic',
  bodyLimit: SEND_BODY,
  body: messagesBody,
  data: z.object({ ...totals, messages: z.array(pricedMessage), _currency: currency }).meta({ id: 'SmsPriceResult' }),
  refusals: ['BAD_REQUEST', 'TOO_MANY_RECIPIENTS', 'PAYLOAD_TOO_LARGE'],
  example: smsPriceExample,
});
