import type { Runner } from '../db/runner.ts';

export interface StoredOrigin {
  execution_id: string;
  agent_id: number | null;
  agent_name: string | null;
  run_id: string | null;
  campaign_id: number | null;
  /** Of the execution, as long as it is kept. */
  action: string | null;
  face: string | null;
  at: number | null;
}

/**
 * Where a message came from, by its own note or that of its campaign. What was done with this account's credentials by an agent
 * of another account is not shown: neither that agent nor its log is here.
 */
export async function findOrigin(run: Runner, accountId: number, messageId: string): Promise<StoredOrigin | null> {
  const { rows } = await run.query<StoredOrigin>(
    `with origin as (
       select o.execution_id, o.agent_id, o.run_id, null::integer as campaign_id from message_origins o
       where o.account_id = $1 and o.message_id = $2::uuid
       union all
       select c.execution_id, c.agent_id, c.run_id, c.campaign_id from messages m
       join campaigns c on c.account_id = m.account_id and c.campaign_id = m.campaign_id
       where m.account_id = $1 and m.id = $2::uuid and c.execution_id is not null
     )
     select o.*, a.name as agent_name, e.action, e.face, e.at from origin o
     left join agents a on a.account_id = $1 and a.agent_id = o.agent_id
     left join executions e on e.account_id = $1 and e.execution_id = o.execution_id
     where a.agent_id is not null or e.execution_id is not null limit 1`,
    [accountId, messageId],
  );
  return rows[0] ?? null;
}
