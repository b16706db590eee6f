import type { Runner } from '../db/runner.ts';

/** The key named `agent` that the first start made, with exactly what this release or the one before gave it, while it is no agent's. */
export async function findUnboundAgentKey(
  run: Runner,
): Promise<{ account_id: number; user_id: number; key_id: number } | null> {
  const { rows } = await run.query(
    `select k.account_id, k.user_id, k.key_id from api_keys k
     where k.user_id = (select user_id from users where is_main order by account_id, user_id limit 1)
       and k.name = 'agent' and k.agent_id is null and k.revoked_at is null
       and (k.scopes = '{agent:use}' or
         k.scopes @> '{agent:use,account:read,sms:read,sms:send,sms:write,statistics:read}' and cardinality(k.scopes) = 6)
     order by k.key_id limit 1`,
  );
  return rows[0] ?? null;
}

/** Deleted ones count too. */
export async function hasHadAgents(run: Runner, accountId: number): Promise<boolean> {
  const { rows } = await run.query('select 1 from agents where account_id = $1 limit 1', [accountId]);
  return rows.length > 0;
}

/** Makes a key an agent's: it holds the way in and nothing else. */
export async function bindKey(
  run: Runner,
  { accountId, keyId, agentId }: { accountId: number; keyId: number; agentId: number },
): Promise<void> {
  await run.query(
    `update api_keys set agent_id = $3, scopes = '{agent:use}' where account_id = $1 and key_id = $2 and agent_id is null`,
    [accountId, keyId, agentId],
  );
}
