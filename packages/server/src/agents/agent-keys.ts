import { recordAudit } from '../audit/record.ts';
import { asAccountClient } from '../db/runner.ts';
import { inTransaction } from '../db/transaction.ts';
import { Refusal } from '../refusal.ts';
import { type AgentParts, type By, noAgent } from './agent-parts.ts';
import { mustHold } from './hand-over.ts';
import { giveKey, type MadeKey } from './make-agent.ts';
import { findAgent, lockAgent } from './store-agents.ts';
import { type AgentKey, countOpenKeys, endKeys, listAgentKeys } from './store-keys.ts';

export const MOST_OVERLAP_MINUTES = 1_440;
/** Of one agent at a time: whoever rotates again and again with overlaps piles them up. */
export const MOST_OPEN_KEYS = 10;

type Changing = Pick<AgentParts, 'db' | 'clock' | 'random' | 'forget'>;

export interface Rotated extends MadeKey {
  /** When the keys before end; null = there were none. */
  othersEndAt: number | null;
}

/**
 * Gives an agent a new key, which works at once; those before end now or after the overlap.
 * @throws Refusal not-found; forbidden where the agent may do more than who asks; bad-request where too many keys would be open.
 */
export async function rotateAgentKey(
  parts: Changing,
  by: By,
  agentId: number,
  overlapMinutes: number,
): Promise<Rotated> {
  const { accountId, actor } = by;
  const at = parts.clock.now();
  const endsAt = at + overlapMinutes * 60_000;
  const rotated = await inTransaction(parts.db.enginePool, async (run) => {
    const agent = await lockAgent(run, accountId, agentId);
    if (agent === null) throw noAgent(agentId);
    mustHold(by, agent);
    const before = await endKeys(run, { accountId, agentId, keyId: null }, { now: at, at: endsAt });
    if ((await countOpenKeys(run, { accountId, agentId }, at)) >= MOST_OPEN_KEYS) throw tooManyKeys(agentId);
    const made = await giveKey(parts, run, agent, at);
    const facts = { agent_id: agentId, name: agent.name, key_id: made.keyId, overlap_minutes: overlapMinutes };
    const ending = { ending_keys: before.map(({ key_id }) => key_id) };
    await recordAudit(run, { accountId, at, actor, action: 'agent.key_rotated', facts: { ...facts, ...ending } });
    return { made, before };
  });
  forgetAll(parts, rotated.before);
  return { ...rotated.made, othersEndAt: rotated.before.length === 0 ? null : endsAt };
}

/** Ends one key at once. @throws Refusal not-found for one that is not the agent's, or has ended. */
export async function revokeAgentKey(
  parts: Changing,
  { accountId, actor }: By,
  { agentId, keyId }: { agentId: number; keyId: number },
): Promise<void> {
  const at = parts.clock.now();
  const ended = await inTransaction(parts.db.enginePool, async (run) => {
    const agent = await lockAgent(run, accountId, agentId);
    if (agent === null) throw noAgent(agentId);
    const keys = await endKeys(run, { accountId, agentId, keyId }, { now: at, at });
    if (keys.length === 0) throw noKey(agentId, keyId);
    const facts = { agent_id: agentId, name: agent.name, key_id: keyId };
    await recordAudit(run, { accountId, at, actor, action: 'agent.key_revoked', facts });
    return keys;
  });
  forgetAll(parts, ended);
}

/** A page of an agent's keys without their secrets, the newest first. @throws Refusal not-found. */
export function readAgentKeys(
  { db }: Pick<AgentParts, 'db'>,
  accountId: number,
  agentId: number,
  slice: { skip: number; count: number },
): Promise<{ total: number; keys: AgentKey[] }> {
  return asAccountClient(db, accountId, async (run) => {
    if ((await findAgent(run, accountId, agentId)) === null) throw noAgent(agentId);
    return listAgentKeys(run, { accountId, agentId }, slice);
  });
}

function forgetAll({ forget }: Pick<AgentParts, 'forget'>, keys: readonly AgentKey[]): void {
  for (const userId of new Set(keys.map(({ user_id }) => user_id))) forget(userId);
}

function noKey(agentId: number, keyId: number): Refusal {
  const words = `Agent ${agentId} has no open key ${keyId}.`;
  return new Refusal('not-found', words, { fields: { key_id: words } });
}

function tooManyKeys(agentId: number): Refusal {
  const words = `Agent ${agentId} has ${MOST_OPEN_KEYS} open keys: revoke one, or rotate without an overlap.`;
  return new Refusal('bad-request', words, { fields: { overlap_minutes: words } });
}
