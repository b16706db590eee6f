import { z } from 'zod';
import { action } from '../action.ts';
import { country, email, filledText, phone, unixSeconds, webUrl, whenToSend } from '../fields.ts';
import { hints } from '../hints.ts';
import { judgeMessages } from '../judge-messages.ts';

const item = z.strictObject({
  to: phone().describe('The number this message goes to, in full international form, as +12025551234.'),
  subject: filledText()
    .refine((text) => [...text].length <= 20, 'must have 20 characters at most.')
    .meta({ maxLength: 20 })
    .describe('The subject; required, 20 characters at most.'),
  body: filledText().describe(
    'The text beside the picture: up to 1,500 characters, 500 with any that is not plain GSM.',
  ),
  from: z.string().optional().describe('A number of the account that can send MMS. Leave it out for the usual one.'),
  schedule: unixSeconds().optional().describe(whenToSend),
  custom_string: z.string().optional().describe('A reference of your own, which comes back in results and history.'),
  source: z.string().optional().describe('A label for where the message comes from.'),
  country: country().optional().describe("The recipient's country as two capital letters of ISO 3166, as AU."),
  from_email: email().optional().describe('An email address that replies are passed on to.'),
});

export const sendMms = action({
  slug: 'CLICKSEND_CREATE_MMS_SEND',
  title: 'Send MMS messages with a picture',
  description:
    'Sends MMS messages, text with one picture or media file, to 1 to 1,000 phone numbers in one call. This costs money, several times what an SMS costs, and reaches real people. Each message is answered with a status of its own: only SUCCESS was accepted. Where the connected platform does not send MMS, nothing is done and the error says so; CLICKSEND_CREATE_SMS_SEND with a link to the picture does instead.',
  input: z.strictObject({
    messages: z
      .array(item)
      .min(1, 'needs at least one message.')
      .max(1_000, 'holds too many messages: 1000 fit in one call. Split it.')
      .describe('The messages to send, 1 to 1,000, each with to, subject and body.'),
    media_file: webUrl().describe(
      'Public URL of the picture or media file, sent with every message: jpg or gif, at most 250 kB (some older phones take 30 kB).',
    ),
  }),
  hints: hints.sends,
  spends: true,
  topics: ['mms', 'send', 'messages'],
  endpoint: { id: null, method: 'POST', path: '/v3/mms/send' },
  operation: ({ media_file, messages }) => ({ body: { media_file, messages } }),
  judge: (data, { messages }) => judgeMessages(data, 'sent', messages),
});
