import { actions } from '@veredus/tools/catalogue';
import { may } from '../accounts/caller.ts';
import { Refusal } from '../refusal.ts';
import { scopesOf } from './action-scopes.ts';
import type { By } from './agent-parts.ts';
import type { AgentWish } from './check-agent.ts';

/** What an agent may do, whatever it is called. */
type Power = Pick<AgentWish, 'allowedActions' | 'ownAccount' | 'allowedConnections'>;

/**
 * An agent may do what its key may not: whoever makes one, widens one or takes a key of one must hold himself what it may run.
 * Else a key that only manages agents would be a key to everything.
 *
 * @throws Refusal forbidden
 */
export function mustHold(by: Pick<By, 'scopes'>, { allowedActions }: Pick<Power, 'allowedActions'>): void {
  const run = actions.filter(({ slug }) => allowedActions === null || allowedActions.includes(slug));
  const needed = new Set(run.flatMap(scopesOf));
  const missing = [...needed].filter((scope) => !may(by, scope)).sort();
  if (missing.length === 0) return;
  const [permission, it] = missing.length === 1 ? ['permission', 'it'] : ['permissions', 'them'];
  const words = `This key does not hold the ${permission} ${missing.join(', ')}, which what the agent may run needs.`;
  throw new Refusal('forbidden', `${words} Let it run fewer actions, or use a key that holds ${it}.`);
}

/** Whether the agent may do something after a change that it might not before it. */
export function widens(before: Power, after: Power): boolean {
  const own = after.ownAccount && !before.ownAccount;
  return (
    own ||
    adds(before.allowedActions, after.allowedActions) ||
    adds(before.allowedConnections, after.allowedConnections)
  );
}

/** Null = all. */
function adds(before: readonly string[] | null, after: readonly string[] | null): boolean {
  return before !== null && (after === null || after.some((one) => !before.includes(one)));
}
