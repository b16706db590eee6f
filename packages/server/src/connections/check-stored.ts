import { ITSELF } from '../audit/actor-name.ts';
import { recordAudit } from '../audit/record.ts';
import type { Runner } from '../db/runner.ts';
import { inTransaction } from '../db/transaction.ts';
import { Refusal } from '../refusal.ts';
import type { ConnectionParts } from './parts.ts';
import { mayBecome } from './status.ts';
import {
  lockConnection,
  noteRight,
  noteUnreachable,
  type StoredConnection,
  sealedOf,
  setState,
} from './store-state.ts';
import type { Credentials } from './vault.ts';
import { type Verdict, verify } from './verify.ts';

const HOUR = 3_600_000;
const RECHECK_MS = 6 * HOUR;
/** After so many checks in a row that found nobody, the connection says so. */
const SAID_AFTER = 3;

export const LOST_REASON =
  'Its credentials cannot be read any more, since the secret key of this server was changed: connect again.';

const HELD_UP_REASON =
  'Its credentials were not looked at, since too many in connections of this account, or for this username, were wrong. Check it again later.';

export type Checked =
  | Verdict
  | { kind: 'unreadable' }
  | { kind: 'nothing' }
  /** This server, as the target, looks at no more for a while. */
  | { kind: 'held-up'; refusal: Refusal };

/** Tries a connection's credentials at its target and writes down what came of it. */
export async function checkStored(parts: ConnectionParts, row: StoredConnection): Promise<Checked> {
  const checked = await judge(parts, row);
  if (checked.kind !== 'nothing') await inTransaction(parts.pool, (run) => settle(run, parts, row, checked));
  return checked;
}

async function judge(parts: ConnectionParts, row: StoredConnection): Promise<Checked> {
  if (sealedOf(row) === null) return { kind: 'nothing' };
  const credentials = openStored(parts, row);
  if (credentials === null) return { kind: 'unreadable' };
  const place = { accountId: row.account_id, target: row.target };
  return verify(parts.targets, place, credentials).catch((error: unknown): Checked => {
    if (error instanceof Refusal && error.kind === 'too-many-requests') return { kind: 'held-up', refusal: error };
    throw error;
  });
}

/** Null = nothing is sealed, or it does not open. */
export function openStored({ vault }: Pick<ConnectionParts, 'vault'>, row: StoredConnection): Credentials | null {
  const sealed = sealedOf(row);
  return sealed && vault.open({ accountId: row.account_id, connectionId: row.connection_id }, sealed);
}

async function settle(run: Runner, parts: ConnectionParts, seen: StoredConnection, checked: Checked): Promise<void> {
  const place = { accountId: seen.account_id, id: seen.connection_id, at: parts.clock.now() };
  const row = await lockConnection(run, place.accountId, place.id);
  // Whoever rotated, revoked or connected meanwhile knows better.
  if (!row?.sealed || !seen.sealed || !row.sealed.equals(seen.sealed)) return;
  if (checked.kind === 'right') {
    if (!mayBecome(row.status, 'ACTIVE')) return;
    const nextCheckAt = row.enabled ? nextCheck(parts) : null;
    await noteRight(run, place, { remoteAccount: checked.remoteAccount, nextCheckAt });
    if (row.status === 'ACTIVE') return;
    return recordState(run, row, { at: place.at, action: 'connection.connected', reason: null });
  }
  if (checked.kind === 'unreachable') return settleUnreachable(run, parts, row, checked.words);
  // Those that were right once are asked about at the next usual time. Those nobody ever called right are asked about no more:
  // else whoever guesses would leave us his guesses to try.
  if (checked.kind === 'held-up' && row.checked_at !== null) {
    const nextCheckAt = row.status === 'ACTIVE' && row.enabled ? nextCheck(parts) : null;
    return noteUnreachable(run, place, { nextCheckAt, reason: null });
  }
  if (row.status === 'ACTIVE') await leaveActive(run, parts, row, reasonOf(checked));
  else if (row.status === 'INITIALIZING') await fail(run, parts, row, checked);
}

async function settleUnreachable(
  run: Runner,
  parts: ConnectionParts,
  row: StoredConnection,
  words: string,
): Promise<void> {
  const place = { accountId: row.account_id, id: row.connection_id, at: parts.clock.now() };
  const tries = row.unreachable + 1;
  const checks = row.enabled && (row.status === 'ACTIVE' || row.status === 'INITIALIZING');
  const since = row.checked_at === null ? '' : ` It last answered at ${minute(row.checked_at)}.`;
  const reason = row.status === 'ACTIVE' && tries >= SAID_AFTER ? `${words}${since}` : null;
  await noteUnreachable(run, place, { nextCheckAt: checks ? nextTry(parts, row, tries) : null, reason });
}

/** ACTIVE → EXPIRED, with its place in the audit log. What is sealed stays: whoever restores the account at the target need not connect again. */
export async function leaveActive(
  run: Runner,
  { clock }: Pick<ConnectionParts, 'clock'>,
  row: StoredConnection,
  reason: string,
): Promise<void> {
  const at = clock.now();
  await setState(run, { accountId: row.account_id, id: row.connection_id, at }, { status: 'EXPIRED', reason });
  await recordState(run, row, { at, action: 'connection.expired', reason });
}

async function fail(run: Runner, { clock }: ConnectionParts, row: StoredConnection, checked: Checked): Promise<void> {
  const place = { accountId: row.account_id, id: row.connection_id, at: clock.now() };
  const reason = reasonOf(checked);
  await setState(run, place, { status: 'FAILED', reason, erase: true });
  await recordState(run, row, { at: place.at, action: 'connection.failed', reason });
}

export async function recordState(
  run: Runner,
  row: Pick<StoredConnection, 'account_id' | 'connection_id' | 'target' | 'user_id'>,
  { at, action, reason, actor = ITSELF }: { at: number; action: string; reason: string | null; actor?: string },
): Promise<void> {
  const facts = { connection_id: row.connection_id, target: row.target, user_id: row.user_id, reason };
  await recordAudit(run, { accountId: row.account_id, at, actor, action, facts });
}

function reasonOf(checked: Checked): string {
  if (checked.kind === 'held-up') return HELD_UP_REASON;
  return checked.kind === 'wrong' ? `${checked.words} Connect again.` : LOST_REASON;
}

/** Every six hours, spread so that what was made together is not checked together. */
export function nextCheck({ clock, random }: Pick<ConnectionParts, 'clock' | 'random'>): number {
  return clock.now() + Math.round(RECHECK_MS * (0.9 + 0.2 * random.next()));
}

/** Sooner while nobody answers; a minute apart while somebody waits to hear whether his credentials are right. */
function nextTry({ clock, random }: ConnectionParts, { status }: StoredConnection, tries: number): number {
  const pause = status === 'INITIALIZING' ? HOUR / 60 : Math.min(tries * (HOUR / 6), HOUR);
  return clock.now() + Math.round(pause * (0.9 + 0.2 * random.next()));
}

const minute = (at: number) => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
