import type { Runner } from '../db/runner.ts';
import type { Agent } from './actor.ts';

interface AgentRow {
  agent_id: number;
  account_id: number;
  user_id: number;
  name: string;
  description: string;
  allowed_actions: string[] | null;
  own_account: boolean;
  allowed_connections: string[] | null;
  created_at: number;
  updated_at: number;
  disabled_at: number | null;
}

const AGENT = `a.agent_id, a.account_id, a.user_id, a.name, a.description, a.allowed_actions, a.own_account, a.allowed_connections,
  a.created_at, a.updated_at, a.disabled_at`;

/** One agent of an account. Null = there is none any more, or it is another account's. */
export async function findAgent(run: Runner, accountId: number, agentId: number): Promise<Agent | null> {
  const { rows } = await run.query<AgentRow>({
    name: 'find-agent',
    text: `select ${AGENT} from agents a where a.account_id = $1 and a.agent_id = $2 and a.deleted_at is null`,
    values: [accountId, agentId],
  });
  return rows[0] ? agentOf(rows[0]) : null;
}

/** The same, held to the end of the transaction: of two changes at once the second sees the first. */
export async function lockAgent(run: Runner, accountId: number, agentId: number): Promise<Agent | null> {
  const { rows } = await run.query<AgentRow>(
    `select ${AGENT} from agents a where a.account_id = $1 and a.agent_id = $2 and a.deleted_at is null for no key update`,
    [accountId, agentId],
  );
  return rows[0] ? agentOf(rows[0]) : null;
}

/** An agent with when one of its keys was last used. */
export interface SeenAgent extends Agent {
  lastUsedAt: number | null;
}

const USED = `(select max(k.last_used_at) from api_keys k where k.agent_id = a.agent_id) as last_used_at`;
type SeenRow = AgentRow & { last_used_at: number | null };

export async function findSeenAgent(run: Runner, accountId: number, agentId: number): Promise<SeenAgent | null> {
  const { rows } = await run.query<SeenRow>(
    `select ${AGENT}, ${USED} from agents a where a.account_id = $1 and a.agent_id = $2 and a.deleted_at is null`,
    [accountId, agentId],
  );
  return rows[0] ? seenOf(rows[0]) : null;
}

/** In the order they were made. */
export async function listAgents(
  run: Runner,
  accountId: number,
  { skip, count }: { skip: number; count: number },
): Promise<{ total: number; agents: SeenAgent[] }> {
  const total = await countAgents(run, accountId);
  const { rows } = await run.query<SeenRow>(
    `select ${AGENT}, ${USED} from agents a where a.account_id = $1 and a.deleted_at is null
     order by a.agent_id limit $2 offset $3`,
    [accountId, count, skip],
  );
  return { total, agents: rows.map(seenOf) };
}

export async function countAgents(run: Runner, accountId: number): Promise<number> {
  const { rows } = await run.query<{ total: number }>(
    'select count(*)::integer as total from agents where account_id = $1 and deleted_at is null',
    [accountId],
  );
  return rows[0]?.total ?? 0;
}

/** Agents of one account are made one after the other: whoever counts them counts all. */
export async function lockAgentsOf(run: Runner, accountId: number): Promise<void> {
  await run.query('select 1 from accounts where account_id = $1 for no key update', [accountId]);
}

/** By its name in any case of letters; null = it is free. */
export async function findAgentNamed(run: Runner, accountId: number, name: string): Promise<number | null> {
  const { rows } = await run.query<{ agent_id: number }>(
    'select agent_id from agents where account_id = $1 and lower(name) = lower($2) and deleted_at is null',
    [accountId, name],
  );
  return rows[0]?.agent_id ?? null;
}

/** What can be said of an agent. */
export type AgentTerms = Pick<
  Agent,
  'name' | 'description' | 'allowedActions' | 'ownAccount' | 'allowedConnections' | 'disabledAt'
>;

export async function insertAgent(
  run: Runner,
  of: { accountId: number; userId: number; at: number },
  terms: Omit<AgentTerms, 'disabledAt'>,
): Promise<Agent> {
  const { rows } = await run.query<AgentRow>(
    `insert into agents as a (account_id, user_id, name, description, allowed_actions, own_account, allowed_connections, created_at,
       updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $8) returning ${AGENT}`,
    [
      ...[of.accountId, of.userId, terms.name, terms.description, terms.allowedActions, terms.ownAccount],
      ...[terms.allowedConnections, of.at],
    ],
  );
  return agentOf(rows[0]!);
}

export async function updateAgent(
  run: Runner,
  of: { accountId: number; agentId: number; at: number },
  terms: AgentTerms,
): Promise<Agent> {
  const { rows } = await run.query<AgentRow>(
    `update agents a set name = $3, description = $4, allowed_actions = $5, own_account = $6, allowed_connections = $7,
       disabled_at = $8, updated_at = $9
     where a.account_id = $1 and a.agent_id = $2 and a.deleted_at is null returning ${AGENT}`,
    [
      ...[of.accountId, of.agentId, terms.name, terms.description, terms.allowedActions, terms.ownAccount],
      ...[terms.allowedConnections, terms.disabledAt, of.at],
    ],
  );
  return agentOf(rows[0]!);
}

/** For good. */
export async function markDeleted(run: Runner, accountId: number, agentId: number, at: number): Promise<void> {
  await run.query(
    `update agents set deleted_at = $3, disabled_at = coalesce(disabled_at, $3), updated_at = $3
     where account_id = $1 and agent_id = $2 and deleted_at is null`,
    [accountId, agentId, at],
  );
}

/** Those of these connections that the account has. */
export async function knownConnections(run: Runner, accountId: number, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await run.query<{ connection_id: string }>(
    'select connection_id from connections where account_id = $1 and connection_id = any($2::text[])',
    [accountId, ids],
  );
  return new Set(rows.map(({ connection_id }) => connection_id));
}

function agentOf(row: AgentRow): Agent {
  return {
    agentId: row.agent_id,
    accountId: row.account_id,
    userId: row.user_id,
    name: row.name,
    description: row.description,
    allowedActions: row.allowed_actions,
    ownAccount: row.own_account,
    allowedConnections: row.allowed_connections,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    disabledAt: row.disabled_at,
  };
}

const seenOf = (row: SeenRow): SeenAgent => ({ ...agentOf(row), lastUsedAt: row.last_used_at });
