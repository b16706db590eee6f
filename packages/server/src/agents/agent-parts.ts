import type { Clock } from '@veredus/protocols/clock';
import type { Random } from '@veredus/protocols/random';
import type { Forget } from '../accounts/api-keys.ts';
import type { Caller } from '../accounts/caller.ts';
import { auditActor } from '../audit/actor-name.ts';
import type { Database } from '../db/db.ts';
import { Refusal } from '../refusal.ts';

export interface AgentParts {
  db: Database;
  clock: Clock;
  random: Random;
  /** Where callers reach this server, without a slash at its end; known once it listens. */
  publicUrl: () => string;
  /** Tells this node's authentication that keys of a user ended: they stop at once. */
  forget: Forget;
}

/** Who manages agents: a user of the account, by whichever way he came. */
export interface By {
  accountId: number;
  userId: number;
  /** As the audit log names him. */
  actor: string;
  /** What he holds himself, `*` = all: he gives agents no more. */
  scopes: readonly string[];
}

export const byCaller = (caller: Caller): By => {
  const { accountId, userId, scopes } = caller;
  return { accountId, userId, scopes, actor: auditActor(caller) };
};

export function noAgent(agentId: number): Refusal {
  const words = `There is no agent ${agentId} in this account.`;
  return new Refusal('not-found', words, { fields: { agent_id: words } });
}
