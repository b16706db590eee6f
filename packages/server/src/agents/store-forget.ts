import type { Runner } from '../db/runner.ts';

/** Executions begun before this id, the oldest first. Answers how many. */
export async function dropExecutions(run: Runner, beforeId: string, limit: number): Promise<number> {
  const { rowCount } = await run.query({
    name: 'drop-old-executions',
    text: `delete from executions e using (
        select execution_id from executions where execution_id < $1 order by execution_id limit $2 for update skip locked
      ) old where e.execution_id = old.execution_id`,
    values: [beforeId, limit],
  });
  return rowCount ?? 0;
}

/** What made repeated calls one call. */
export async function dropKeysOfCalls(
  run: Runner,
  { explicit, before }: { explicit: boolean; before: number },
  limit: number,
): Promise<number> {
  const { rowCount } = await run.query({
    name: 'drop-old-execution-keys',
    text: `delete from execution_keys k using (
        select account_id, scope, key from execution_keys where explicit = $1 and at < $2 order by at limit $3
        for update skip locked
      ) old where k.account_id = old.account_id and k.scope = old.scope and k.key = old.key`,
    values: [explicit, before, limit],
  });
  return rowCount ?? 0;
}

/** Keys of agents that ended long ago: they open nothing, and a list of them grows with each rotation. */
export async function dropOldAgentKeys(run: Runner, before: number, limit: number): Promise<number> {
  const { rowCount } = await run.query({
    name: 'drop-old-agent-keys',
    text: `delete from api_keys k using (
        select key_id from api_keys where agent_id is not null and revoked_at < $1 order by key_id limit $2 for update skip locked
      ) old where k.key_id = old.key_id`,
    values: [before, limit],
  });
  return rowCount ?? 0;
}
