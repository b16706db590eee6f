import type { Caller } from '../accounts/caller.ts';
import { auditActor } from '../audit/actor-name.ts';
import { asAccountClient, type Runner } from '../db/runner.ts';
import { inTransaction } from '../db/transaction.ts';
import { checkCredentials } from './check-credentials.ts';
import { checkStored, recordState } from './check-stored.ts';
import type { Connection, ConnectionFilters } from './connection.ts';
import { isConnectionId } from './ids.ts';
import type { ConnectLink } from './link.ts';
import { createLink } from './links.ts';
import { checkAlias, mustBeRight } from './make-connection.ts';
import type { ConnectionParts } from './parts.ts';
import { connectWith } from './put-credentials.ts';
import { noSuchConnection } from './refusals.ts';
import { deleteRow, findConnection, listConnectionRows, renameRow } from './store.ts';
import { closeLinks } from './store-links.ts';
import { lockConnection, type Place, type StoredConnection, setEnabled, setState } from './store-state.ts';
import type { Credentials } from './vault.ts';
import { verify } from './verify.ts';

type Reading = Pick<ConnectionParts, 'db'>;

/** The newest first, unless told. */
export async function listConnections(
  { db }: Reading,
  accountId: number,
  filters: ConnectionFilters,
): Promise<{ total: number; rows: Connection[] }> {
  return asAccountClient(db, accountId, (run) => listConnectionRows(run, accountId, filters));
}

/** @throws Refusal not-found, as all below. */
export async function showConnection({ db }: Reading, accountId: number, connectionId: string): Promise<Connection> {
  const found = isConnectionId(connectionId)
    ? await asAccountClient(db, accountId, (run) => findConnection(run, accountId, connectionId))
    : null;
  if (found === null) throw noSuchConnection(connectionId);
  return found;
}

export async function renameConnection(
  parts: ConnectionParts,
  caller: Caller,
  connectionId: string,
  alias: string | null,
): Promise<Connection> {
  const checked = checkAlias(alias);
  return change(parts, caller, connectionId, async (run, _row, place) => {
    await renameRow(run, { ...place, alias: checked });
    return null;
  });
}

/** New credentials in place of the old, once the target says they are right. @throws Refusal bad-request, unavailable, too-many-requests; the old ones stay. */
export async function rotateCredentials(
  parts: ConnectionParts,
  caller: Caller,
  connectionId: string,
  given: Credentials,
): Promise<Connection> {
  const { target } = await showConnection(parts, caller.accountId, connectionId);
  const credentials = checkCredentials(given);
  const verdict = await verify(parts.targets, { accountId: caller.accountId, target }, credentials);
  mustBeRight(verdict);
  return change(parts, caller, connectionId, async (run, { enabled }, place) => {
    await connectWith(run, parts, place, { credentials, remoteAccount: verdict.remoteAccount, enabled });
    await closeLinks(run, { connectionId, at: place.at, why: 'It was connected another way.' });
    return 'connection.rotated';
  });
}

/** A disabled one is shown as INACTIVE, runs nothing and is not checked; what it is otherwise it stays. */
export async function setConnectionEnabled(
  parts: ConnectionParts,
  caller: Caller,
  connectionId: string,
  enabled: boolean,
): Promise<Connection> {
  return change(parts, caller, connectionId, async (run, row, place) => {
    if (row.enabled === enabled) return null;
    await setEnabled(run, place, enabled);
    return enabled ? 'connection.enabled' : 'connection.disabled';
  });
}

/** Gone, with its sealed credentials and its links. */
export async function deleteConnection(parts: ConnectionParts, caller: Caller, connectionId: string): Promise<void> {
  await alter(parts, caller, connectionId, async (run, _row, { accountId, id }) => {
    await deleteRow(run, accountId, id);
    return 'connection.deleted';
  });
}

/** The sealed credentials are erased; the row stays, REVOKED. */
export async function revokeConnection(
  parts: ConnectionParts,
  caller: Caller,
  connectionId: string,
): Promise<Connection> {
  return change(parts, caller, connectionId, async (run, { status }, place) => {
    await closeLinks(run, { connectionId, at: place.at, why: 'The connection was revoked.' });
    if (status === 'REVOKED') return null;
    const reason = `Revoked by ${caller.username}.`;
    await setState(run, place, { status: 'REVOKED', reason, erase: true });
    return 'connection.revoked';
  });
}

/** Tries the credentials now: those of an EXPIRED one as well, which may be right again. One without any stays as it is. @throws Refusal too-many-requests. */
export async function checkConnection(
  parts: ConnectionParts,
  caller: Caller,
  connectionId: string,
): Promise<Connection> {
  const { accountId } = caller;
  if (!isConnectionId(connectionId)) throw noSuchConnection(connectionId);
  const row = await inTransaction(parts.pool, (run) => lockConnection(run, accountId, connectionId));
  if (row === null) throw noSuchConnection(connectionId);
  // While somebody is to connect anew, what was there before counts no more.
  if (row.status !== 'INITIATED') {
    const checked = await checkStored(parts, row);
    if (checked.kind === 'held-up') throw checked.refusal;
  }
  return showConnection(parts, accountId, connectionId);
}

/** As `checkConnection`; where that leaves it not ACTIVE, a link to connect again is made (INITIATED). A disabled one stays INACTIVE. */
export async function refreshConnection(
  parts: ConnectionParts,
  caller: Caller,
  connectionId: string,
  wish: { callbackUrl: string | null; state: string | null; requestedBy: string | null },
): Promise<{ connection: Connection; link: ConnectLink | null }> {
  const checked = await checkConnection(parts, caller, connectionId);
  if (['ACTIVE', 'INACTIVE', 'INITIALIZING'].includes(checked.status)) return { connection: checked, link: null };
  const link = await createLink(parts, caller, { connectionId, ...wish });
  return { connection: await showConnection(parts, caller.accountId, connectionId), link };
}

/** Answers what the audit log calls it; null = nothing happened that belongs there. */
type Work = (run: Runner, row: StoredConnection, place: Place) => Promise<string | null>;

async function change(parts: ConnectionParts, caller: Caller, id: string, work: Work): Promise<Connection> {
  await alter(parts, caller, id, work);
  return showConnection(parts, caller.accountId, id);
}

/** One change while nobody else makes one, with its place in the audit log. */
async function alter(parts: ConnectionParts, caller: Caller, id: string, work: Work): Promise<void> {
  const { accountId } = caller;
  if (!isConnectionId(id)) throw noSuchConnection(id);
  const at = parts.clock.now();
  await inTransaction(parts.pool, async (run) => {
    const row = await lockConnection(run, accountId, id);
    if (row === null) throw noSuchConnection(id);
    const action = await work(run, row, { accountId, id, at });
    if (action !== null) await recordState(run, row, { at, action, reason: null, actor: auditActor(caller) });
  });
}
