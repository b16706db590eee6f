import { recordAudit } from '../audit/record.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Agent } from './actor.ts';
import { type AgentParts, type By, noAgent } from './agent-parts.ts';
import { type AgentWish, checkAgent } from './check-agent.ts';
import { mustHold, widens } from './hand-over.ts';
import { factsOf } from './make-agent.ts';
import { lockAgent, lockAgentsOf, updateAgent } from './store-agents.ts';

/** What is absent stays as it is. */
export interface AgentChange extends Partial<AgentWish> {
  enabled?: boolean | undefined;
}

/** @throws Refusal not-found; bad-request; forbidden where it would do more than before, and more than who changes it. */
export async function changeAgent(
  parts: Pick<AgentParts, 'db' | 'clock' | 'forget'>,
  by: By,
  agentId: number,
  change: AgentChange,
): Promise<Agent> {
  const at = parts.clock.now();
  const { accountId, actor } = by;
  const changed = await inTransaction(parts.db.enginePool, async (run) => {
    // Two agents that take one name at once: the second is told.
    await lockAgentsOf(run, accountId);
    const before = await lockAgent(run, accountId, agentId);
    if (before === null) throw noAgent(agentId);
    const wish = await checkAgent(run, accountId, agentId, merged(before, change));
    const disabledAt = disabledFrom(before, change.enabled, at);
    const differs = differences(factsOf(before), factsOf(wish));
    const turned = (before.disabledAt === null) !== (disabledAt === null);
    const enables = turned && disabledAt === null;
    if (enables || widens(before, wish)) mustHold(by, wish);
    if (!turned && Object.keys(differs).length === 0) return before;
    const agent = await updateAgent(run, { accountId, agentId, at }, { ...wish, disabledAt });
    const about = { agent_id: agentId, name: agent.name };
    if (Object.keys(differs).length > 0)
      await recordAudit(run, { accountId, at, actor, action: 'agent.changed', facts: { ...about, changes: differs } });
    if (turned) {
      const action = enables ? 'agent.enabled' : 'agent.disabled';
      await recordAudit(run, { accountId, at, actor, action, facts: about });
    }
    return agent;
  });
  parts.forget(changed.userId);
  return changed;
}

function merged(agent: Agent, change: AgentChange): AgentWish {
  return {
    name: change.name ?? agent.name,
    description: change.description ?? agent.description,
    // Null is a value here: all.
    allowedActions: change.allowedActions === undefined ? agent.allowedActions : change.allowedActions,
    ownAccount: change.ownAccount ?? agent.ownAccount,
    allowedConnections: change.allowedConnections === undefined ? agent.allowedConnections : change.allowedConnections,
  };
}

/** One that is disabled already keeps the time it was. */
function disabledFrom({ disabledAt }: Agent, enabled: boolean | undefined, at: number): number | null {
  if (enabled === undefined) return disabledAt;
  return enabled ? null : (disabledAt ?? at);
}

function differences(before: Record<string, unknown>, after: Record<string, unknown>): Record<string, unknown> {
  const names = Object.keys(after).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  return Object.fromEntries(names.map((name) => [name, { from: before[name], to: after[name] }]));
}
