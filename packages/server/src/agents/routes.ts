import type { Handlers } from '../accounts/call.ts';
import type { AgentParts } from './agent-parts.ts';
import {
  createAgent,
  deleteAgent,
  readAgent,
  readAgents,
  readKeys,
  revokeKeyOf,
  rotateKeyOf,
  updateAgentOf,
} from './manage-agents.ts';
import { readExecution, readExecutions } from './read-executions.ts';
import { readOrigin } from './read-origin.ts';
import { showAgent } from './show-agent.ts';
import { showCatalogue } from './show-catalogue.ts';

type AgentHandlers = Pick<
  Handlers,
  | 'agents'
  | 'agentCreate'
  | 'agentShow'
  | 'agentUpdate'
  | 'agentDelete'
  | 'agentKeys'
  | 'agentKeyRotate'
  | 'agentKeyRevoke'
  | 'actionCatalogue'
  | 'executions'
  | 'executionShow'
  | 'smsOrigin'
>;

export function agentRoutes(parts: AgentParts): AgentHandlers {
  return {
    agents: ({ caller, query }) => readAgents(parts, caller, query),
    agentCreate: ({ caller, body }) => createAgent(parts, caller, body),
    agentShow: async ({ caller, params }) => ({
      data: showAgent(await readAgent(parts, caller, params.agent_id)),
      words: 'Agent.',
    }),
    agentUpdate: ({ caller, params, body }) => updateAgentOf(parts, caller, params.agent_id, body),
    agentDelete: ({ caller, params }) => deleteAgent(parts, caller, params.agent_id),
    agentKeys: ({ caller, params, query }) => readKeys(parts, caller, params.agent_id, query),
    agentKeyRotate: ({ caller, params, body }) => rotateKeyOf(parts, caller, params.agent_id, body),
    agentKeyRevoke: ({ caller, params }) =>
      revokeKeyOf(parts, caller, { agentId: params.agent_id, keyId: params.key_id }),
    actionCatalogue: () => ({ data: showCatalogue(), words: 'Actions.' }),
    executions: ({ caller, query }) => readExecutions(parts, caller, query),
    executionShow: ({ caller, params }) => readExecution(parts, caller, params.log_id),
    smsOrigin: ({ caller, params }) => readOrigin(parts, caller, params.message_id),
  };
}
