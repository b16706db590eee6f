import type { Action } from '@veredus/tools/action';
import { actions, findAction } from '@veredus/tools/catalogue';
import type { Caller } from '../accounts/caller.ts';
import type { Pool } from '../db/transaction.ts';
import { Refusal } from '../refusal.ts';
import type { Actor } from './actor.ts';
import { findAgent } from './store-agents.ts';

/**
 * The holder of a key as the one who runs actions. An agent is read anew each time, so that what it may do changes at once.
 * @throws Refusal forbidden for an agent that is disabled.
 */
export async function actorOf({ pool }: { pool: Pool }, caller: Caller): Promise<Actor> {
  const agentId = caller.agentId ?? null;
  if (agentId === null) return { caller, agent: null };
  const agent = await findAgent(pool, caller.accountId, agentId);
  if (agent !== null && agent.disabledAt === null) return { caller, agent };
  throw new Refusal('forbidden', 'This agent is disabled; its account can enable it again.');
}

/** What the actor may run, by slug. */
export function allowedActions({ agent }: Actor): readonly Action[] {
  const allowed = agent?.allowedActions ?? null;
  return allowed === null ? actions : actions.filter(({ slug }) => allowed.includes(slug));
}

/** @throws Refusal not-found for an action that is none, and in the same words for one that the actor may not run. */
export function allowedAction(actor: Actor, slug: string): Action {
  const action = findAction(slug);
  if (action && allowedActions(actor).includes(action)) return action;
  throw new Refusal(
    'not-found',
    `There is no action ${slug.slice(0, 80)} for this key; list the actions to see which there are.`,
  );
}
