import type { Data, Query } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import { executionSearch } from '@veredus/contract/endpoints/executions';
import { makePage } from '@veredus/contract/page';
import type { Answer } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import { asAccountClient, inSnapshotAs } from '../db/runner.ts';
import { listUrl } from '../list-url.ts';
import { showMessageId } from '../messages/ids.ts';
import { toDecimal6 } from '../pricing/money.ts';
import { Refusal } from '../refusal.ts';
import type { AgentParts } from './agent-parts.ts';
import { EXECUTIONS_KEPT_DAYS } from './forget.ts';
import { logId, uuidOfLogId } from './log-id.ts';
import { type ExecutionSearch, readExecutionSearch } from './search-executions.ts';
import { inSeconds } from './show-agent.ts';
import {
  executionsOfMessage,
  type FoundSearch,
  findExecution,
  findExecutions,
  type StoredExecution,
} from './store-log.ts';

type Reading = Pick<AgentParts, 'db' | 'publicUrl'>;

/** What a search may cost the database before it is given up. */
const SECONDS = 2;

/**
 * A page of what was done in the account, the newest first.
 * @throws Refusal bad-request for a search that took too long, or a time in `q` that is none.
 */
export async function readExecutions(
  { db, publicUrl }: Reading,
  { accountId }: Caller,
  query: Query<Endpoints['executions']>,
): Promise<Answer<Endpoints['executions']>> {
  const { page, limit } = query;
  const search = readExecutionSearch(query);
  const slice = { skip: (page - 1) * limit, count: limit };
  const { total, rows } = await searchExecutions({ db }, accountId, search, slice);
  const url = listUrl(publicUrl(), '/v3/executions', query, executionSearch.order);
  return { data: makePage({ total, page, limit, rows: rows.map(showExecution), url }), words: 'Executions.' };
}

/** A part of what fits, the newest first, for every door. @throws Refusal bad-request for a search that took too long. */
export function searchExecutions(
  { db }: Pick<Reading, 'db'>,
  accountId: number,
  search: ExecutionSearch,
  slice: { skip: number; count: number },
): Promise<{ total: number; rows: StoredExecution[] }> {
  return withinTime(async () => {
    const found = await withExecutions(db, accountId, search);
    return inSnapshotAs(db, accountId, SECONDS * 1000, (run) => findExecutions(run, accountId, found, slice));
  });
}

/** Messages are looked up first. */
async function withExecutions(
  { enginePool }: AgentParts['db'],
  accountId: number,
  search: ExecutionSearch,
): Promise<FoundSearch> {
  const conditions: FoundSearch['conditions'][number][] = [];
  for (const one of search.conditions) {
    if (one.kind !== 'message') conditions.push(one);
    else conditions.push({ kind: 'ids', ids: await executionsOfMessage(enginePool, accountId, one.id) });
  }
  return { ...search, conditions };
}

/** @throws Refusal not-found for one that is not the account's, or not kept any more. */
export async function readExecution(
  { db }: Pick<Reading, 'db'>,
  { accountId }: Caller,
  text: string,
): Promise<Answer<Endpoints['executionShow']>> {
  const id = uuidOfLogId(text);
  const found = id && (await asAccountClient(db, accountId, (run) => findExecution(run, accountId, id)));
  if (!found) throw noExecution(text);
  const message_ids = (found.message_ids ?? []).map(showMessageId);
  const data = { ...showExecution(found), arguments: found.arguments, result: found.result, message_ids };
  return { data, words: 'Execution.' };
}

type Shown = Data<Endpoints['executions']>['data'][number];

function showExecution(row: StoredExecution): Shown {
  return {
    log_id: logId(row.execution_id),
    date: inSeconds(row.at),
    agent_id: row.agent_id,
    agent_name: row.agent_name,
    key_id: row.key_id,
    run_id: row.run_id,
    face: row.face,
    user_id: row.user_id,
    action: row.action,
    connection_id: row.connection_id,
    target: row.target,
    state: row.state,
    successful: row.successful,
    error: row.error,
    took_ms: row.duration_ms,
    cost: row.cost_micro === null ? null : toDecimal6(row.cost_micro),
    currency: row.cost_currency,
    messages: row.messages,
    campaign_id: row.campaign_id,
    replays: row.replays,
  };
}

function noExecution(text: string): Refusal {
  const words = `There is no execution ${text.slice(0, 40)} in this account. They are kept for ${EXECUTIONS_KEPT_DAYS} days.`;
  return new Refusal('not-found', words, { fields: { log_id: words } });
}

/** PostgreSQL's query_canceled, which here only the statement's time limit causes. */
const QUERY_CANCELED = '57014';

async function withinTime<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === QUERY_CANCELED)) throw error;
    const words = `This search was given up after ${SECONDS} seconds. Narrow it with date_from and date_to, or search by agent_id, run_id or message_id.`;
    throw new Refusal('bad-request', words, { fields: { q: words } });
  }
}
