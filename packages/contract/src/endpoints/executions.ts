import { z } from 'zod';
import { endpoint, SMALL_BODY } from '../endpoint.ts';
import { page } from '../page.ts';
import { dateTerms, pageTerms } from '../query.ts';
import { type Searchable, searchTerms } from '../search.ts';

/** Calls of our own: what agents and projects did here, action by action. */

const seconds = z.int().describe('Unix seconds.');

const execution = z
  .object({
    log_id: z.string(),
    date: seconds,
    agent_id: z.int().nullable().describe('Null = a project’s key.'),
    agent_name: z.string().nullable(),
    key_id: z.int().nullable(),
    run_id: z.string().nullable().describe('The caller’s own name for the run it belongs to.'),
    face: z.string().describe('The way it came: broker, mcp, rest or direct.'),
    user_id: z.string().nullable().describe('The application’s user it was done for.'),
    action: z.string(),
    connection_id: z.string().nullable().describe('Null = this account itself, on this server.'),
    target: z.enum(['local', 'cloud']),
    state: z.enum(['running', 'done', 'unknown']).describe('unknown: it may have been done, and no answer came.'),
    successful: z.boolean().nullable(),
    error: z.string().nullable(),
    took_ms: z.int().nullable(),
    cost: z.string().nullable().describe('Where the answer says what it cost.'),
    currency: z.string().nullable().describe('Of the cost: over a connection, that of the account there.'),
    messages: z.int().describe('How many messages it made on this server.'),
    campaign_id: z.int().nullable(),
    replays: z.int().describe('How often the same call came again and was answered with this one’s result.'),
  })
  .meta({ id: 'Execution' });

const executionWhole = execution
  .extend({
    arguments: z.unknown().describe('With secrets masked, and long texts and lists cut.'),
    result: z.unknown().describe('The answer’s data; of what only reads, a cut one. Null while it runs.'),
    message_ids: z.array(z.string()),
  })
  .meta({ id: 'ExecutionWhole' });

const fields = [
  ...(['agent_id', 'agent', 'action', 'run_id', 'connection_id', 'user_id', 'face', 'target', 'state'] as const),
  ...(['successful', 'message_id', 'error'] as const),
] as const;
export type ExecutionField = (typeof fields)[number] | 'date';

export const executionSearch: Searchable<ExecutionField> = {
  fields: [...fields, 'date'],
  phones: [],
  synonyms: { agent_name: 'agent', connected_account_id: 'connection_id', timestamp: 'date' },
  order: { field: 'date', direction: 'desc' },
};

const { q, operator } = searchTerms(executionSearch);

const exampleExecution = {
  log_id: 'log_019973a24e107c319f0b6a51d2c48e77',
  date: 1790000000,
  agent_id: 101,
  agent_name: 'Support',
  key_id: 12,
  run_id: 'run-2207',
  face: 'mcp',
  user_id: null,
  action: 'CLICKSEND_CREATE_SMS_SEND',
  connection_id: null,
  target: 'local',
  state: 'done',
  successful: true,
  error: null,
  took_ms: 41,
  cost: '0.064400',
  currency: 'AUD',
  messages: 1,
  campaign_id: null,
  replays: 0,
} as const;

export const executions = endpoint({
  id: 'executions',
  method: 'GET',
  path: '/v3/executions',
  summary: 'What agents and projects did in the last 90 days, the newest first: the latest 10,000 that fit the search.',
  scope: 'agents:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  query: z.object({ q, operator, ...dateTerms, ...pageTerms }),
  data: page(execution).meta({ id: 'ExecutionPage' }),
  refusals: ['BAD_REQUEST'],
  example: {
    data: {
      ...{ total: 1, per_page: 15, current_page: 1, last_page: 1, next_page_url: null, prev_page_url: null },
      ...{ from: 1, to: 1, data: [exampleExecution] },
    },
  },
});

export const executionShow = endpoint({
  id: 'executionShow',
  method: 'GET',
  path: '/v3/executions/{log_id}',
  summary: 'One execution, with its arguments and its result.',
  scope: 'agents:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: z.object({ log_id: z.string().min(1).max(64, 'is no log_id.') }),
  data: executionWhole,
  refusals: ['NOT_FOUND'],
  example: {
    data: {
      ...exampleExecution,
      arguments: { messages: [{ to: '+61411111111', body: 'Your bread is baked.' }] },
      result: { http_code: 200, response_code: 'SUCCESS' },
      message_ids: ['019973A2-4E10-7C31-9F0B-6A51D2C48E77'],
    },
  },
});

const origin = z
  .object({
    message_id: z.string(),
    agent_id: z.int().nullable().describe('Null = a project’s key.'),
    agent_name: z.string().nullable(),
    run_id: z.string().nullable(),
    log_id: z.string().nullable(),
    action: z.string().nullable().describe('Null once the execution is not kept any more.'),
    face: z.string().nullable(),
    date: seconds.nullable().describe('When the execution began, in Unix seconds.'),
    campaign_id: z.int().nullable().describe('Set where it is a message of a campaign that an agent launched.'),
  })
  .meta({ id: 'MessageOrigin' });

export const smsOrigin = endpoint({
  id: 'smsOrigin',
  method: 'GET',
  path: '/v3/sms/messages/{message_id}/origin',
  summary: 'Which agent sent a message, in which run and by which execution; not found where no agent did.',
  scope: 'agents:read',
  auth: 'basic',
  bodyLimit: SMALL_BODY,
  params: z.object({ message_id: z.string().min(1).max(64, 'is no message_id.') }),
  data: origin,
  refusals: ['NOT_FOUND'],
  example: {
    data: {
      message_id: '019973A2-4E10-7C31-9F0B-6A51D2C48E77',
      agent_id: 101,
      agent_name: 'Support',
      run_id: 'run-2207',
      log_id: exampleExecution.log_id,
      action: exampleExecution.action,
      face: 'mcp',
      date: 1790000000,
      campaign_id: null,
    },
  },
});
