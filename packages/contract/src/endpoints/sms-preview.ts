import { z } from 'zod';
import { messageStatusNames } from '../codes.ts';
import { endpoint } from '../endpoint.ts';
import { page } from '../page.ts';
import { pageTerms } from '../query.ts';
import { australianDollars, currency } from './currency.ts';
import { idNumber } from './sms-campaign.ts';
import { TEMPLATE_BODY_LIMIT, TEMPLATE_CALL_LIMIT } from './sms-templates.ts';

const row = z
  .object({
    contact_id: z.int().nullable(),
    to: z.string(),
    body: z.string().describe('As it would go out; a link placeholder shows a link of the same length.'),
    message_parts: z.int(),
    message_price: z.string(),
    status: z.enum(messageStatusNames).describe('What a send would answer for it.'),
    status_text: z.string().nullable(),
  })
  .meta({ id: 'SmsPreview' });

export const smsPreview = endpoint({
  id: 'smsPreview',
  method: 'POST',
  path: '/v3/sms/templates/preview',
  summary: 'Show a text as contacts of a list would get it, with parts and price; nothing is sent or stored.',
  scope: 'sms:read',
  auth: 'basic',
  bodyLimit: TEMPLATE_CALL_LIMIT,
  body: z
    .object({
      body: z
        .string('must be text.')
        .max(TEMPLATE_BODY_LIMIT, `must have ${TEMPLATE_BODY_LIMIT} characters at most.`)
        .nullish()
        .describe('The text; this or template_id.'),
      template_id: idNumber.nullish(),
      list_id: idNumber
        .nullish()
        .describe('Its contacts are shown page by page; without it, one row without a contact.'),
      contact_id: idNumber.nullish().describe('Only this contact of the list.'),
      from: z.string('must be text.').max(64, 'must have 64 characters at most.').nullish(),
      ...pageTerms,
    })
    .meta({ id: 'SmsPreviewInput' }),
  data: page(row)
    .extend({
      unknown_placeholders: z.array(z.string()).describe('What looks like a placeholder and goes out as it stands.'),
      _currency: currency,
    })
    .meta({ id: 'SmsPreviewPage' }),
  refusals: ['BAD_REQUEST', 'FORBIDDEN', 'NOT_FOUND'],
  example: {
    body: { body: 'Hello (First Name|there), see {Wep}.', list_id: 1001, limit: 1 },
    data: {
      total: 2,
      per_page: 1,
      current_page: 1,
      last_page: 2,
      next_page_url: null,
      prev_page_url: null,
      from: 1,
      to: 1,
      data: [
        {
          contact_id: 90001,
          to: '+61411111111',
          body: 'Hello Anna, see {Wep}.',
          message_parts: 1,
          message_price: '0.0792',
          status: 'SUCCESS',
          status_text: null,
        },
      ],
      unknown_placeholders: ['{Wep}'],
      _currency: australianDollars,
    },
  },
});
