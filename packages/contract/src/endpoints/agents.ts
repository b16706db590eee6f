import { z } from 'zod';
import { endpoint, SMALL_BODY } from '../endpoint.ts';
import { page } from '../page.ts';
import { pageTerms } from '../query.ts';
import { idNumber } from './sms-campaign.ts';

/** Calls of our own: programs with a name and a key, and what they may do. Their bodies are strict: a limit that is misspelt is none. */

const seconds = z.int().describe('Unix seconds.');

const agent = z
  .object({
    agent_id: z.int(),
    name: z.string(),
    description: z.string(),
    enabled: z.boolean(),
    allowed_actions: z.array(z.string()).nullable().describe('Slugs of GET /v3/actions; null = all, also later ones.'),
    own_account: z.boolean().describe('Whether it may act as this account, on this server, without a connection.'),
    allowed_connections: z
      .array(z.string())
      .nullable()
      .describe('Ids of connections; null = every one of the account.'),
    date_added: seconds,
    date_updated: seconds,
    disabled_at: seconds.nullable(),
    last_used_at: seconds.nullable().describe('When one of its keys was last used.'),
  })
  .meta({ id: 'Agent' });

const agentWithKey = agent
  .extend({ key_id: z.int(), key: z.string().describe('Shown this once and kept only as a hash.') })
  .meta({ id: 'AgentWithKey' });

const agentKey = z
  .object({
    key_id: z.int(),
    key: z.string().describe('Masked but for its end.'),
    state: z.enum(['open', 'ending', 'ended']).describe('ending: it was replaced and works until ends_at.'),
    date_added: seconds,
    last_used_at: seconds.nullable(),
    ends_at: seconds.nullable(),
  })
  .meta({ id: 'AgentKey' });

const agentNewKey = z
  .object({
    agent_id: z.int(),
    key_id: z.int(),
    key: z.string().describe('Shown this once and kept only as a hash.'),
    others_end_at: seconds.nullable().describe('When the keys before end; null = there were none.'),
  })
  .meta({ id: 'AgentNewKey' });

const text = z.string({ error: ({ input }) => (input === undefined ? 'is required.' : 'must be text.') });
const terms = {
  description: text.max(1_000, 'must have 1000 characters at most.').optional(),
  allowed_actions: z
    .array(text.max(100, 'must be a slug.'), 'must be a list of slugs, or null for all.')
    .max(500, 'must name 500 actions at most.')
    .nullish(),
  own_account: z.boolean('must be true or false.').optional(),
  allowed_connections: z
    .array(text.max(100, 'must be an id of a connection.'), 'must be a list of ids of connections, or null for all.')
    .max(500, 'must name 500 connections at most.')
    .nullish(),
};
const name = text.max(256, 'must have 64 characters at most.').describe('1 to 64 characters, unique in the account.');

const one = { agent_id: idNumber };
const BODY = 64 * 1024;

const exampleAgent = {
  agent_id: 101,
  name: 'Support',
  description: 'Answers customers by SMS.',
  enabled: true,
  allowed_actions: ['CLICKSEND_CREATE_SMS_SEND', 'CLICKSEND_GET_SMS_INBOUND'],
  own_account: true,
  allowed_connections: null,
  date_added: 1790000000,
  date_updated: 1790000000,
  disabled_at: null,
  last_used_at: null,
} as const;

const exampleNewKey = { key_id: 12, key: '3B0C4A4E-9D2F-4C57-8E11-6F1D7A0B5A3F' } as const;

const examplePage = <Row>(row: Row) => ({
  ...{
    total: 1,
    per_page: 15,
    current_page: 1,
    last_page: 1,
    next_page_url: null,
    prev_page_url: null,
    from: 1,
    to: 1,
  },
  data: [row],
});

export const agents = endpoint({
  id: 'agents',
  method: 'GET',
  path: '/v3/agents',
  summary: 'The account’s agents, in the order they were made.',
  scope: 'agents:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  query: z.object(pageTerms),
  data: page(agent).meta({ id: 'AgentPage' }),
  refusals: ['BAD_REQUEST'],
  example: { data: examplePage(exampleAgent) },
});

export const agentCreate = endpoint({
  id: 'agentCreate',
  method: 'POST',
  path: '/v3/agents',
  summary: 'Make an agent; answers it with its key, which is shown this once.',
  scope: 'agents:write',
  auth: 'basic',
  bodyLimit: BODY,
  body: z.strictObject({ name, ...terms }).meta({ id: 'AgentInput' }),
  data: agentWithKey,
  refusals: ['BAD_REQUEST'],
  example: {
    body: {
      name: exampleAgent.name,
      description: exampleAgent.description,
      allowed_actions: exampleAgent.allowed_actions,
      own_account: true,
      allowed_connections: null,
    },
    data: { ...exampleAgent, ...exampleNewKey },
  },
});

