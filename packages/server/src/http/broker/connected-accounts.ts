import { z } from 'zod';
import type { Actor } from '../../agents/actor.ts';
import {
  deleteConnection,
  showConnection as findConnection,
  listConnections,
  refreshConnection,
  renameConnection,
  revokeConnection,
  rotateCredentials,
  setConnectionEnabled,
} from '../../connections/connections.ts';
import { CONNECTION_STATUSES, type ConnectionStatus, isStatus } from '../../connections/status.ts';
import { Refusal } from '../../refusal.ts';
import type { BrokerCall, Route } from './door.ts';
import { listed, pageOf } from './page.ts';
import type { BrokerParts } from './parts.ts';
import { fault, type Query } from './query.ts';
import { readBody } from './read-body.ts';
import { showConnection } from './show-connection.ts';
import { SCHEME } from './toolkits.ts';

export function connectedAccountRoutes({ connections: parts }: BrokerParts): Route[] {
  const route = (method: Route['method'], path: string, work: (parts: Parts, call: BrokerCall) => unknown): Route => ({
    method,
    url: `/connected_accounts${path}`,
    need: method === 'GET' ? 'see' : 'change',
    work: (call) => work(parts, call),
  });
  return [
    route('GET', '', list),
    route('GET', '/:id', show),
    route('PATCH', '/:id', change),
    route('PATCH', '/:id/status', setStatus),
    route('POST', '/:id/refresh', refresh),
    route('POST', '/:id/revoke', revoke),
    route('DELETE', '/:id', remove),
  ];
}

type Parts = BrokerParts['connections'];

async function list(parts: Parts, { actor, query }: BrokerCall) {
  const page = pageOf(query);
  // All of ours serve one user.
  const types = query.list('account_type')?.map((type) => type.toUpperCase());
  if (types && !types.some((type) => type === 'PRIVATE' || type === 'ALL')) return listed([], 0, page);
  const { total, rows } = await listConnections(parts, actor.caller.accountId, {
    userIds: query.list('user_ids'),
    authConfigIds: query.list('auth_config_ids'),
    connectionIds: among(actor, query.list('connected_account_ids')),
    statuses: statusesOf(query),
    toolkits: query.list('toolkit_slugs')?.map((slug) => slug.toLowerCase()) ?? null,
    orderBy: query.text('order_by') === 'updated_at' ? 'updated_at' : 'created_at',
    direction: query.text('order_direction')?.toLowerCase() === 'asc' ? 'asc' : 'desc',
    ...page,
  });
  return listed(rows.map(showConnection), total, page);
}

/** An agent sees those that it may use. */
function among({ agent }: Actor, ids: readonly string[] | null): readonly string[] | null {
  const allowed = agent?.allowedConnections ?? null;
  if (allowed === null) return ids;
  return ids === null ? allowed : ids.filter((id) => allowed.includes(id));
}

function statusesOf(query: Query): readonly ConnectionStatus[] | null {
  const named = query.list('statuses')?.map((status) => status.toUpperCase()) ?? null;
  if (named?.every(isStatus) === false) throw fault('statuses', `must be of ${CONNECTION_STATUSES.join(', ')}.`);
  return named as ConnectionStatus[] | null;
}

async function show(parts: Parts, { actor, params }: BrokerCall) {
  const id = params.id!;
  const allowed = actor.agent?.allowedConnections ?? null;
  if (allowed && !allowed.includes(id)) {
    throw new Refusal('not-found', `There is no connection ${JSON.stringify(id.slice(0, 40))}.`);
  }
  return showConnection(await findConnection(parts, actor.caller.accountId, id));
}

/** Basic credentials as clients write them; others of theirs are read as none. */
export const STATE = z.object({
  authScheme: z.literal(SCHEME, { error: `must be ${SCHEME}: this toolkit takes a username and a password.` }),
  val: z.looseObject({ status: z.string().nullish(), username: z.string().nullish(), password: z.string().nullish() }),
});

/** @throws Refusal for one half of them. */
export function credentialsOf(state: z.output<typeof STATE> | null | undefined, where: string) {
  const { username, password } = state?.val ?? {};
  if (!username && !password) return null;
  if (username && password) return { username, password };
  throw fault(`${where}.val.${username ? 'password' : 'username'}`, 'is required beside the other.');
}

const CHANGE = z.object({
  alias: z.string().nullish(),
  connection: z.object({ state: STATE.nullish(), alias: z.string().nullish() }).nullish(),
  experimental: z.unknown().optional(),
});

async function change(parts: Parts, { actor, params, body }: BrokerCall) {
  const wish = readBody(CHANGE, body);
  if (wish.experimental != null) {
    throw fault('experimental', 'is not taken: a connection serves its own user only, and cannot be shared.');
  }
  const { caller } = actor;
  const id = params.id!;
  const credentials = credentialsOf(wish.connection?.state, 'connection.state');
  if (wish.connection?.state && !credentials) throw fault('connection.state.val', 'must hold username and password.');
  const alias = wish.alias !== undefined ? wish.alias : wish.connection?.alias;
  if (!credentials && alias === undefined)
    throw fault('body', 'must hold alias, or connection.state with new credentials.');
  // Credentials first: they may be refused, and then nothing has changed.
  if (credentials) await rotateCredentials(parts, caller, id, credentials);
  if (alias !== undefined) await renameConnection(parts, caller, id, alias === '' ? null : alias);
  const { status } = await findConnection(parts, caller.accountId, id);
  return { success: true, id, status };
}

async function setStatus(parts: Parts, { actor, params, body }: BrokerCall) {
  const { enabled } = readBody(z.object({ enabled: z.boolean({ error: 'must be true or false.' }) }), body);
  await setConnectionEnabled(parts, actor.caller, params.id!, enabled);
  return { success: true };
}

const REFRESH = z.object({ redirect_url: z.string().nullish(), validate_credentials: z.boolean().nullish() });

async function refresh(parts: Parts, { actor, params, query, body }: BrokerCall) {
  const wish = readBody(REFRESH, body);
  const callbackUrl = query.text('redirect_url') ?? (wish.redirect_url || null);
  const made = await refreshConnection(parts, actor.caller, params.id!, {
    callbackUrl,
    state: null,
    requestedBy: null,
  });
  const { connectionId, status } = made.connection;
  return { id: connectionId, status, redirect_url: made.link?.url ?? null };
}

async function revoke(parts: Parts, { actor, params }: BrokerCall) {
  const { connectionId, status } = await revokeConnection(parts, actor.caller, params.id!);
  return { revoked_tokens: ['credential'], connected_account: { id: connectionId, status } };
}

async function remove(parts: Parts, { actor, params, query }: BrokerCall) {
  // What is deleted is erased with its credentials; at the target itself nothing can be revoked for anybody.
  query.flag('revoke_on_delete');
  await deleteConnection(parts, actor.caller, params.id!);
  return { success: true };
}
