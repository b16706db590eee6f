import { z } from 'zod';
import { endpoint, SMALL_BODY } from '../endpoint.ts';
import { page } from '../page.ts';
import { pageTerms } from '../query.ts';

/** Calls of our own: connections of people and agents to a ClickSend account, on this server or in the cloud. Their bodies are strict. */

const seconds = z.int().describe('Unix seconds.');

export const connectionStatuses = [
  'INITIALIZING',
  'INITIATED',
  'ACTIVE',
  'FAILED',
  'EXPIRED',
  'INACTIVE',
  'REVOKED',
] as const;
const targets = ['local', 'cloud'] as const;

const connection = z
  .object({
    connection_id: z.string(),
    auth_config_id: z.string(),
    toolkit: z.string(),
    target: z.enum(targets).describe('local: this server. cloud: the ClickSend cloud.'),
    user_id: z.string().describe('Whose it is, as your application knows him.'),
    alias: z.string().nullable(),
    word_id: z.string().describe('A short name to say aloud; not unique.'),
    status: z
      .enum(connectionStatuses)
      .describe('Only ACTIVE ones run actions. INACTIVE: it would be ACTIVE, and is disabled.'),
    status_reason: z.string().nullable().describe('In words for people.'),
    enabled: z.boolean(),
    username: z.string().describe('Empty until somebody connected.'),
    password: z.string().describe('Always the same dots.'),
    remote_account: z.string().nullable().describe('The account at the target.'),
    date_added: seconds,
    date_updated: seconds,
    expires_at: seconds.nullable().describe('When one that waits for somebody is given up.'),
    checked_at: seconds.nullable().describe('When the target last said that its credentials are right.'),
    next_check_at: seconds.nullable(),
    last_used_at: seconds.nullable(),
  })
  .meta({ id: 'Connection' });

const link = z
  .object({
    url: z.string().describe('The page on which to connect: for one person, once, within ten minutes.'),
    expires_at: seconds,
  })
  .meta({ id: 'ConnectLink' });

const withLink = z
  .object({ connection, link: link.nullable().describe('Null where it needs none.') })
  .meta({ id: 'ConnectionWithLink' });

const text = (most: number) =>
  z
    .string({ error: ({ input }) => (input === undefined ? 'is required.' : 'must be text.') })
    .max(most, `must have ${most} characters at most.`);
const oneOf = <const T extends readonly string[]>(values: T) => z.enum(values, `must be one of ${values.join(', ')}.`);
const one = { connection_id: text(64).min(1) };
const alias = text(100).nullable().describe('A name for people; null = none.');
const username = text(128);
const password = text(256).describe('The password or an API key. It is sealed, and shown to nobody again.');
const callback = {
  callback_url: text(2_048).nullish().describe('Where the page returns to.'),
  state: text(1_024).nullish().describe('Given back to the callback as it came.'),
  requested_by: text(120).nullish().describe('Who asks, for the page; the account’s name unless told.'),
};

const example = {
  connection_id: 'ca_5f2k9x0q7m3w1z8v4t6y2b1n',
  auth_config_id: 'ac_8d3h1j6r0p4s9c2g7l5e3a1u',
  toolkit: 'clicksend',
  target: 'cloud',
  user_id: 'customer-42',
  alias: 'Bakery',
  word_id: 'swift-otter-42',
  status: 'ACTIVE',
  status_reason: null,
  enabled: true,
  username: 'bakery@example.com',
  password: '••••••••',
  remote_account: 'Bakery Ltd',
  date_added: 1790000000,
  date_updated: 1790000000,
  expires_at: null,
  checked_at: 1790000000,
  next_check_at: 1790021600,
  last_used_at: null,
} as const;

const waiting = {
  ...example,
  status: 'INITIATED',
  username: '',
  remote_account: null,
  expires_at: 1790000600,
  checked_at: null,
  next_check_at: null,
} as const;

const exampleLink = {
  url: 'https://sms.example.com/connect/ln_0a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p',
  expires_at: 1790000600,
} as const;

