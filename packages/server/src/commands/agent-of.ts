import type { Agent } from '../agents/actor.ts';
import type { By } from '../agents/agent-parts.ts';
import { findAgent, findAgentNamed } from '../agents/store-agents.ts';
import { OPERATOR } from '../audit/actor-name.ts';
import { Refusal } from '../refusal.ts';
import type { CommandParts } from './command.ts';
import { userOf } from './user-of.ts';

/** Whoever sits at the terminal, for the account of the user he named. */
export async function operatorFor(parts: CommandParts, username: string): Promise<By> {
  const { accountId, userId } = await userOf(parts, username);
  return { accountId, userId, actor: OPERATOR, scopes: ['*'] };
}

/** An agent by its id or its name. @throws Refusal `not-found` */
export async function agentOf({ db }: Pick<CommandParts, 'db'>, { accountId }: By, named: string): Promise<Agent> {
  const pool = db.enginePool;
  // A name may be a number too; names are what people choose, so they come first.
  const byName = await findAgentNamed(pool, accountId, named);
  const agentId = byName ?? (/^\d{1,9}$/.test(named) ? Number(named) : null);
  const agent = agentId === null ? null : await findAgent(pool, accountId, agentId);
  if (agent) return agent;
  throw new Refusal('not-found', `There is no agent "${named}"; \`veredus agent list\` shows those there are.`);
}

export const day = (at: number | null): string =>
  at === null ? 'never' : new Date(at).toISOString().slice(0, 16).replace('T', ' ');
