import { z } from 'zod';
import { country, email, filledText, phone, unixSeconds, whenToSend } from '../fields.ts';

const item = z.strictObject({
  to: phone().describe(
    'The one number this message goes to, in full international form: + and country code, as +12025551234.',
  ),
  body: filledText().describe(
    'The text. 160 characters of the plain GSM alphabet are one part, 70 with any other character (an emoji, a curly quote); each part is paid.',
  ),
  from: z
    .string()
    .optional()
    .describe(
      "Who it comes from: a number of the account, or a name of 3 to 11 letters and digits, where the country allows names. Leave it out for the account's usual sender.",
    ),
  schedule: unixSeconds().optional().describe(whenToSend),
  custom_string: z
    .string()
    .optional()
    .describe(
      'A reference of your own. It comes back in results, history, receipts and replies, and scheduled messages can be cancelled by it.',
    ),
  source: z.string().optional().describe('A label for where the message comes from, as "crm".'),
  country: country().optional().describe("The recipient's country as two capital letters of ISO 3166, as AU."),
  from_email: email().optional().describe('An email address that replies are passed on to.'),
});

/** Messages of one call to send or to price. */
export const smsMessages = (words: string) =>
  z
    .array(item)
    .min(1, 'needs at least one message.')
    .max(1_000, 'holds too many messages: 1000 fit in one call. Split it.')
    .describe(words);
