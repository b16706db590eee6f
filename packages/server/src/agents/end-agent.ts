import { recordAudit } from '../audit/record.ts';
import { inTransaction } from '../db/transaction.ts';
import { type AgentParts, type By, noAgent } from './agent-parts.ts';
import { lockAgent, markDeleted } from './store-agents.ts';
import { endKeys } from './store-keys.ts';

/** Ends an agent for good: its keys open nothing any more, its log stays, its name is free. @throws Refusal not-found. */
export async function endAgent(
  parts: Pick<AgentParts, 'db' | 'clock' | 'forget'>,
  { accountId, actor }: By,
  agentId: number,
): Promise<void> {
  const at = parts.clock.now();
  const ended = await inTransaction(parts.db.enginePool, async (run) => {
    const agent = await lockAgent(run, accountId, agentId);
    if (agent === null) throw noAgent(agentId);
    await markDeleted(run, accountId, agentId, at);
    const keys = await endKeys(run, { accountId, agentId, keyId: null }, { now: at, at });
    const facts = { agent_id: agentId, name: agent.name, revoked_keys: keys.map(({ key_id }) => key_id) };
    await recordAudit(run, { accountId, at, actor, action: 'agent.deleted', facts });
    return { userId: agent.userId, keys };
  });
  for (const userId of new Set([ended.userId, ...ended.keys.map(({ user_id }) => user_id)])) parts.forget(userId);
}
