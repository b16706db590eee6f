import { findAction, toolkit } from '@veredus/tools/catalogue';
import { z } from 'zod';
import type { Actor } from '../../agents/actor.ts';
import { logId } from '../../agents/log-id.ts';
import { readExecution, searchExecutions } from '../../agents/read-executions.ts';
import type { Condition } from '../../agents/search-executions.ts';
import { firstIdOf } from '../../messages/ids.ts';
import { Refusal } from '../../refusal.ts';
import type { BrokerCall, Route } from './door.ts';
import { readCursor, writeCursor } from './page.ts';
import type { BrokerParts } from './parts.ts';
import { fault } from './query.ts';
import { readBody } from './read-body.ts';
import { iso } from './show-connection.ts';
import { isOurs } from './toolkits.ts';

/** What was executed, as brokers tell of it. A project sees the account's, an agent its own. */
export function logRoutes({ connections: { db } }: BrokerParts): Route[] {
  return [
    { method: 'POST', url: '/logs/tool_execution', need: 'see', work: (call) => search(db, call) },
    { method: 'GET', url: '/logs/tool_execution/:id', need: 'see', work: (call) => show(db, call) },
  ];
}

type Db = BrokerParts['connections']['db'];

const MOST = 100;
const FARTHEST_MS = 2 ** 48 - 1;
const FILTERS = 20;

const time = z.number().int().min(0).max(FARTHEST_MS).nullish();
const SEARCH = z.object({
  limit: z.number().int().nullish(),
  cursor: z.string().nullish(),
  time_range: z.object({ from: time, to: time }).nullish(),
  filters: z
    .array(z.object({ field: z.string(), operator: z.string().nullish(), value: z.string().max(255) }))
    .max(FILTERS)
    .nullish(),
});

async function search(db: Db, { actor, body }: BrokerCall) {
  const { cursor, time_range, filters, ...wish } = readBody(SEARCH, body);
  const from = cursor ? readCursor(cursor) : null;
  const limit = Math.min(MOST, Math.max(1, wish.limit ?? from?.limit ?? 20));
  const skip = from?.skip ?? 0;
  const conditions = [...own(actor), ...(filters ?? []).map(conditionOf)];
  const [fromMs, toMs] = [time_range?.from ?? null, time_range?.to ?? null];
  const { total, rows } = await searchExecutions(
    { db },
    actor.caller.accountId,
    {
      conditions,
      any: false,
      fromId: fromMs === null ? null : firstIdOf(fromMs),
      untilId: toMs === null ? null : firstIdOf(Math.min(toMs + 1, FARTHEST_MS)),
    },
    { skip, count: limit },
  );
  const next = skip + rows.length;
  const logs = rows.map((row) => entry({ ...row, id: logId(row.execution_id), at: row.at, took: row.duration_ms }));
  return { logs, next_cursor: rows.length > 0 && next < total ? writeCursor({ skip: next, limit }) : null };
}

const own = ({ agent }: Actor): Condition[] => (agent === null ? [] : [{ kind: 'agent', value: agent.agentId }]);

const FIELDS = ['tool_slug', 'toolkit_slug', 'user_id', 'connected_account_id', 'status', 'run_id'] as const;

/** @throws Refusal for a field or an operator that cannot be asked for: leaving it out would answer another question. */
function conditionOf({
  field,
  operator,
  value,
}: {
  field: string;
  operator?: string | null;
  value: string;
}): Condition {
  if (!['==', '=', 'eq'].includes(operator ?? '=='))
    throw fault('filters', `can compare ${field.slice(0, 40)} by == only.`);
  if (value.includes('\u0000')) return { kind: 'never' };
  const text = value.toWellFormed();
  switch (field as (typeof FIELDS)[number]) {
    case 'tool_slug':
      return { kind: 'equals', column: 'action', value: text.toUpperCase() };
    case 'toolkit_slug':
      return { kind: isOurs(text) ? 'always' : 'never' };
    case 'user_id':
      return { kind: 'equals', column: 'user_id', value: text };
    case 'connected_account_id':
      return { kind: 'equals', column: 'connection_id', value: text };
    case 'run_id':
      return { kind: 'equals', column: 'run_id', value: text };
    case 'status':
      if (text !== 'success' && text !== 'failed') throw fault('filters', 'status must be success or failed.');
      return { kind: 'successful', value: text === 'success' };
    default:
      throw fault('filters', `can ask for ${FIELDS.join(', ')} only.`);
  }
}

interface Entry {
  id: string;
  at: number;
  action: string;
  user_id: string | null;
  connection_id: string | null;
  run_id: string | null;
  agent_id: number | null;
  target: string;
  state: string;
  successful: boolean | null;
  error: string | null;
  took: number | null;
}

function entry(one: Entry) {
  const failed = one.successful === false;
  return {
    id: one.id,
    type: 'tool.execution',
    timestamp: iso(one.at),
    status: failed ? 'failed' : 'success',
    level: failed ? 'error' : 'info',
    message: one.error ?? (one.state === 'running' ? 'Under way.' : 'Done.'),
    metadata: {
      tool: { slug: one.action, name: findAction(one.action)?.title ?? one.action, version: toolkit.version },
      toolkit: { slug: toolkit.slug, name: toolkit.name },
      user_id: one.user_id,
      connected_account_id: one.connection_id,
      run_id: one.run_id,
      agent_id: one.agent_id,
      target: one.target,
      state: one.state,
    },
    metrics: one.took === null ? {} : { duration_ms: one.took },
    parent: null,
  };
}

async function show(db: Db, { actor, params }: BrokerCall) {
  const id = params.id!;
  const { data } = await readExecution({ db }, actor.caller, id);
  if (actor.agent !== null && data.agent_id !== actor.agent.agentId) {
    throw new Refusal('not-found', `There is no execution ${JSON.stringify(id.slice(0, 40))} of this agent.`);
  }
  const at = data.date * 1_000;
  const took = data.took_ms;
  return {
    ...entry({ ...data, id: data.log_id, at, took }),
    context: {},
    source: { host: data.face },
    ...(took !== null && { timings: { startTime: at, endTime: at + took } }),
    data: { request: data.arguments, response: data.result },
  };
}