export const connections = endpoint({
  id: 'connections',
  method: 'GET',
  path: '/v3/connections',
  summary: 'Connections to ClickSend accounts and how they stand, the newest first.',
  scope: 'agents:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  query: z.object({
    user_id: text(255).optional(),
    status: oneOf(connectionStatuses).optional(),
    target: oneOf(targets).optional(),
    auth_config_id: text(64).optional(),
    ...pageTerms,
  }),
  data: page(connection).meta({ id: 'ConnectionPage' }),
  refusals: ['BAD_REQUEST'],
  example: {
    data: {
      ...{ total: 1, per_page: 15, current_page: 1, last_page: 1, next_page_url: null, prev_page_url: null },
      ...{ from: 1, to: 1, data: [example] },
    },
  },
});

export const connectionShow = endpoint({
  id: 'connectionShow',
  method: 'GET',
  path: '/v3/connections/{connection_id}',
  summary: 'One connection.',
  scope: 'agents:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: z.object(one),
  data: connection,
  refusals: ['NOT_FOUND'],
  example: { data: example },
});

export const connectionCreate = endpoint({
  id: 'connectionCreate',
  method: 'POST',
  path: '/v3/connections',
  summary:
    'Make a connection. With username and password they are tried at the target first; without, a link is answered on which somebody connects.',
  scope: 'agents:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  body: z
    .strictObject({
      user_id: text(255).min(1, 'must not be empty.').describe('Whose it is, as your application knows him.'),
      target: oneOf(targets).optional().describe('VEREDUS_CONNECT_TARGET unless told.'),
      auth_config_id: text(64).optional().describe('The target’s usual one unless told.'),
      alias: alias.optional(),
      username: username.optional(),
      password: password.optional(),
      ...callback,
    })
    .meta({ id: 'ConnectionInput' }),
  data: withLink,
  refusals: ['BAD_REQUEST', 'NOT_FOUND', 'UNAVAILABLE'],
  example: {
    body: { user_id: 'customer-42', alias: 'Bakery', callback_url: 'https://app.example.com/connected', state: 'c42' },
    data: { connection: waiting, link: exampleLink },
  },
});

export const connectionUpdate = endpoint({
  id: 'connectionUpdate',
  method: 'PUT',
  path: '/v3/connections/{connection_id}',
  summary:
    'Rename a connection, enable or disable it, or give it new credentials, which are tried at the target first.',
  scope: 'agents:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: z.object(one),
  body: z
    .strictObject({
      alias: alias.optional(),
      enabled: z.boolean('must be true or false.').optional(),
      username: username.optional(),
      password: password.optional(),
    })
    .meta({ id: 'ConnectionChange' }),
  data: connection,
  refusals: ['BAD_REQUEST', 'NOT_FOUND', 'UNAVAILABLE'],
  example: { body: { alias: 'Bakery' }, data: example },
});

export const connectionCheck = endpoint({
  id: 'connectionCheck',
  method: 'POST',
  path: '/v3/connections/{connection_id}/check',
  summary: 'Try a connection’s credentials at the target now.',
  scope: 'agents:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: z.object(one),
  data: connection,
  refusals: ['NOT_FOUND'],
  example: { data: example },
});

export const connectionLink = endpoint({
  id: 'connectionLink',
  method: 'POST',
  path: '/v3/connections/{connection_id}/link',
  summary: 'A link on which a connection is connected again. An ACTIVE one goes on working meanwhile.',
  scope: 'agents:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: z.object(one),
  body: z.strictObject(callback).nullish().meta({ id: 'ConnectLinkInput' }),
  data: withLink,
  refusals: ['BAD_REQUEST', 'NOT_FOUND'],
  example: {
    body: { callback_url: 'https://app.example.com/connected', state: 'c42' },
    data: { connection: example, link: exampleLink },
  },
});

export const connectionDelete = endpoint({
  id: 'connectionDelete',
  method: 'DELETE',
  path: '/v3/connections/{connection_id}',
  summary: 'End a connection: its credentials and links are gone.',
  scope: 'agents:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: z.object(one),
  data: z.object({ connection_id: z.string() }).meta({ id: 'ConnectionDeleted' }),
  refusals: ['NOT_FOUND'],
  example: { data: { connection_id: example.connection_id } },
});
