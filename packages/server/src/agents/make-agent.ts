import { hashKey, newKey } from '../accounts/keys.ts';
import { recordAudit } from '../audit/record.ts';
import type { Runner } from '../db/runner.ts';
import { inTransaction } from '../db/transaction.ts';
import { Refusal } from '../refusal.ts';
import type { Agent } from './actor.ts';
import type { AgentParts, By } from './agent-parts.ts';
import { type AgentWish, checkAgent } from './check-agent.ts';
import { mustHold } from './hand-over.ts';
import { countAgents, insertAgent, lockAgentsOf } from './store-agents.ts';
import { insertAgentKey } from './store-keys.ts';

export const MOST_AGENTS = 500;

/** A key in the one moment it can be shown. */
export interface MadeKey {
  keyId: number;
  key: string;
}

/** Makes an agent and its first key. @throws Refusal bad-request; forbidden where it could do more than its maker. */
export function makeAgent(
  parts: Pick<AgentParts, 'db' | 'clock' | 'random'>,
  by: By,
  wish: AgentWish,
): Promise<{ agent: Agent } & MadeKey> {
  const at = parts.clock.now();
  const { accountId, userId } = by;
  return inTransaction(parts.db.enginePool, async (run) => {
    await lockAgentsOf(run, accountId);
    if ((await countAgents(run, accountId)) >= MOST_AGENTS) throw tooMany();
    const checked = await checkAgent(run, accountId, null, wish);
    mustHold(by, checked);
    const agent = await insertAgent(run, { accountId, userId, at }, checked);
    const made = await giveKey(parts, run, agent, at);
    await recordAudit(run, {
      ...{ accountId, at, actor: by.actor, action: 'agent.created' },
      facts: { agent_id: agent.agentId, ...factsOf(agent), key_id: made.keyId },
    });
    return { agent, ...made };
  });
}

/** A new key of an agent, in the transaction of the caller. It is kept only as a hash. */
export async function giveKey(
  { random }: Pick<AgentParts, 'random'>,
  run: Runner,
  { accountId, userId, agentId }: Agent,
  at: number,
): Promise<MadeKey> {
  const key = newKey(random);
  const kept = { hash: hashKey(key), lastFour: key.slice(-4) };
  return { keyId: await insertAgentKey(run, { accountId, userId, agentId, at }, kept), key };
}

/** What the audit log says of an agent. */
export function factsOf(agent: AgentWish): Record<string, unknown> {
  return {
    name: agent.name,
    description: agent.description,
    allowed_actions: agent.allowedActions,
    own_account: agent.ownAccount,
    allowed_connections: agent.allowedConnections,
  };
}

function tooMany(): Refusal {
  const words = `An account has at most ${MOST_AGENTS} agents: delete one that is not needed any more.`;
  return new Refusal('bad-request', words, { fields: { name: words } });
}
