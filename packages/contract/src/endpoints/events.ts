import { z } from 'zod';
import { endpoint, SMALL_BODY } from '../endpoint.ts';
import { accepting } from '../lenient.ts';

/** Everything that can happen to an account, with what it tells. */
export const eventKinds = {
  'message.status': 'A message changed its state.',
  'inbound.received': 'A handset wrote.',
  'rule.failed': 'What a rule wanted done could not be done.',
  'rule.loop-stopped': 'A rule was stopped because it answered itself, or acted more often than a rule may.',
  'webhook.disabled': 'A webhook endpoint failed for too long and is no longer tried.',
  'webhook.refused': 'An event was not queued for its address, since the account has too many webhook endpoints.',
  'webhook.recovered': 'A webhook endpoint that had failed answers again.',
  'campaign.state': 'A campaign was launched, paused, resumed, held or cancelled, or is done.',
  'import.state': 'An import is over.',
} as const;

export type EventKind = keyof typeof eventKinds;

/** Why the place a caller names cannot be gone on from, with the sentence for people. */
export const eventResets = {
  malformed: 'The id is none that this server has written.',
  expired:
    'The place the id names is not kept any more: events are kept for 7 days, or the database was restored. Events may have been missed.',
  ahead: 'The id is from a future this database does not have: it was restored. Events may have been missed.',
} as const;

export type EventReset = keyof typeof eventResets;

/** How long an event can be read. */
export const EVENTS_KEPT_DAYS = 7;

const isKind = (word: string): word is EventKind => Object.hasOwn(eventKinds, word);

/** `a,b`; a kind that does not exist is refused, since whoever waits for it would wait for ever. */
const kinds = accepting((raw, refuse) => {
  if (typeof raw !== 'string' && !Array.isArray(raw)) return raw;
  const words = [raw]
    .flat()
    .flatMap((text) => String(text).split(','))
    .map((word) => word.trim())
    .filter((word) => word !== '');
  const strange = words.find((word) => !isKind(word));
  if (strange !== undefined) {
    refuse(`knows no "${strange.slice(0, 40)}": there are ${Object.keys(eventKinds).join(', ')}.`);
  }
  return words.length === 0 ? undefined : [...new Set(words)];
}, z.array(z.enum(Object.keys(eventKinds) as [EventKind, ...EventKind[]])).optional()).describe(
  `Only these, with commas between: ${Object.keys(eventKinds).join(', ')}.`,
);

const after = z
  .string()
  .optional()
  .describe('The id of an event, or next of an earlier page: what came behind it. Absent = from now on.');

/** The stream at `GET /v3/events`. It has no one answer, so it stands in no table of calls. */
export const eventStream = { path: '/v3/events', scope: 'events:read', query: z.object({ after, kinds }) } as const;

const wholeNumber = 'must be a whole number from 1 to 1000.';

const event = z
  .object({
    id: z.string(),
    kind: z.string(),
    data: z.looseObject({ at: z.int().describe('Unix seconds.') }),
  })
  .meta({ id: 'Event' });

const example = {
  id: '81442-5117-0',
  kind: 'message.status',
  data: {
    message_id: '019973A2-4E10-7C31-9F0B-6A51D2C48E77',
    status: 'Sent',
    status_code: '201',
    status_text: 'Success: Message received on handset.',
    error_code: null,
    delivered: true,
    at: 1790003604,
    message_type: 'sms',
    custom_string: 'order-2207',
  },
} as const;

export const eventsPage = endpoint({
  id: 'eventsPage',
  method: 'GET',
  path: '/v3/events/page',
  summary:
    'What happened behind an id, for those who cannot hold the stream at GET /v3/events. Ask again with next; without after, the page is empty and next is the present.',
  scope: 'events:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  query: z.object({
    after,
    kinds,
    limit: accepting(
      (raw) => (typeof raw === 'string' && /^\d{1,6}$/.test(raw.trim()) ? Number(raw) : raw),
      z.int(wholeNumber).min(1, wholeNumber).max(1_000, wholeNumber),
    ).prefault(100),
  }),
  data: z
    .object({
      events: z.array(event),
      next: z.string().describe('Where to go on from.'),
      more: z.boolean().describe('Whether there is more right now.'),
      reset: z
        .enum(Object.keys(eventResets) as [EventReset, ...EventReset[]])
        .nullable()
        .describe('Why after could not be gone on from: next is the present then, and events may have been missed.'),
    })
    .meta({ id: 'EventPage' }),
  refusals: ['BAD_REQUEST'],
  example: { data: { events: [example], next: '81443-0-1790003610', more: false, reset: null } },
});
