import type { Body, Query } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import { makePage } from '@veredus/contract/page';
import type { Answer } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import { asAccountClient } from '../db/runner.ts';
import { listUrl } from '../list-url.ts';
import { readAgentKeys, revokeAgentKey, rotateAgentKey } from './agent-keys.ts';
import { type AgentParts, byCaller, noAgent } from './agent-parts.ts';
import { type AgentChange, changeAgent } from './change-agent.ts';
import { endAgent } from './end-agent.ts';
import { makeAgent } from './make-agent.ts';
import { inSeconds, showAgent, showAgentKey } from './show-agent.ts';
import { findSeenAgent, listAgents, type SeenAgent } from './store-agents.ts';

/** Agents' lists have one order. */
const ORDER = { field: 'agent_id', direction: 'asc' } as const;

export async function readAgents(
  { db, publicUrl }: AgentParts,
  { accountId }: Caller,
  { page, limit }: Query<Endpoints['agents']>,
): Promise<Answer<Endpoints['agents']>> {
  const slice = { skip: (page - 1) * limit, count: limit };
  const { total, agents } = await asAccountClient(db, accountId, (run) => listAgents(run, accountId, slice));
  const url = listUrl(publicUrl(), '/v3/agents', { limit }, ORDER);
  return { data: makePage({ total, page, limit, rows: agents.map(showAgent), url }), words: 'Agents.' };
}

/** @throws Refusal not-found for one that is not the account's. */
export async function readAgent({ db }: AgentParts, { accountId }: Caller, agentId: number): Promise<SeenAgent> {
  const agent = await asAccountClient(db, accountId, (run) => findSeenAgent(run, accountId, agentId));
  if (agent === null) throw noAgent(agentId);
  return agent;
}

export async function createAgent(
  parts: AgentParts,
  caller: Caller,
  body: Body<Endpoints['agentCreate']>,
): Promise<Answer<Endpoints['agentCreate']>> {
  const { agent, keyId, key } = await makeAgent(parts, byCaller(caller), {
    name: body.name,
    description: body.description ?? '',
    allowedActions: body.allowed_actions ?? null,
    ownAccount: body.own_account ?? true,
    allowedConnections: body.allowed_connections ?? null,
  });
  return { data: { ...showAgent(agent), key_id: keyId, key }, words: 'The key is shown this once: keep it now.' };
}

export async function updateAgentOf(
  parts: AgentParts,
  caller: Caller,
  agentId: number,
  body: Body<Endpoints['agentUpdate']>,
): Promise<Answer<Endpoints['agentUpdate']>> {
  const change: AgentChange = {
    ...(body.name === undefined ? {} : { name: body.name }),
    ...(body.description === undefined ? {} : { description: body.description }),
    ...(body.allowed_actions === undefined ? {} : { allowedActions: body.allowed_actions }),
    ...(body.own_account === undefined ? {} : { ownAccount: body.own_account }),
    ...(body.allowed_connections === undefined ? {} : { allowedConnections: body.allowed_connections }),
    enabled: body.enabled,
  };
  await changeAgent(parts, byCaller(caller), agentId, change);
  return { data: showAgent(await readAgent(parts, caller, agentId)), words: 'Agent changed.' };
}

export async function deleteAgent(
  parts: AgentParts,
  caller: Caller,
  agentId: number,
): Promise<Answer<Endpoints['agentDelete']>> {
  await endAgent(parts, byCaller(caller), agentId);
  return { data: null, words: 'The agent has ended. What it did stays in the log.' };
}

export async function readKeys(
  parts: AgentParts,
  { accountId }: Caller,
  agentId: number,
  { page, limit }: Query<Endpoints['agentKeys']>,
): Promise<Answer<Endpoints['agentKeys']>> {
  const slice = { skip: (page - 1) * limit, count: limit };
  const { total, keys } = await readAgentKeys(parts, accountId, agentId, slice);
  const now = parts.clock.now();
  const url = listUrl(parts.publicUrl(), `/v3/agents/${agentId}/keys`, { limit }, ORDER);
  const rows = keys.map((key) => showAgentKey(key, now));
  return { data: makePage({ total, page, limit, rows, url }), words: 'Keys.' };
}

export async function rotateKeyOf(
  parts: AgentParts,
  caller: Caller,
  agentId: number,
  body: Body<Endpoints['agentKeyRotate']>,
): Promise<Answer<Endpoints['agentKeyRotate']>> {
  const rotated = await rotateAgentKey(parts, byCaller(caller), agentId, body?.overlap_minutes ?? 0);
  const { keyId: key_id, key, othersEndAt } = rotated;
  const others_end_at = othersEndAt === null ? null : inSeconds(othersEndAt);
  return { data: { agent_id: agentId, key_id, key, others_end_at }, words: 'The key is shown this once: keep it now.' };
}

export async function revokeKeyOf(
  parts: AgentParts,
  caller: Caller,
  of: { agentId: number; keyId: number },
): Promise<Answer<Endpoints['agentKeyRevoke']>> {
  await revokeAgentKey(parts, byCaller(caller), of);
  return { data: null, words: 'The key has ended.' };
}
