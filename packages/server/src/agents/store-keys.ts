import type { Runner } from '../db/runner.ts';

export interface AgentKey {
  key_id: number;
  user_id: number;
  last_four: string;
  created_at: number;
  last_used_at: number | null;
  /** When it ended or will end; null = open. */
  revoked_at: number | null;
}

const KEY = 'key_id, user_id, last_four, created_at, last_used_at, revoked_at';

export async function insertAgentKey(
  run: Runner,
  of: { accountId: number; userId: number; agentId: number; at: number },
  key: { hash: Buffer; lastFour: string },
): Promise<number> {
  const { rows } = await run.query<{ key_id: number }>(
    `insert into api_keys (account_id, user_id, name, scopes, key_hash, last_four, created_at, agent_id)
     values ($1, $2, $3, '{agent:use}', $4, $5, $6, $7) returning key_id`,
    [of.accountId, of.userId, `agent:${of.agentId}`, key.hash, key.lastFour, of.at, of.agentId],
  );
  return rows[0]!.key_id;
}

/** The newest first. */
export async function listAgentKeys(
  run: Runner,
  of: { accountId: number; agentId: number },
  { skip, count }: { skip: number; count: number },
): Promise<{ total: number; keys: AgentKey[] }> {
  const whose = [of.accountId, of.agentId];
  const counted = await run.query<{ total: number }>(
    'select count(*)::integer as total from api_keys where account_id = $1 and agent_id = $2',
    whose,
  );
  const { rows } = await run.query<AgentKey>(
    `select ${KEY} from api_keys where account_id = $1 and agent_id = $2 order by key_id desc limit $3 offset $4`,
    [...whose, count, skip],
  );
  return { total: counted.rows[0]?.total ?? 0, keys: rows };
}

/** Ends the keys of an agent at a time that may lie ahead; those that end sooner keep to it. Answers those it concerns. */
export async function endKeys(
  run: Runner,
  of: { accountId: number; agentId: number; keyId: number | null },
  { now, at }: { now: number; at: number },
): Promise<AgentKey[]> {
  const { rows } = await run.query<AgentKey>(
    `update api_keys set revoked_at = least(revoked_at, $4)
     where account_id = $1 and agent_id = $2 and ($3::integer is null or key_id = $3) and (revoked_at is null or revoked_at > $5)
     returning ${KEY}`,
    [of.accountId, of.agentId, of.keyId, at, now],
  );
  return rows;
}

/** Keys that still open a door. */
export async function countOpenKeys(
  run: Runner,
  of: { accountId: number; agentId: number },
  now: number,
): Promise<number> {
  const { rows } = await run.query<{ open: number }>(
    `select count(*)::integer as open from api_keys
     where account_id = $1 and agent_id = $2 and (revoked_at is null or revoked_at > $3)`,
    [of.accountId, of.agentId, now],
  );
  return rows[0]?.open ?? 0;
}
