import { z } from 'zod';
import { endpoint, SMALL_BODY } from '../endpoint.ts';
import { page } from '../page.ts';
import { pageTerms, unixSeconds } from '../query.ts';
import { type Searchable, searchTerms } from '../search.ts';
import { testPush } from './test-push.ts';

const inboundRow = z
  .object({
    timestamp: z.int().describe('When it came, in unix seconds.'),
    from: z.string().describe('The handset.'),
    to: z.string(),
    body: z.string(),
    original_body: z.string().nullable().describe('Of the message it answers; null where it answers none.'),
    original_message_id: z.string().nullable(),
    message_id: z.string(),
    custom_string: z.string().describe('Of the message it answers.'),
    _keyword: z.string().describe('Its first word, in lower case.'),
  })
  .meta({ id: 'SmsInbound' });

/** original_body and _keyword are made of what other fields hold. */
export type SmsInboundField = Exclude<keyof z.output<typeof inboundRow>, 'original_body' | '_keyword'>;

/** Oldest first, so that a poller handles messages in the order they came. */
export const smsInboundSearch: Searchable<SmsInboundField> = {
  fields: ['timestamp', 'from', 'to', 'message_id', 'body', 'original_message_id', 'custom_string'],
  phones: ['from', 'to'],
  synonyms: { date: 'timestamp' },
  order: { field: 'timestamp', direction: 'asc' },
};

const example = {
  timestamp: 1790003700,
  from: '+61411111111',
  to: '+61422222222',
  body: 'Thanks!',
  original_body: 'Your bread is baked and waits at the counter.',
  original_message_id: '019973A2-4E10-7C31-9F0B-6A51D2C48E77',
  message_id: '019973A3-CF48-7D02-A1C4-27B90E5F3D16',
  custom_string: 'order-2207',
  _keyword: 'thanks!',
} as const;

export const smsInbound = endpoint({
  id: 'smsInbound',
  method: 'GET',
  path: '/v3/sms/inbound',
  summary:
    'Messages from handsets that a POLL inbound rule kept and nobody marked as read. Reading them here does not mark them; a message stands here once, however many rules kept it.',
  scope: 'sms:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  query: z.object({ ...searchTerms(smsInboundSearch), ...pageTerms }),
  data: page(inboundRow).meta({ id: 'SmsInboundPage' }),
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
      data: [example],
    },
  },
});

export const smsInboundReply = endpoint({
  id: 'smsInboundReply',
  method: 'GET',
  path: '/v3/sms/inbound/{original_message_id}',
  summary: 'The first answer to a message that was sent, marked as read or not and whatever the rules.',
  scope: 'sms:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: z.object({ original_message_id: z.string().min(1) }),
  data: inboundRow,
  refusals: ['NOT_FOUND'],
  example: { data: example },
});

export const smsInboundRead = endpoint({
  id: 'smsInboundRead',
  method: 'PUT',
  path: '/v3/sms/inbound-read',
  summary: 'Mark inbound messages as read: all of them, or those before a moment.',
  scope: 'sms:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  body: z
    .object({ date_before: unixSeconds.nullish().describe('Unix seconds; absent = all.') })
    .nullish()
    .meta({ id: 'SmsInboundReadInput' }),
  data: z.null(),
  refusals: ['BAD_REQUEST'],
  example: { body: { date_before: 1790003701 }, data: null },
});

export const smsInboundReadOne = endpoint({
  id: 'smsInboundReadOne',
  method: 'PUT',
  path: '/v3/sms/inbound-read/{message_id}',
  summary: 'Mark one inbound message as read; answers how many were marked: 0 where it was marked before.',
  scope: 'sms:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: z.object({ message_id: z.string().min(1) }),
  data: z.int().min(0).max(1),
  refusals: ['NOT_FOUND'],
  example: { data: 1 },
});

export const smsInboundTest = endpoint({
  id: 'smsInboundTest',
  method: 'POST',
  path: '/v3/sms/inbound',
  summary:
    'Push a made-up inbound message to a URL, as an inbound rule would; with the URL "poll" it stands in GET /v3/sms/inbound.',
  scope: 'webhooks:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  body: testPush.meta({ id: 'SmsInboundTestInput' }),
  data: inboundRow.extend({ timestamp_send: z.int() }).meta({ id: 'SmsInboundTest' }),
  refusals: ['BAD_REQUEST'],
  example: {
    body: { url: 'poll' },
    data: {
      ...{ ...example, body: 'This is a test.', original_body: null, original_message_id: null },
      ...{ custom_string: '', _keyword: 'this', timestamp_send: example.timestamp },
    },
  },
});
