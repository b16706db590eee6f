import { z } from 'zod';
import { action } from '../action.ts';
import { country, filledText, flag, id, unixSeconds, webUrl } from '../fields.ts';
import { hints } from '../hints.ts';
import { judgeMessages } from '../judge-messages.ts';

const item = z.strictObject({
  address_name: filledText().describe('Who it is addressed to.'),
  address_line_1: filledText().describe('First line of the street address.'),
  address_line_2: z.string().optional().describe('Second line of the street address.'),
  address_city: filledText().describe('City.'),
  address_state: z.string().optional().describe('State or province. Many countries need it.'),
  address_postal_code: filledText().describe('Postal or ZIP code.'),
  address_country: country().describe('Country as two capital letters of ISO 3166, as AU.'),
  return_address_id: id().describe('The id of a return address of the account, printed as the sender.'),
  schedule: unixSeconds()
    .optional()
    .describe('When to post it, in unix seconds. Leave it out, or 0, for now. A time that has passed is now.'),
  custom_string: z.string().optional().describe('A reference of your own, which comes back in results and history.'),
});

export const sendLetter = action({
  slug: 'CLICKSEND_CREATE_POST_LETTERS_SEND',
  title: 'Print and post a letter',
  description:
    'Prints a document and posts it as a letter on paper to each recipient. This costs money per letter, more for colour, further pages and priority; what is printed cannot be taken back. Each recipient is answered with a status of its own: only SUCCESS was accepted. PDF is safest; doc and docx files have to be converted when they are uploaded. Where the connected platform does not send letters, nothing is done and the error says so.',
  input: z.strictObject({
    file_url: webUrl().describe('Public URL of the document: pdf, docx, doc, jpg, gif, png or bmp.'),
    recipients: z
      .array(item)
      .min(1, 'needs at least one recipient.')
      .max(1_000, 'holds too many recipients: 1000 fit in one call. Split it.')
      .describe('Who gets a copy of the letter: each with name, address and return_address_id.'),
    colour: flag().optional().describe('1 = printed in colour, 0 = black and white. Default 0.'),
    duplex: flag().optional().describe('1 = printed on both sides, 0 = on one. Default 0.'),
    priority_post: flag().optional().describe('1 = priority post, 0 = standard. Default 0.'),
    source: z.string().optional().describe('A label for where the letter comes from.'),
    template_used: flag()
      .optional()
      .describe("1 = the document was made on ClickSend's letter template, 0 = it was not. Default 0."),
  }),
  hints: hints.sends,
  spends: true,
  topics: ['post', 'letters', 'send'],
  endpoint: { id: null, method: 'POST', path: '/v3/post/letters/send' },
  operation: (body) => ({ body }),
  judge: (data, { recipients }) => judgeMessages(data, 'sent', recipients),
});
