import { z } from 'zod';
import { endpoint, SMALL_BODY } from '../endpoint.ts';
import { page } from '../page.ts';
import { dateTerms, pageTerms } from '../query.ts';
import { idNumber } from './sms-campaign.ts';
import { URL_LIMIT } from './test-push.ts';

/** Calls of our own: ClickSend pushes events, and shows nothing of what became of them. */

const seconds = z.int().describe('Unix seconds.');
const counted = z.int().min(0).describe('Counted up to 10000.');

const webhookEndpoint = z
  .object({
    endpoint_id: z.int(),
    url: z.string(),
    state: z
      .enum(['active', 'failing', 'disabled'])
      .describe('failing: the last attempt failed. disabled: nothing is sent until it is enabled.'),
    failures: z.int().describe('Failed attempts in a row.'),
    failing_since: seconds.nullable(),
    blocked_until: seconds.nullable().describe('Nothing is tried before; then one delivery finds out how it is.'),
    disabled_at: seconds.nullable(),
    disabled_why: z.string().nullable(),
    waiting: counted,
    dead: counted.describe('Deliveries that were given up and can be sent again; counted up to 10000.'),
    last_attempt_at: seconds.nullable(),
    last_success_at: seconds.nullable(),
    last_fault: z.string().nullable().describe('What went wrong last, also where it has worked since.'),
    date_added: seconds,
  })
  .meta({ id: 'WebhookEndpoint' });

const webhookKey = z
  .object({
    endpoint_id: z.int(),
    key: z.string().describe('Verifies what is sent, as Standard Webhooks 1.0 says.'),
    previous_key: z.string().nullable().describe('Signs as well until previous_until.'),
    previous_until: seconds.nullable(),
  })
  .meta({ id: 'WebhookKey' });

export const deliveryStates = ['waiting', 'delivered', 'dead'] as const;

const webhookDelivery = z
  .object({
    delivery_id: z.string(),
    webhook_id: z.string().describe('The header webhook-id, the same at every attempt.'),
    endpoint_id: z.int(),
    event: z.enum(['inbound', 'receipt', 'test']),
    subject_id: z.string().nullable().describe('The message_id it tells of.'),
    method: z.enum(['POST', 'GET']),
    state: z.enum(deliveryStates),
    attempts: z.int().describe('Since it was queued or last sent again.'),
    next_attempt_at: seconds.nullable(),
    status: z.int().nullable().describe('HTTP status of the last attempt.'),
    fault: z.string().nullable().describe('What went wrong in the last attempt, or why there was none.'),
    replays: z.int(),
    depth: z.int(),
    occurred_at: seconds,
    date_added: seconds,
    done_at: seconds.nullable(),
  })
  .meta({ id: 'WebhookDelivery' });

const webhookAttempt = z
  .object({
    attempt: z.int(),
    at: seconds,
    took_ms: z.int(),
    request: z
      .string()
      .describe(
        'As it was sent, byte for byte, up to 4 kB; empty where nothing was. The body stands whole beside the log.',
      ),
    status: z.int().nullable(),
    answer: z.string().nullable().describe('Head and body of what came back, up to 4 kB.'),
    fault: z.string().nullable(),
  })
  .meta({ id: 'WebhookAttempt' });

const webhookDeliveryWhole = webhookDelivery
  .extend({
    url: z.string(),
    content_type: z.string(),
    query: z.string(),
    body: z.string(),
    log: z.array(webhookAttempt).describe('All attempts of the last 30 days, the first one first.'),
  })
  .meta({ id: 'WebhookDeliveryWhole' });

const one = { endpoint_id: idNumber };
const delivery_id = z
  .string()
  .min(1)
  .max(64, 'is no delivery_id.')
  .describe('A delivery_id, or what the header webhook-id says.');

const exampleEndpoint = {
  endpoint_id: 501,
  url: 'https://hooks.example.com/sms',
  state: 'active',
  failures: 0,
  failing_since: null,
  blocked_until: null,
  disabled_at: null,
  disabled_why: null,
  waiting: 0,
  dead: 0,
  last_attempt_at: 1790003700,
  last_success_at: 1790003700,
  last_fault: null,
  date_added: 1790000000,
} as const;

