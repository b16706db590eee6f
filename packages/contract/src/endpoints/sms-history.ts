import { z } from 'zod';
import { csvName } from '../csv-name.ts';
import { endpoint, SMALL_BODY } from '../endpoint.ts';
import { page } from '../page.ts';
import { dateTerms, pageTerms } from '../query.ts';
import { type Searchable, searchTerms } from '../search.ts';
import { historyStatuses } from '../statuses.ts';

/** Here `schedule`, codes and ids are text while `date` is a number; a price always has six decimals. */
const historyRow = z
  .object({
    direction: z.enum(['out', 'in']),
    date: z.int(),
    to: z.string(),
    body: z.string(),
    status: z.enum(historyStatuses),
    from: z.string(),
    schedule: z.string(),
    status_code: z.string().nullable(),
    status_text: z.string().nullable(),
    error_code: z.string().nullable(),
    error_text: z.string().nullable(),
    message_id: z.string(),
    message_parts: z.int(),
    message_price: z.string().regex(/^\d+\.\d{6}$/),
    from_email: z.string().nullable(),
    list_id: z.string().nullable(),
    custom_string: z.string().nullable(),
    contact_id: z.string().nullable(),
    user_id: z.int(),
    subaccount_id: z.int(),
    country: z.string(),
    carrier: z.string(),
    first_name: z.string().nullable(),
    last_name: z.string().nullable(),
    _api_username: z.string(),
  })
  .meta({ id: 'SmsHistoryRow' });

export type SmsHistoryField = keyof z.output<typeof historyRow>;

/** ClickSend names five fields to search by; here every column of the row is one, so that none has to be guessed. */
export const smsHistorySearch: Searchable<SmsHistoryField> = {
  fields: Object.keys(historyRow.shape) as SmsHistoryField[],
  phones: ['to', 'from'],
  synonyms: { timestamp: 'date', username: '_api_username' },
  order: { field: 'date', direction: 'asc' },
};

const filters = { ...searchTerms(smsHistorySearch), ...dateTerms };

export const smsHistory = endpoint({
  id: 'smsHistory',
  method: 'GET',
  path: '/v3/sms/history',
  summary: 'Messages sent, with what became of them.',
  scope: 'sms:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  query: z.object({ ...filters, ...pageTerms }),
  data: page(historyRow).meta({ id: 'SmsHistoryPage' }),
  refusals: ['BAD_REQUEST'],
  example: {
    data: {
      total: 16,
      per_page: 15,
      current_page: 2,
      last_page: 2,
      next_page_url: null,
      prev_page_url: 'https://msg.example.test/v3/sms/history?page=1',
      from: 16,
      to: 16,
      data: [
        {
          direction: 'out',
          date: 1790000000,
          to: '+61411111111',
          body: 'Your bread is baked and waits at the counter.',
          status: 'Sent',
          from: 'Bakehouse',
          schedule: '1790003600',
          status_code: '201',
          status_text: 'Received on handset',
          error_code: null,
          error_text: null,
          message_id: '019973A2-4E10-7C31-9F0B-6A51D2C48E77',
          message_parts: 1,
          message_price: '0.064400',
          from_email: null,
          list_id: null,
          custom_string: 'order-2207',
          contact_id: null,
          user_id: 1,
          subaccount_id: 1,
          country: 'AU',
          carrier: 'Sandbox',
          first_name: null,
          last_name: null,
          _api_username: 'bakehouse',
        },
      ],
    },
  },
});

export const smsHistoryExport = endpoint({
  id: 'smsHistoryExport',
  method: 'GET',
  path: '/v3/sms/history/export',
  summary: 'The same rows as a CSV file; answers where to fetch it.',
  scope: 'sms:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  query: z.object({ filename: csvName, ...filters }),
  data: z.object({ url: z.string() }).meta({ id: 'SmsHistoryExport' }),
  refusals: ['BAD_REQUEST'],
  example: {
    data: { url: 'https://msg.example.test/files/7E1F2B66-0D4C-4C1B-8A52-93B0C7D1E604?filename=september.csv' },
  },
});
