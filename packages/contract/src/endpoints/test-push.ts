import { z } from 'zod';
import { accepting } from '../lenient.ts';

/** How a push is made: a form by POST, a query by GET, or JSON by POST. */
export const webhookTypes = ['post', 'get', 'json'] as const;
export type WebhookType = (typeof webhookTypes)[number];

const anyCase = (raw: unknown): unknown => (typeof raw === 'string' ? raw.trim().toLowerCase() : raw);

export const webhookType = accepting(
  (raw) => (raw === '' ? null : anyCase(raw)),
  z.enum(webhookTypes, 'must be post, get or json.').nullish(),
);

/** The longest URL that is taken. */
export const URL_LIMIT = 2_000;

/** The body of the test calls. */
export const testPush = z.object({
  url: z
    .string({ error: ({ input }) => (input === undefined ? 'is required.' : 'must be text.') })
    .max(URL_LIMIT, `must have ${URL_LIMIT} characters at most.`)
    .regex(/\S/, 'must not be empty.')
    .describe('Where to push to, such as https://example.com/hooks; "poll" pushes nowhere.'),
  webhook_type: webhookType.describe('post (a form; the default), get or json.'),
});