const exampleKey = {
  endpoint_id: 501,
  key: 'whsec_dGhpcyBpcyBhbiBleGFtcGxlLCBub3QgYSBrZXkhISE=',
  previous_key: null,
  previous_until: null,
};

const exampleDelivery = {
  delivery_id: '019973a2-9a21-7d02-8c11-2b60f0a1d9e3',
  webhook_id: 'msg_019973a2-9a21-7d02-8c11-2b60f0a1d9e3',
  endpoint_id: 501,
  event: 'inbound',
  subject_id: '019973A2-4E10-7C31-9F0B-6A51D2C48E77',
  method: 'POST',
  state: 'delivered',
  attempts: 1,
  next_attempt_at: null,
  status: 200,
  fault: null,
  replays: 0,
  depth: 0,
  occurred_at: 1790003700,
  date_added: 1790003700,
  done_at: 1790003700,
} as const;

const examplePage = <Row>(row: Row) => ({
  total: 1,
  per_page: 15,
  current_page: 1,
  last_page: 1,
  next_page_url: null,
  prev_page_url: null,
  from: 1,
  to: 1,
  data: [row],
});

export const webhookEndpoints = endpoint({
  id: 'webhookEndpoints',
  method: 'GET',
  path: '/v3/webhooks',
  summary: 'Addresses that events are pushed to, and how they stand.',
  scope: 'webhooks:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  query: z.object(pageTerms),
  data: page(webhookEndpoint).meta({ id: 'WebhookEndpointPage' }),
  refusals: ['BAD_REQUEST'],
  example: { data: examplePage(exampleEndpoint) },
});

export const webhookEndpointCreate = endpoint({
  id: 'webhookEndpointCreate',
  method: 'POST',
  path: '/v3/webhooks',
  summary: 'Make an endpoint of an address before its first event, to have its key; one that exists is answered.',
  scope: 'webhooks:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  body: z
    .object({
      url: z
        .string({ error: ({ input }) => (input === undefined ? 'is required.' : 'must be text.') })
        .max(URL_LIMIT, `must have ${URL_LIMIT} characters at most.`)
        .regex(/\S/, 'must not be empty.')
        .describe('As the rule will name it.'),
    })
    .meta({ id: 'WebhookEndpointInput' }),
  data: webhookEndpoint,
  refusals: ['BAD_REQUEST'],
  example: {
    body: { url: exampleEndpoint.url },
    data: { ...exampleEndpoint, last_attempt_at: null, last_success_at: null },
  },
});

export const webhookEndpointShow = endpoint({
  id: 'webhookEndpointShow',
  method: 'GET',
  path: '/v3/webhooks/{endpoint_id}',
  summary: 'One endpoint.',
  scope: 'webhooks:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: z.object(one),
  data: webhookEndpoint,
  refusals: ['NOT_FOUND'],
  example: { data: exampleEndpoint },
});

export const webhookKeyShow = endpoint({
  id: 'webhookKeyShow',
  method: 'GET',
  path: '/v3/webhooks/{endpoint_id}/key',
  summary: 'The key that signs what is sent to an endpoint.',
  scope: 'webhooks:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: z.object(one),
  data: webhookKey,
  refusals: ['NOT_FOUND'],
  example: { data: exampleKey },
});

export const webhookKeyRotate = endpoint({
  id: 'webhookKeyRotate',
  method: 'POST',
  path: '/v3/webhooks/{endpoint_id}/rotate-key',
  summary: 'Give an endpoint a new key; the one before signs along for 24 hours.',
  scope: 'webhooks:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: z.object(one),
  data: webhookKey,
  refusals: ['NOT_FOUND'],
  example: { data: { ...exampleKey, previous_key: exampleKey.key, previous_until: 1790090100 } },
});

