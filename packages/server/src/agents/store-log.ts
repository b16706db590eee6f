import { escapeLike } from '../db/escape-like.ts';
import type { Runner } from '../db/runner.ts';
import type { Condition, ExecutionSearch } from './search-executions.ts';

export interface StoredExecution {
  execution_id: string;
  at: number;
  agent_id: number | null;
  agent_name: string | null;
  key_id: number | null;
  run_id: string | null;
  face: string;
  user_id: string | null;
  action: string;
  connection_id: string | null;
  target: 'local' | 'cloud';
  state: 'running' | 'done' | 'unknown';
  successful: boolean | null;
  error: string | null;
  duration_ms: number | null;
  cost_micro: number | null;
  cost_currency: string | null;
  messages: number;
  campaign_id: number | null;
  replays: number;
}

export interface WholeExecution extends StoredExecution {
  arguments: unknown;
  result: unknown;
  message_ids: string[] | null;
}

/** As far as executions are counted: nobody leafs through more. */
export const COUNTED = 10_000;

// Agents that were deleted keep their names here.
const EXECUTION = `e.execution_id, e.at, e.agent_id, a.name as agent_name, e.key_id, e.run_id, e.face, e.user_id, e.action,
  e.connection_id, e.target, e.state, e.successful, e.error, e.duration_ms, e.cost_micro, e.cost_currency,
  coalesce(cardinality(e.message_ids), 0) as messages, e.campaign_id, e.replays`;
const AGENT = 'left join agents a on a.account_id = e.account_id and a.agent_id = e.agent_id';

/** A search in which messages have become the executions that made them. */
export interface FoundSearch extends Omit<ExecutionSearch, 'conditions'> {
  conditions: readonly (Exclude<Condition, { kind: 'message' }> | { kind: 'ids'; ids: readonly string[] })[];
}

/**
 * Executions of an account that made a message, by themselves or by a campaign. For the engine role: under row-level security
 * PostgreSQL may not use the index of what lies in an array.
 */
export async function executionsOfMessage(run: Runner, accountId: number, messageId: string): Promise<string[]> {
  const { rows } = await run.query<{ execution_id: string }>({
    name: 'executions-of-message',
    // By itself: asked for the account along with it, all of the account's would be gathered too.
    text: `with made as materialized (select account_id, execution_id from executions where message_ids @> array[$2::uuid])
      select execution_id from made where account_id = $1
      union select execution_id from message_origins where account_id = $1 and message_id = $2
      union select c.execution_id from messages m
        join campaigns c on c.account_id = m.account_id and c.campaign_id = m.campaign_id
        where m.account_id = $1 and m.id = $2 and c.execution_id is not null`,
    values: [accountId, messageId],
  });
  return rows.map(({ execution_id }) => execution_id);
}

/** A page of a search, the newest first, within the latest `COUNTED` that fit. */
export async function findExecutions(
  run: Runner,
  accountId: number,
  search: FoundSearch,
  { skip, count }: { skip: number; count: number },
): Promise<{ total: number; rows: StoredExecution[] }> {
  const values: unknown[] = [accountId];
  const where = whereOf(search, values);
  const counted = await run.query(
    // In the order of the index, or all of the account's might be gathered first.
    `select count(*)::integer as total from (
       select 1 from executions e where ${where} order by e.execution_id desc limit ${COUNTED}
     ) e`,
    values,
  );
  const { total } = counted.rows[0];
  if (skip >= total) return { total, rows: [] };
  const { rows } = await run.query(
    `select ${EXECUTION} from (
       select * from executions e where ${where} order by e.execution_id desc limit ${Math.min(count, total - skip)} offset ${skip}
     ) e ${AGENT} order by e.execution_id desc`,
    values,
  );
  return { total, rows };
}

export async function findExecution(
  run: Runner,
  accountId: number,
  executionId: string,
): Promise<WholeExecution | null> {
  const { rows } = await run.query(
    `select ${EXECUTION}, e.arguments, e.result, e.message_ids from executions e ${AGENT}
     where e.account_id = $1 and e.execution_id = $2::uuid`,
    [accountId, executionId],
  );
  return rows[0] ?? null;
}

/** Columns are named here, values are bound: `values` takes them in. */
function whereOf(search: FoundSearch, values: unknown[]): string {
  const bind = (value: unknown, type: string) => `$${values.push(value)}::${type}`;
  const all = ['e.account_id = $1::integer'];
  if (search.fromId !== null) all.push(`e.execution_id >= ${bind(search.fromId, 'uuid')}`);
  if (search.untilId !== null) all.push(`e.execution_id < ${bind(search.untilId, 'uuid')}`);
  const pairs = search.conditions.map((condition) => `(${compare(condition, bind)})`);
  if (pairs.length > 0) all.push(`(${pairs.join(search.any ? ' or ' : ' and ')})`);
  return all.join(' and ');
}

function compare(condition: FoundSearch['conditions'][number], bind: (value: unknown, type: string) => string): string {
  switch (condition.kind) {
    case 'always':
      return 'true';
    case 'never':
      return 'false';
    case 'equals':
      return `e.${condition.column} = ${bind(condition.value, 'text')}`;
    case 'contains':
      return `e.${condition.column} ilike ${bind(`%${escapeLike(condition.value)}%`, 'text')} escape '\\'`;
    case 'agent':
      return `e.agent_id = ${bind(condition.value, 'integer')}`;
    case 'agent-named':
      return `e.agent_id in (select n.agent_id from agents n
        where n.account_id = $1::integer and n.name ilike ${bind(`%${escapeLike(condition.value)}%`, 'text')} escape '\\')`;
    case 'successful':
      return `e.successful = ${bind(condition.value, 'boolean')}`;
    case 'between':
      return `e.execution_id >= ${bind(condition.fromId, 'uuid')} and e.execution_id < ${bind(condition.untilId, 'uuid')}`;
    case 'ids':
      return `e.execution_id = any (${bind(condition.ids, 'uuid[]')})`;
  }
}
