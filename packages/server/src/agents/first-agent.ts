import type { Clock } from '@veredus/protocols/clock';
import { ITSELF } from '../audit/actor-name.ts';
import { recordAudit } from '../audit/record.ts';
import type { Database } from '../db/db.ts';
import { inTransaction } from '../db/transaction.ts';
import type { AgentWish } from './check-agent.ts';
import { factsOf } from './make-agent.ts';
import { insertAgent, lockAgentsOf } from './store-agents.ts';
import { bindKey, findUnboundAgentKey, hasHadAgents } from './store-first-agent.ts';

const FIRST: AgentWish = {
  name: 'agent',
  description: 'Made by itself, for the key that came with the server.',
  allowedActions: null,
  ownAccount: true,
  allowedConnections: null,
};

/**
 * The owner's key named `agent` becomes the key of an agent of that name, which may do everything; the key alone holds nothing
 * but the way in from then on. Once: where the account has or had agents nothing is done. Of two nodes one does it.
 * @returns the agent's id; null = there was nothing to do.
 */
export function ensureFirstAgent({ db, clock }: { db: Database; clock: Clock }): Promise<number | null> {
  const at = clock.now();
  return inTransaction(db.enginePool, async (run) => {
    const found = await findUnboundAgentKey(run);
    if (found === null) return null;
    const { account_id: accountId, user_id: userId } = found;
    await lockAgentsOf(run, accountId);
    if (await hasHadAgents(run, accountId)) return null;
    const agent = await insertAgent(run, { accountId, userId, at }, FIRST);
    await bindKey(run, { accountId, keyId: found.key_id, agentId: agent.agentId });
    const facts = { agent_id: agent.agentId, ...factsOf(FIRST), key_id: found.key_id };
    await recordAudit(run, { accountId, at, actor: ITSELF, action: 'agent.created', facts });
    return agent.agentId;
  });
}