export const webhookEnable = endpoint({
  id: 'webhookEnable',
  method: 'POST',
  path: '/v3/webhooks/{endpoint_id}/enable',
  summary:
    'Send to an endpoint again: what waits is tried at once. What came while it was disabled is dead and can be replayed.',
  scope: 'webhooks:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: z.object(one),
  data: webhookEndpoint,
  refusals: ['NOT_FOUND'],
  example: { data: exampleEndpoint },
});

export const webhookDisable = endpoint({
  id: 'webhookDisable',
  method: 'POST',
  path: '/v3/webhooks/{endpoint_id}/disable',
  summary: 'Send nothing more to an endpoint. What waits for it is dead and can be replayed later.',
  scope: 'webhooks:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: z.object(one),
  data: webhookEndpoint,
  refusals: ['NOT_FOUND'],
  example: {
    data: { ...exampleEndpoint, state: 'disabled', disabled_at: 1790003800, disabled_why: 'Disabled by ana.' },
  },
});

export const webhookDeliveries = endpoint({
  id: 'webhookDeliveries',
  method: 'GET',
  path: '/v3/webhooks/{endpoint_id}/deliveries',
  summary: 'What was sent to an endpoint and what waits for it, the newest first: the latest 10,000.',
  scope: 'webhooks:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: z.object(one),
  query: z.object({
    state: z.enum(deliveryStates, `must be one of ${deliveryStates.join(', ')}.`).optional(),
    ...pageTerms,
  }),
  data: page(webhookDelivery).meta({ id: 'WebhookDeliveryPage' }),
  refusals: ['BAD_REQUEST', 'NOT_FOUND'],
  example: { data: examplePage(exampleDelivery) },
});

export const webhookDeliveryShow = endpoint({
  id: 'webhookDeliveryShow',
  method: 'GET',
  path: '/v3/webhooks/deliveries/{delivery_id}',
  summary: 'One delivery, with every attempt and its exact bytes.',
  scope: 'webhooks:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: z.object({ delivery_id }),
  data: webhookDeliveryWhole,
  refusals: ['NOT_FOUND'],
  example: {
    data: {
      ...exampleDelivery,
      url: exampleEndpoint.url,
      content_type: 'application/json',
      query: '',
      body: '{"body":"Thanks!"}',
      log: [
        {
          attempt: 1,
          at: 1790003700,
          took_ms: 87,
          request: 'POST /sms HTTP/1.1\r\nhost: hooks.example.com\r\n\r\n{"body":"Thanks!"}',
          status: 200,
          answer: 'HTTP/1.1 200\r\n\r\nok',
          fault: null,
        },
      ],
    },
  },
});

export const webhookReplay = endpoint({
  id: 'webhookReplay',
  method: 'POST',
  path: '/v3/webhooks/deliveries/{delivery_id}/replay',
  summary: 'Send a delivery again, with the same id and the same bytes.',
  scope: 'webhooks:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: z.object({ delivery_id }),
  data: webhookDelivery,
  refusals: ['BAD_REQUEST', 'NOT_FOUND'],
  example: { data: { ...exampleDelivery, state: 'waiting', attempts: 0, next_attempt_at: 1790003800, replays: 1 } },
});

export const webhookReplayDead = endpoint({
  id: 'webhookReplayDead',
  method: 'POST',
  path: '/v3/webhooks/{endpoint_id}/replay',
  summary: 'Send again what was given up, the oldest first and at most 5,000 in one call.',
  scope: 'webhooks:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: z.object(one),
  body: z
    .object({ date_from: dateTerms.date_from.nullable(), date_to: dateTerms.date_to.nullable() })
    .nullish()
    .meta({ id: 'WebhookReplayInput' }),
  data: z
    .object({ count: z.int(), more: z.boolean().describe('There may be more: call again.') })
    .meta({ id: 'WebhookReplayed' }),
  refusals: ['BAD_REQUEST', 'NOT_FOUND'],
  example: { body: { date_from: 1790000000 }, data: { count: 12, more: false } },
});
