import { nearName } from '@veredus/contract/near-name';
import { actions, findAction } from '@veredus/tools/catalogue';
import type { Runner } from '../db/runner.ts';
import { storable } from '../db/storable.ts';
import { Refusal } from '../refusal.ts';
import type { Agent } from './actor.ts';
import { findAgentNamed, knownConnections } from './store-agents.ts';

/** What somebody wants an agent to be. */
export type AgentWish = Pick<Agent, 'name' | 'description' | 'allowedActions' | 'ownAccount' | 'allowedConnections'>;

const NAME_LIMIT = 64;
export const DESCRIPTION_LIMIT = 1_000;
const MOST_CONNECTIONS = 500;

/**
 * The wish as it is stored. `self` is the agent it is about, null for a new one.
 * @throws Refusal bad-request that names each field, what is wrong with it and how to mend it.
 */
export async function checkAgent(run: Runner, accountId: number, self: number | null, wish: AgentWish) {
  const fields: Record<string, string> = {};
  const name = storable(wish.name).trim();
  const description = storable(wish.description);
  const nameFault = faultOfName(name) ?? (await takenFault(run, accountId, self, name));
  if (nameFault !== null) fields.name = nameFault;
  if (description.length > DESCRIPTION_LIMIT) fields.description = `Has ${DESCRIPTION_LIMIT} characters at most.`;
  const actionFault = faultOfActions(wish.allowedActions ?? []);
  if (actionFault !== null) fields.allowed_actions = actionFault;
  const connectionFault = await faultOfConnections(run, accountId, wish.allowedConnections ?? []);
  if (connectionFault !== null) fields.allowed_connections = connectionFault;
  const words = Object.entries(fields).map(([field, fault]) => `${field}: ${fault}`);
  if (words.length > 0) throw new Refusal('bad-request', words.join(' '), { fields });
  const allowedActions = wish.allowedActions === null ? null : slugsOf(wish.allowedActions);
  const allowedConnections = wish.allowedConnections === null ? null : [...new Set(wish.allowedConnections)].sort();
  return { name, description, allowedActions, ownAccount: wish.ownAccount, allowedConnections };
}

const slugsOf = (names: readonly string[]): string[] =>
  [...new Set(names.flatMap((name) => findAction(name.trim())?.slug ?? []))].sort();

function faultOfName(name: string): string | null {
  const length = [...name].length;
  if (length >= 1 && length <= NAME_LIMIT && !/\p{C}/u.test(name)) return null;
  return `A name has 1 to ${NAME_LIMIT} characters, and no control characters among them.`;
}

async function takenFault(run: Runner, accountId: number, self: number | null, name: string): Promise<string | null> {
  const taken = await findAgentNamed(run, accountId, name);
  if (taken === null || taken === self) return null;
  return `Agent ${taken} has this name already; choose another.`;
}

function faultOfActions(names: readonly string[]): string | null {
  const unknown = names.find((name) => findAction(name.trim()) === null);
  if (unknown === undefined) return null;
  const near = nearName(
    unknown.trim().toUpperCase(),
    actions.map(({ slug }) => slug),
  );
  const meant = near === null ? '' : ` Did you mean ${near}?`;
  return `There is no action "${shown(unknown)}".${meant} GET /v3/actions lists them all.`;
}

async function faultOfConnections(run: Runner, accountId: number, ids: readonly string[]): Promise<string | null> {
  if (ids.length > MOST_CONNECTIONS) return `Names ${MOST_CONNECTIONS} connections at most.`;
  if (ids.length === 0) return null;
  const known = await knownConnections(run, accountId, ids.map(storable));
  const unknown = ids.find((id) => !known.has(id));
  return unknown === undefined ? null : `There is no connection "${shown(unknown)}" in this account.`;
}

const shown = (text: string): string => [...storable(text)].slice(0, 80).join('');
