import type { Target } from '@veredus/tools/target';
import { storable } from '../db/storable.ts';
import { inTransaction } from '../db/transaction.ts';
import { LOST_REASON, leaveActive, openStored } from './check-stored.ts';
import { isConnectionId } from './ids.ts';
import { NoConnection } from './no-connection.ts';
import type { ConnectionParts, TargetName } from './parts.ts';
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
    throw new NoConnection(`Connection ${found.connection_id} is EXPIRED: ${LOST_REASON}`);
  }
  return {
    connectionId: found.connection_id,
    target: found.target,
    authConfigId: found.auth_config_id,
    userId: found.user_id,
    use: parts.targets[found.target](credentials),
  };
}

/** The first that can be used of those that were meant, or why the first of them cannot. */
async function pick({ pool }: ConnectionParts, accountId: number, ask: ConnectionAsk): Promise<UsableConnection> {
  const { connectionId, userId, among, action } = ask;
  if (connectionId !== null && !isConnectionId(connectionId)) throw unknown(connectionId);
  const asked = {
    connectionId,
    userId: userId === null ? null : storable(userId),
    among,
    action: action.toUpperCase(),
  };
  const found = await findUsable(pool, accountId, asked);
  if (found === null) throw connectionId === null ? none(userId) : unknown(connectionId);
  const fault = faultOf(found, action);
  if (fault) throw new NoConnection(`Connection ${found.connection_id} ${fault}`);
  return found;
}

function faultOf(row: UsableConnection, action: string): string | null {
  if (row.status !== 'ACTIVE') {
    const why = row.status_reason === null ? '' : ` ${row.status_reason}`;
    return `is ${row.status}, not ACTIVE.${why}`;
  }
  if (!row.enabled) return 'is disabled (INACTIVE): enable it, or use another.';
  if (!row.config_enabled) return `cannot be used: its auth config ${row.auth_config_id} is disabled.`;
  return row.allowed
    ? null
    : `may not run ${action.toUpperCase()}: its auth config ${row.auth_config_id} does not allow it.`;
}

const unknown = (id: string) =>
  new NoConnection(
    `There is no connection ${JSON.stringify(id.slice(0, 40))} for this user: list the connections there are.`,
  );

function none(userId: string | null): NoConnection {
  const whose = userId === null ? '' : ` for user ${JSON.stringify(userId.slice(0, 100))}`;
  return new NoConnection(`There is no connection${whose} to ClickSend: connect an account first.`, true);
}

/** The secret key of the server is another than the one it was sealed under. */
async function loseKey(parts: ConnectionParts, seen: UsableConnection): Promise<void> {
  await inTransaction(parts.pool, async (run) => {
    const row = await lockConnection(run, seen.account_id, seen.connection_id);
    if (row?.status !== 'ACTIVE' || !row.sealed || !seen.sealed?.equals(row.sealed)) return;
    await leaveActive(run, parts, row, LOST_REASON);
  });
}
