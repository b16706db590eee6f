import { z } from 'zod';
import { endpoint, SMALL_BODY } from '../endpoint.ts';
import { accepting } from '../lenient.ts';
import { pageTerms } from '../query.ts';

/** Calls of our own: ClickSend keeps opted-out people as contacts of a list, and has no resource for them. */

export const optOutChannels = ['sms', 'mms', 'email', 'fax', 'voice'] as const;
export type OptOutChannel = (typeof optOutChannels)[number];

const optOut = z
  .object({
    channel: z.enum(optOutChannels),
    address: z.string().describe('A phone number in E.164, or an email address.'),
    reason: z.string().describe('By what it was asked for: keyword, link, user, list or import.'),
    provisional: z
      .boolean()
      .describe('True where a text only seemed to ask for it: suppressed until somebody has looked.'),
    date_added: z.int().describe('Unix seconds.'),
    words: z.string().nullable().describe('The words it was asked with.'),
    message_id: z.string().nullable().describe('The message that was answered.'),
    campaign_id: z.int().nullable(),
    list_id: z.int().nullable().describe('The list that was written to.'),
  })
  .meta({ id: 'OptOut' });

const consentEvent = z
  .object({
    event_id: z.int(),
    date: z.int().describe('Unix seconds.'),
    kind: z.enum(['opt-out', 'opt-in', 'review']),
    how: z.enum(['keyword', 'link', 'user', 'list', 'import']),
    words: z.string().nullable(),
    message_id: z.string().nullable(),
    inbound_id: z.string().nullable(),
    campaign_id: z.int().nullable(),
    user_id: z.int().nullable().describe('The user who recorded it.'),
    ip: z.string().nullable(),
  })
  .meta({ id: 'ConsentEvent' });

/** A page by key: it costs the same at the end of a million rows. */
const keyed = <Row extends z.ZodType>(row: Row) =>
  z.object({ per_page: z.int().min(1), next_page_url: z.string().nullable(), data: z.array(row) });

const params = z.object({ phone_number: z.string().min(1).describe('E.164; its + as %2B or as it is.') });
const optional = z.string('must be text.').max(2_000, 'must have 2000 characters at most.');
const words = optional
  .refine((text) => text.trim() !== '', 'must say why.')
  .describe('Why, or the proof of it: it stands in the history for good.');

const yesOrNo = accepting(
  (raw) => (raw === 'true' || raw === '1' ? true : raw === 'false' || raw === '0' ? false : raw),
  z.boolean('must be true or false.'),
);

const wholeId = accepting(
  (raw) => (typeof raw === 'string' && /^\d{1,15}$/.test(raw) ? Number(raw) : raw),
  z.int('must be the event_id of the page before.').min(1, 'must be the event_id of the page before.'),
);

const example = {
  channel: 'sms',
  address: '+61411111111',
  reason: 'keyword',
  provisional: false,
  date_added: 1790003700,
  words: 'STOP',
  message_id: '019973A2-4E10-7C31-9F0B-6A51D2C48E77',
  campaign_id: null,
  list_id: 1001,
} as const;

export const optOuts = endpoint({
  id: 'optOuts',
  method: 'GET',
  path: '/v3/opt-outs',
  summary: 'Addresses that must not be written to, in the order of the addresses.',
  scope: 'optouts:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  query: z.object({
    q: z.string().max(200, 'must have 200 characters at most.').optional().describe('Part of the address.'),
    channel: z.enum(optOutChannels, `must be one of ${optOutChannels.join(', ')}.`).prefault('sms'),
    provisional: yesOrNo.optional().describe('true: only those somebody has to look at.'),
    after: z.string().max(320).optional().describe('The last address of the page before.'),
    limit: pageTerms.limit,
  }),
  data: keyed(optOut).meta({ id: 'OptOutPage' }),
  refusals: ['BAD_REQUEST'],
  example: { data: { per_page: 15, next_page_url: null, data: [example] } },
});

export const optOutRecord = endpoint({
  id: 'optOutRecord',
  method: 'POST',
  path: '/v3/opt-outs',
  summary: 'Record that somebody opted out by other means, such as by telephone.',
  scope: 'optouts:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  body: z
    .object({
      phone_number: z.string('must be text.').min(1, 'must not be empty.').max(60, 'is too long for a number.'),
      country: z
        .string('must be text.')
        .length(2, 'must be two letters.')
        .nullish()
        .describe('Of a number in local form.'),
      words: optional.nullish(),
    })
    .meta({ id: 'OptOutInput' }),
  data: optOut,
  refusals: ['BAD_REQUEST'],
  example: {
    body: { phone_number: '+61411111111', words: 'Asked by telephone on Tuesday.' },
    data: { ...example, reason: 'user', words: 'Asked by telephone on Tuesday.', message_id: null, list_id: null },
  },
});

export const optOutConfirm = endpoint({
  id: 'optOutConfirm',
  method: 'PUT',
  path: '/v3/opt-outs/{phone_number}/confirm',
  summary: 'Make a provisional opt-out definite.',
  scope: 'optouts:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params,
  body: z.object({ words: optional.nullish() }).nullish().meta({ id: 'OptOutConfirmInput' }),
  data: optOut,
  refusals: ['BAD_REQUEST', 'NOT_FOUND'],
  example: {
    body: { words: 'Read it: he means us.' },
    data: { ...example, reason: 'user', words: 'Read it: he means us.' },
  },
});

export const optOutLift = endpoint({
  id: 'optOutLift',
  method: 'DELETE',
  path: '/v3/opt-outs/{phone_number}',
  summary: 'Lift an opt-out. The history keeps who did, and why.',
  scope: 'optouts:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params,
  body: z.object({ words }).meta({ id: 'OptOutLiftInput' }),
  data: z.null(),
  refusals: ['BAD_REQUEST', 'NOT_FOUND'],
  example: { body: { words: 'Asked to be written to again, by email of 3 June.' }, data: null },
});

export const optOutHistory = endpoint({
  id: 'optOutHistory',
  method: 'GET',
  path: '/v3/opt-outs/{phone_number}/history',
  summary: 'Everything that was asked for by a number and about it, newest first.',
  scope: 'optouts:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params,
  query: z.object({
    before: wholeId.optional().describe('The last event_id of the page before.'),
    limit: pageTerms.limit,
  }),
  data: keyed(consentEvent).meta({ id: 'ConsentEventPage' }),
  refusals: ['BAD_REQUEST', 'NOT_FOUND'],
  example: {
    data: {
      per_page: 15,
      next_page_url: null,
      data: [
        {
          event_id: 17,
          date: 1790003700,
          kind: 'opt-out',
          how: 'keyword',
          words: 'STOP',
          message_id: '019973A2-4E10-7C31-9F0B-6A51D2C48E77',
          inbound_id: '019973A2-9A21-7D02-8C11-2B60F0A1D9E3',
          campaign_id: null,
          user_id: null,
          ip: null,
        },
      ],
    },
  },
});
