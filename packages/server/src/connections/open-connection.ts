import type { Target } from '@veredus/tools/target';
import { storable } from '../db/storable.ts';
import { inTransaction } from '../db/transaction.ts';
import { LOST_REASON, leaveActive, openStored } from './check-stored.ts';
import { isConnectionId } from './ids.ts';
import { type Lack, NoConnection } from './no-connection.ts';
import type { ConnectionParts, TargetName } from './parts.ts';
import type { ConnectionStatus } from './status.ts';
import { lockConnection } from './store-state.ts';
import { findUsable, type UsableConnection } from './store-use.ts';

export interface ConnectionAsk {
  /** ca_…; null = the newest that will do. */
  connectionId: string | null;
  /** Whose; null = anybody's. With both, the connection must be this user's. */
  userId: string | null;
  /** Ids it must be one of; null = any of the account. */
  among: readonly string[] | null;
  /** Slug of the action it is for. */
  action: string;
}

export interface OpenConnection {
  connectionId: string;
  target: TargetName;
  authConfigId: string;
  userId: string;
  use: Target;
}

/** A connection ready for use. @throws NoConnection, with what to do about it. */
export async function openConnection(
  parts: ConnectionParts,
  accountId: number,
  ask: ConnectionAsk,
): Promise<OpenConnection> {
  const found = await pick(parts, accountId, ask);
  const credentials = openStored(parts, found);
  if (credentials === null) {
    await loseKey(parts, found);
    throw new NoConnection(`Connection ${found.connection_id} is EXPIRED: ${LOST_REASON}`, false, 'over');
  }
  return {
    connectionId: found.connection_id,
    target: found.target,
    authConfigId: found.auth_config_id,
    userId: found.user_id,
    use: parts.targets[found.target](credentials, { accountId, checks: false }),
  };
}

/** The first that can be used of those that were meant, or why the first of them cannot. */
async function pick({ pool }: ConnectionParts, accountId: number, ask: ConnectionAsk): Promise<UsableConnection> {
  const { connectionId, userId, among, action } = ask;
  if (connectionId !== null && !isConnectionId(connectionId)) throw unknown(connectionId, userId);
  const asked = {
    connectionId,
    userId: userId === null ? null : storable(userId),
    among,
    action: action.toUpperCase(),
  };
  const found = await findUsable(pool, accountId, asked);
  if (found === null) throw connectionId === null ? none(userId) : unknown(connectionId, userId);
  const fault = faultOf(found, action);
  if (fault) throw new NoConnection(`Connection ${found.connection_id} ${fault.words}`, false, fault.lack);
  return found;
}

function faultOf(row: UsableConnection, action: string): { words: string; lack: Lack } | null {
  const { status, status_reason, auth_config_id: config } = row;
  if (status !== 'ACTIVE') {
    const why = status_reason === null ? '' : ` ${status_reason}`;
    return { words: `is ${status}, not ACTIVE.${why}`, lack: WAITING[status] ?? 'over' };
  }
  if (!row.enabled) return { words: 'is disabled (INACTIVE): enable it, or use another.', lack: 'disabled' };
  if (!row.config_enabled) return { words: `cannot be used: its auth config ${config} is disabled.`, lack: 'disabled' };
  if (row.allowed) return null;
  const words = `may not run ${action.toUpperCase()}: its auth config ${config} does not allow it.`;
  return { words, lack: 'not-allowed' };
}

const WAITING: Partial<Record<ConnectionStatus, Lack>> = { INITIALIZING: 'being-tried', INITIATED: 'invited' };

function unknown(id: string, userId: string | null): NoConnection {
  const words = `There is no connection ${JSON.stringify(id.slice(0, 40))}${whose(userId)} to use here: check its id.`;
  return new NoConnection(words, false, 'unknown');
}

function none(userId: string | null): NoConnection {
  return new NoConnection(`There is no connection${whose(userId)} to ClickSend: connect an account first.`, true);
}

const whose = (userId: string | null) => (userId === null ? '' : ` for user ${JSON.stringify(userId.slice(0, 100))}`);

/** The secret key of the server is another than the one it was sealed under. */
async function loseKey(parts: ConnectionParts, seen: UsableConnection): Promise<void> {
  await inTransaction(parts.pool, async (run) => {
    const row = await lockConnection(run, seen.account_id, seen.connection_id);
    if (row?.status !== 'ACTIVE' || !row.sealed || !seen.sealed?.equals(row.sealed)) return;
    await leaveActive(run, parts, row, LOST_REASON);
  });
}
