import type { Data } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import { maskKey } from '../accounts/keys.ts';
import type { Agent } from './actor.ts';
import type { SeenAgent } from './store-agents.ts';
import type { AgentKey } from './store-keys.ts';

type ShownAgent = Data<Endpoints['agentShow']>;
type ShownKey = Data<Endpoints['agentKeys']>['data'][number];

export const inSeconds = (ms: number): number => Math.floor(ms / 1000);
const orNull = (ms: number | null): number | null => (ms === null ? null : inSeconds(ms));

export function showAgent(agent: Agent & Partial<Pick<SeenAgent, 'lastUsedAt'>>): ShownAgent {
  return {
    agent_id: agent.agentId,
    name: agent.name,
    description: agent.description,
    enabled: agent.disabledAt === null,
    allowed_actions: agent.allowedActions === null ? null : [...agent.allowedActions],
    own_account: agent.ownAccount,
    allowed_connections: agent.allowedConnections === null ? null : [...agent.allowedConnections],
    date_added: inSeconds(agent.createdAt),
    date_updated: inSeconds(agent.updatedAt),
    disabled_at: orNull(agent.disabledAt),
    last_used_at: orNull(agent.lastUsedAt ?? null),
  };
}

export function showAgentKey(key: AgentKey, now: number): ShownKey {
  const ended = key.revoked_at !== null && key.revoked_at <= now;
  return {
    key_id: key.key_id,
    key: maskKey(key.last_four),
    state: key.revoked_at === null ? 'open' : ended ? 'ended' : 'ending',
    date_added: inSeconds(key.created_at),
    last_used_at: orNull(key.last_used_at),
    ends_at: orNull(key.revoked_at),
  };
}
