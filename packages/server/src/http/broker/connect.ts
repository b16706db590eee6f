import { z } from 'zod';
import { makeConnection } from '../../connections/make-connection.ts';
import { credentialsOf, STATE } from './connected-accounts.ts';
import type { BrokerCall, Route } from './door.ts';
import type { BrokerParts } from './parts.ts';
import { fault } from './query.ts';
import { readBody } from './read-body.ts';
import { iso, stateOf } from './show-connection.ts';
import { SCHEME } from './toolkits.ts';

/** How connections are made: with credentials, or by a link to the page where somebody enters them. */
export function connectRoutes({ connections: parts }: BrokerParts): Route[] {
  return [
    { method: 'POST', url: '/connected_accounts', need: 'change', work: (call) => initiate(parts, call) },
    { method: 'POST', url: '/connected_accounts/link', need: 'change', work: (call) => link(parts, call) },
  ];
}

type Parts = BrokerParts['connections'];

const userId = z.string().min(1, { error: 'must not be empty.' });
const url = z.string().nullish();

const INITIATE = z.object({
  auth_config: z.object({ id: z.string() }),
  connection: z.object({ user_id: userId, state: STATE.nullish(), callback_url: url, redirect_uri: url, alias: url }),
  validate_credentials: z.boolean().nullish(),
});

const LINK = z.object({
  auth_config_id: z.string(),
  user_id: userId,
  callback_url: url,
  alias: url,
  connection_data: z.unknown().optional(),
});

async function initiate(parts: Parts, { actor, body, reply }: BrokerCall) {
  const { auth_config, connection: wish, validate_credentials } = readBody(INITIATE, body);
  const { connection, link } = await makeConnection(parts, actor.caller, {
    authConfigId: auth_config.id,
    userId: wish.user_id,
    alias: wish.alias || null,
    credentials: credentialsOf(wish.state, 'connection.state'),
    validate: validate_credentials ?? true,
    callbackUrl: wish.callback_url || wish.redirect_uri || null,
    state: null,
    requestedBy: null,
  });
  const redirectUrl = link?.url ?? null;
  const val = { ...stateOf(connection), ...(redirectUrl !== null && { redirectUrl }) };
  reply.status(201);
  return {
    id: connection.connectionId,
    connectionData: { authScheme: SCHEME, val },
    status: connection.status,
    status_reason: connection.statusReason,
    redirect_url: redirectUrl,
    redirect_uri: redirectUrl,
    deprecated: { uuid: connection.connectionId, authConfigUuid: connection.authConfigId },
  };
}

async function link(parts: Parts, { actor, body, reply }: BrokerCall) {
  const wish = readBody(LINK, body);
  if (hasValues(wish.connection_data)) {
    throw fault('connection_data', 'is not taken with a link: whoever opens it enters the credentials himself.');
  }
  const made = await makeLink(parts, actor.caller, {
    authConfigId: wish.auth_config_id,
    userId: wish.user_id,
    alias: wish.alias || null,
    callbackUrl: wish.callback_url || null,
  });
  reply.status(201);
  return made;
}

interface LinkWish {
  authConfigId: string;
  userId: string;
  alias: string | null;
  callbackUrl: string | null;
}

/** A connection that waits for somebody, and the link by which he makes it, as brokers answer it. */
async function makeLink(parts: Parts, caller: BrokerCall['actor']['caller'], wish: LinkWish) {
  const asked = { ...wish, credentials: null, validate: true, state: null, requestedBy: null };
  const { connection, link } = await makeConnection(parts, caller, asked);
  if (link === null) throw new Error('a connection without credentials was made without a link');
  return {
    link_token: link.token,
    redirect_url: link.url,
    expires_at: iso(link.expiresAt),
    connected_account_id: connection.connectionId,
  };
}

/** Clients send an empty object along. */
function hasValues(data: unknown): boolean {
  return data != null && (typeof data !== 'object' || Object.keys(data).length > 0);
}