export const agentShow = endpoint({
  id: 'agentShow',
  method: 'GET',
  path: '/v3/agents/{agent_id}',
  summary: 'One agent.',
  scope: 'agents:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: z.object(one),
  data: agent,
  refusals: ['NOT_FOUND'],
  example: { data: exampleAgent },
});

export const agentUpdate = endpoint({
  id: 'agentUpdate',
  method: 'PUT',
  path: '/v3/agents/{agent_id}',
  summary:
    'Change an agent, disable it or enable it again; what is absent stays as it is. It counts from its next call.',
  scope: 'agents:write',
  auth: 'basic',
  bodyLimit: BODY,
  params: z.object(one),
  body: z
    .strictObject({ name: name.optional(), ...terms, enabled: z.boolean('must be true or false.').optional() })
    .meta({ id: 'AgentChange' }),
  data: agent,
  refusals: ['BAD_REQUEST', 'NOT_FOUND'],
  example: {
    body: { enabled: false },
    data: { ...exampleAgent, enabled: false, date_updated: 1790003600, disabled_at: 1790003600 },
  },
});

export const agentDelete = endpoint({
  id: 'agentDelete',
  method: 'DELETE',
  path: '/v3/agents/{agent_id}',
  summary: 'End an agent for good: its keys stop at once, what it did stays in the log, and its name is free again.',
  scope: 'agents:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: z.object(one),
  data: z.null(),
  refusals: ['NOT_FOUND'],
  example: { data: null },
});

export const agentKeys = endpoint({
  id: 'agentKeys',
  method: 'GET',
  path: '/v3/agents/{agent_id}/keys',
  summary: 'An agent’s keys without their secrets, the newest first; those that ended are kept for 90 days.',
  scope: 'agents:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: z.object(one),
  query: z.object(pageTerms),
  data: page(agentKey).meta({ id: 'AgentKeyPage' }),
  refusals: ['BAD_REQUEST', 'NOT_FOUND'],
  example: {
    data: examplePage({
      key_id: 12,
      key: '********-****-****-****-********5A3F',
      state: 'open',
      date_added: 1790000000,
      last_used_at: null,
      ends_at: null,
    } as const),
  },
});

export const agentKeyRotate = endpoint({
  id: 'agentKeyRotate',
  method: 'POST',
  path: '/v3/agents/{agent_id}/keys',
  summary: 'Give an agent a new key, shown this once; the keys before end at once, or after overlap_minutes.',
  scope: 'agents:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: z.object(one),
  body: z
    .strictObject({
      overlap_minutes: z
        .int('must be a whole number.')
        .min(0, 'must be 0 to 1440.')
        .max(1_440, 'must be 0 to 1440.')
        .nullish()
        .describe('How long the keys before go on working: 0 to 1440, 0 unless told.'),
    })
    .nullish()
    .meta({ id: 'AgentKeyRotation' }),
  data: agentNewKey,
  refusals: ['BAD_REQUEST', 'NOT_FOUND'],
  example: {
    body: { overlap_minutes: 60 },
    data: { agent_id: 101, ...exampleNewKey, others_end_at: 1790003600 },
  },
});

export const agentKeyRevoke = endpoint({
  id: 'agentKeyRevoke',
  method: 'DELETE',
  path: '/v3/agents/{agent_id}/keys/{key_id}',
  summary: 'End one key of an agent at once.',
  scope: 'agents:write',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: z.object({ ...one, key_id: idNumber }),
  data: z.null(),
  refusals: ['NOT_FOUND'],
  example: { data: null },
});

const action = z
  .object({
    slug: z.string(),
    title: z.string(),
    description: z.string(),
    read_only: z.boolean().describe('Changes nothing.'),
    destructive: z.boolean().describe('May destroy or replace what is there.'),
    idempotent: z.boolean().describe('Repeating it with equal arguments adds nothing.'),
    open_world: z.boolean().describe('Somebody gets a message, or a URL is fetched.'),
    spends: z.boolean().describe('Can cost money.'),
    input_schema: z.record(z.string(), z.unknown()).describe('JSON Schema of its arguments.'),
  })
  .meta({ id: 'Action' });

export const actionCatalogue = endpoint({
  id: 'actionCatalogue',
  method: 'GET',
  path: '/v3/actions',
  summary: 'Everything agents can do here, by slug.',
  scope: 'agents:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  data: z.array(action).meta({ id: 'ActionCatalogue' }),
  refusals: [],
  example: {
    data: [
      {
        slug: 'CLICKSEND_GET_ACCOUNT',
        title: 'Show the account',
        description: 'Shows the account: its balance, its users and its settings.',
        read_only: true,
        destructive: false,
        idempotent: true,
        open_world: false,
        spends: false,
        input_schema: { type: 'object', properties: {} },
      },
    ],
  },
});
