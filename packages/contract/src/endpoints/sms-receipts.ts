import { z } from 'zod';
import { endpoint, SMALL_BODY } from '../endpoint.ts';
import { page } from '../page.ts';
import { pageTerms, unixSeconds } from '../query.ts';
import { orderTerm, type Searchable } from '../search.ts';
import { testPush } from './test-push.ts';

/** Numbers all through, unlike history; `error_code` is null when there is none, never "". */
const receipt = z
  .object({
    timestamp_send: z.int(),
    timestamp: z.int(),
    message_id: z.string(),
    status_code: z.int(),
    status_text: z.string(),
    error_code: z.int().nullable(),
    error_text: z.string().nullable(),
    custom_string: z.string(),
    subaccount_id: z.int(),
    message_type: z.literal('sms'),
    digits: z.string().nullable(),
    message_price: z.string().describe('Of the message, in the currency of the account.'),
  })
  .meta({ id: 'SmsReceipt' });

/** Prices are text here, which would sort 10 before 9. */
export type SmsReceiptField = Exclude<keyof z.output<typeof receipt>, 'message_price'>;

/** Oldest first, so that a poller handles receipts in the order they came. */
export const smsReceiptSearch: Searchable<SmsReceiptField> = {
  fields: Object.keys(receipt.omit({ message_price: true }).shape) as SmsReceiptField[],
  phones: [],
  synonyms: { date: 'timestamp' },
  order: { field: 'timestamp', direction: 'asc' },
};

const delivered = {
  timestamp_send: 1790003600,
  timestamp: 1790003604,
  message_id: '019973A2-4E10-7C31-9F0B-6A51D2C48E77',
  status_code: 201,
  status_text: 'Success: Message received on handset.',
  error_code: null,
  error_text: null,
  custom_string: 'order-2207',
  subaccount_id: 1,
  message_type: 'sms',
  digits: null,
  message_price: '0.0644',
} as const;

export const smsReceipts = endpoint({
  id: 'smsReceipts',
  method: 'GET',
  path: '/v3/sms/receipts',
  summary: 'Delivery receipts not marked as read. Reading them here does not mark them.',
  scope: 'sms:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  query: z.object({ ...pageTerms, ...orderTerm(smsReceiptSearch, 'timestamp:asc') }),
  data: page(receipt).meta({ id: 'SmsReceiptPage' }),
  refusals: ['BAD_REQUEST'],
  example: {
    data: {
      total: 1,
      per_page: 15,
      current_page: 1,
      last_page: 1,
      next_page_url: null,
      prev_page_url: null,
      from: 1,
      to: 1,
      data: [delivered],
    },
  },
});

export const smsReceipt = endpoint({
  id: 'smsReceipt',
  method: 'GET',
  path: '/v3/sms/receipts/{message_id}',
  summary: 'The receipt of one message, marked as read or not.',
  scope: 'sms:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: z.object({ message_id: z.string().min(1) }),
  data: receipt,
  refusals: ['NOT_FOUND'],
  example: { data: delivered },
});

export const smsReceiptTest = endpoint({
  id: 'smsReceiptTest',
  method: 'POST',
  path: '/v3/sms/receipts',
  summary:
    'Push a made-up delivery receipt to a URL, as a receipt rule would. With the URL "poll" it is only shown: no message has it.',
  scope: 'webhooks:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  body: testPush.meta({ id: 'SmsReceiptTestInput' }),
  data: receipt,
  refusals: ['BAD_REQUEST'],
  example: { body: { url: 'poll' }, data: delivered },
});

export const smsReceiptsRead = endpoint({
  id: 'smsReceiptsRead',
  method: 'PUT',
  path: '/v3/sms/receipts-read',
  summary: 'Mark receipts as read: all of them, or those before a moment.',
  scope: 'sms:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  body: z
    .object({ date_before: unixSeconds.nullish().describe('Unix seconds; absent = all.') })
    .nullish()
    .meta({ id: 'SmsReceiptsReadInput' }),
  data: z.null(),
  refusals: ['BAD_REQUEST'],
  example: { body: { date_before: 1790003605 }, data: null },
});
