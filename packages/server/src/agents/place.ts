import type { Action } from '@veredus/tools/action';
import type { Target } from '@veredus/tools/target';
import type { Handlers } from '../accounts/call.ts';
import { callLocally } from '../accounts/call-locally.ts';
import { may } from '../accounts/caller.ts';
import { NoConnection } from '../connections/no-connection.ts';
import type { ConnectionAsk, OpenConnection } from '../connections/open-connection.ts';
import { Refusal } from '../refusal.ts';
import { scopesOf } from './action-scopes.ts';
import type { Actor } from './actor.ts';
import type { ConnectionWish, Place } from './run-action.ts';

export interface PlaceParts {
  handlers: Handlers;
  /** Opens a connection of the account. @throws NoConnection */
  open(accountId: number, ask: ConnectionAsk): Promise<OpenConnection>;
}

/**
 * Where an execution goes: over the connection that was named, or the newest of the user that was named; else to the account
 * itself on this server, where the actor may act as it.
 *
 * @throws NoConnection
 */
export async function placeFor(
  parts: PlaceParts,
  actor: Actor,
  action: Action,
  { connectionId, userId, needed }: ConnectionWish,
): Promise<Place> {
  if (!actor.agent) requireScope(actor, action);
  const own = actor.agent ? actor.agent.ownAccount : !needed;
  const ask = { connectionId, userId, among: actor.agent?.allowedConnections ?? null, action: action.slug };
  const named = connectionId !== null || userId !== null;
  if (own && !named) return ownPlace(parts, actor, action, userId);
  try {
    return await parts.open(actor.caller.accountId, ask);
  } catch (error) {
    const instead = own && error instanceof NoConnection && error.none && (await hasNone(parts, actor, ask));
    if (!instead) throw error;
    return ownPlace(parts, actor, action, userId);
  }
}

/** A project's key may no more over a connection than it may here: what an agent may run, the agent says. */
function requireScope({ caller }: Actor, action: Action): void {
  const missing = scopesOf(action).find((scope) => !may(caller, scope));
  if (missing) throw new Refusal('forbidden', `This key does not hold the permission ${missing}.`);
}

/**
 * Whether nobody has connected to this account's agents at all. Once somebody has, a user without a connection is a user to be
 * connected, or a slip of the pen: writing for him from the account itself would be from the wrong one, at the wrong one's cost.
 */
async function hasNone(parts: PlaceParts, { caller }: Actor, ask: ConnectionAsk): Promise<boolean> {
  try {
    await parts.open(caller.accountId, { ...ask, userId: null, among: null });
    return false;
  } catch (error) {
    if (error instanceof NoConnection) return error.none;
    throw error;
  }
}

/**
 * The actor's account, in this process. An agent's key holds nothing but the door's permission: that the agent may run the
 * action is what it may do, so it acts with the permission this action needs and no other.
 */
function ownPlace({ handlers }: PlaceParts, { caller, agent }: Actor, action: Action, userId: string | null): Place {
  const scopes = agent ? scopesOf(action) : caller.scopes;
  const use: Target = { call: (call) => callLocally(handlers, { ...caller, scopes }, call, call.origin ?? null) };
  return { connectionId: null, userId, target: 'local', use };
}
