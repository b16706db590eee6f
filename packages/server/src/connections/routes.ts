import type { Body, Query } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import { makePage } from '@veredus/contract/page';
import type { Answer, Handlers } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import { Refusal } from '../refusal.ts';
import { defaultAuthConfig } from './auth-configs.ts';
import type { Connection } from './connection.ts';
import {
  checkConnection,
  deleteConnection,
  listConnections,
  renameConnection,
  rotateCredentials,
  setConnectionEnabled,
  showConnection,
} from './connections.ts';
import type { ConnectLink } from './link.ts';
import { createLink } from './links.ts';
import { makeConnection } from './make-connection.ts';
import type { ConnectionParts } from './parts.ts';
import type { Credentials } from './vault.ts';

export function connectionRoutes(
  parts: ConnectionParts,
): Pick<
  Handlers,
  | 'connections'
  | 'connectionShow'
  | 'connectionCreate'
  | 'connectionUpdate'
  | 'connectionCheck'
  | 'connectionLink'
  | 'connectionDelete'
> {
  return {
    connections: ({ caller, query }) => list(parts, caller, query),
    connectionShow: async ({ caller, params }) => ({
      data: shown(await showConnection(parts, caller.accountId, params.connection_id)),
      words: 'Connection.',
    }),
    connectionCreate: ({ caller, body }) => create(parts, caller, body),
    connectionUpdate: ({ caller, params, body }) => update(parts, caller, params.connection_id, body),
    connectionCheck: async ({ caller, params }) => ({
      data: shown(await checkConnection(parts, caller, params.connection_id)),
      words: 'Connection, as it stands now.',
    }),
    connectionLink: async ({ caller, params: { connection_id: connectionId }, body }) => {
      const link = await createLink(parts, caller, { connectionId, ...callbackOf(body ?? {}) });
      const connection = await showConnection(parts, caller.accountId, connectionId);
      return { data: withLink(connection, link), words: 'Open the link within ten minutes.' };
    },
    connectionDelete: async ({ caller, params: { connection_id } }) => {
      await deleteConnection(parts, caller, connection_id);
      return { data: { connection_id }, words: 'Deleted, with its credentials.' };
    },
  };
}

async function list(
  parts: ConnectionParts,
  { accountId }: Caller,
  { page, limit, user_id, status, target, auth_config_id }: Query<Endpoints['connections']>,
): Promise<Answer<Endpoints['connections']>> {
  const only = <T>(value: T | undefined) => (value === undefined ? null : [value]);
  const { total, rows } = await listConnections(parts, accountId, {
    ...{ userIds: only(user_id), statuses: only(status), targets: only(target), authConfigIds: only(auth_config_id) },
    ...{ skip: (page - 1) * limit, limit },
  });
  const url = new URL(`${parts.publicUrl()}/v3/connections`);
  const terms = { user_id, status, target, auth_config_id, limit: limit === 15 ? undefined : String(limit) };
  for (const [name, value] of Object.entries(terms)) if (value !== undefined) url.searchParams.set(name, value);
  return { data: makePage({ total, page, limit, rows: rows.map(shown), url: url.href }), words: 'Connections.' };
}

/** Wrong credentials make nothing here: whoever typed them sees it at once. */
async function create(
  parts: ConnectionParts,
  caller: Caller,
  body: Body<Endpoints['connectionCreate']>,
): Promise<Answer<Endpoints['connectionCreate']>> {
  const credentials = credentialsOf(body);
  if (body.auth_config_id !== undefined && body.target !== undefined) {
    const words = 'stands in the auth config already: leave one of the two out.';
    throw new Refusal('bad-request', `target ${words}`, { fields: { target: words } });
  }
  const authConfigId = body.auth_config_id ?? (await defaultAuthConfig(parts, caller, body.target)).authConfigId;
  const { connection, link } = await makeConnection(parts, caller, {
    ...{ authConfigId, userId: body.user_id, alias: body.alias ?? null, credentials, validate: true, strict: true },
    ...callbackOf(body),
  });
  const words = link === null ? 'Connected.' : 'Open the link within ten minutes.';
  return { data: withLink(connection, link), words };
}

/** Credentials first: where they are refused, nothing of it is done. */
async function update(
  parts: ConnectionParts,
  caller: Caller,
  id: string,
  body: Body<Endpoints['connectionUpdate']>,
): Promise<Answer<Endpoints['connectionUpdate']>> {
  const credentials = credentialsOf(body);
  if (credentials) await rotateCredentials(parts, caller, id, credentials);
  if (body.alias !== undefined) await renameConnection(parts, caller, id, body.alias);
  if (body.enabled !== undefined) await setConnectionEnabled(parts, caller, id, body.enabled);
  return { data: shown(await showConnection(parts, caller.accountId, id)), words: 'Connection.' };
}

function credentialsOf({ username, password }: { username?: string; password?: string }): Credentials | null {
  if (username === undefined && password === undefined) return null;
  if (username !== undefined && password !== undefined) return { username, password };
  const field = username === undefined ? 'username' : 'password';
  const words = 'is required: a username goes with a password or an API key.';
  throw new Refusal('bad-request', `${field} ${words}`, { fields: { [field]: words } });
}

const callbackOf = (body: { callback_url?: string | null; state?: string | null; requested_by?: string | null }) => ({
  callbackUrl: body.callback_url ?? null,
  state: body.state ?? null,
  requestedBy: body.requested_by ?? null,
});

function withLink(connection: Connection, link: ConnectLink | null) {
  return {
    connection: shown(connection),
    link: link && { url: link.url, expires_at: whole(link.expiresAt) },
  };
}

function shown(connection: Connection) {
  return {
    connection_id: connection.connectionId,
    auth_config_id: connection.authConfigId,
    toolkit: connection.toolkit,
    target: connection.target,
    user_id: connection.userId,
    alias: connection.alias,
    word_id: connection.wordId,
    status: connection.status,
    status_reason: connection.statusReason,
    enabled: connection.enabled,
    username: connection.username,
    password: connection.maskedPassword,
    remote_account: connection.remoteAccount,
    date_added: whole(connection.createdAt),
    date_updated: whole(connection.updatedAt),
    expires_at: seconds(connection.expiresAt),
    checked_at: seconds(connection.checkedAt),
    next_check_at: seconds(connection.nextCheckAt),
    last_used_at: seconds(connection.lastUsedAt),
  };
}

const whole = (milliseconds: number): number => Math.floor(milliseconds / 1000);
const seconds = (milliseconds: number | null): number | null => (milliseconds === null ? null : whole(milliseconds));
