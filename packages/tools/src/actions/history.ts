import { z } from 'zod';
import { action } from '../action.ts';
import { given, limit, page, unixSeconds } from '../fields.ts';
import { hints } from '../hints.ts';
import { wire } from '../wire.ts';

export const getSmsHistory = action({
  slug: 'CLICKSEND_GET_SMS_HISTORY',
  title: 'List sent SMS messages and their delivery status',
  description:
    'Lists SMS messages that were sent, scheduled or refused by the network, with what became of each: status, status_code (201 = received on the handset, 301 = failed), error_text and price. Use it to check whether messages arrived, or whether something was sent at all before repeating it. Narrow it down by q, date_from and date_to; newest first with order_by "date:desc".',
  input: z.strictObject({
    q: z
      .string()
      .optional()
      .describe(
        'Only messages that match: field:value, several with commas between, as "status:Sent" or "to:+12025551234,custom_string:order-8841". Fields include status, to, from, body, message_id, custom_string and list_id.',
      ),
    page: page(),
    limit: limit(1),
    date_to: unixSeconds().optional().describe('Only messages sent up to this time, in unix seconds.'),
    date_from: unixSeconds().optional().describe('Only messages sent from this time on, in unix seconds.'),
    order_by: z
      .string()
      .optional()
      .describe('The order: field:asc or field:desc, as "date:desc" for newest first. Default "date:asc".'),
  }),
  hints: hints.reads,
  spends: false,
  topics: ['sms', 'history', 'messages'],
  endpoint: wire('smsHistory'),
  operation: (query) => ({ query: given(query) }),
});
