import type { Caller } from '../accounts/caller.ts';
import { auditActor } from '../audit/actor-name.ts';
import { recordAudit } from '../audit/record.ts';
import { asAccountClient, type Runner } from '../db/runner.ts';
import { storable } from '../db/storable.ts';
import { inTransaction } from '../db/transaction.ts';
import { Refusal } from '../refusal.ts';
import { type AuthConfig, showAuthConfig } from './auth-configs.ts';
import { checkCredentials } from './check-credentials.ts';
import type { Connection } from './connection.ts';
import { newConnectionId, newWordId } from './ids.ts';
import { type ConnectLink, LINK_MS } from './link.ts';
import { type CheckedLink, checkLinkWish, makeLink } from './make-link.ts';
import type { ConnectionParts } from './parts.ts';
import { connectWith, sealIn } from './put-credentials.ts';
import { disabledConfig, fieldFault } from './refusals.ts';
import type { ConnectionStatus } from './status.ts';
import { findConnection, insertConnection, lockConnections } from './store.ts';
import type { Credentials } from './vault.ts';
import { type Verdict, verify } from './verify.ts';

export interface ConnectionWish {
  authConfigId: string;
  userId: string;
  alias: string | null;
  /** Null = a link to the connect page is made instead. */
  credentials: Credentials | null;
  /** False = taken as right, and tried within a minute by itself. */
  validate: boolean;
  callbackUrl: string | null;
  state: string | null;
  /** Who asks, in words for the page; null = the account's name. */
  requestedBy: string | null;
  /** Wrong credentials, and a target nobody can reach, are refused and nothing is made. */
  strict?: boolean;
}

/** The most an account may have. */
export const MOST_CONNECTIONS = 1_000;
/** How long credentials nobody could try are tried again. */
const INITIALIZING_MS = 3_600_000;
const USER_ID = 255;
const ALIAS = 100;

/**
 * Makes a connection. With credentials they are tried at the target first: right → ACTIVE; wrong → FAILED, with the reason
 * and without the credentials; nobody there → INITIALIZING, tried again by itself for an hour. Without: INITIATED, and a link.
 *
 * @throws Refusal not-found for an auth config that is not the account's; bad-request where it is disabled, a field is
 * not taken or the account has its 1,000 connections; too-many-requests where this server, as the target, looks at no more
 * credentials for a while. Then nothing is made.
 */
export async function makeConnection(
  parts: ConnectionParts,
  caller: Caller,
  wish: ConnectionWish,
): Promise<{ connection: Connection; link: ConnectLink | null }> {
  const userId = checkUserId(wish.userId);
  const alias = checkAlias(wish.alias);
  const linkWish = checkLinkWish(parts, caller, wish);
  const config = await showAuthConfig(parts, caller.accountId, wish.authConfigId);
  if (!config.enabled) throw disabledConfig(config.authConfigId);
  const credentials = wish.credentials === null ? null : checkCredentials(wish.credentials);
  const verdict =
    credentials && wish.validate
      ? await verify(parts.targets, { accountId: caller.accountId, target: config.target }, credentials)
      : null;
  if (wish.strict && verdict) mustBeRight(verdict);
  const begin = beginning(parts, credentials, verdict);
  const id = newConnectionId(parts.random);
  const link = await inTransaction(parts.pool, async (run) => {
    await insert(run, parts, caller, { id, config, userId, alias, username: credentials?.username ?? '', ...begin });
    return fill(run, parts, caller, id, { credentials, verdict, ...begin, linkWish });
  });
  const connection = await asAccountClient(parts.db, caller.accountId, (run) =>
    findConnection(run, caller.accountId, id),
  );
  return { connection: connection!, link };
}

/** @throws Refusal for credentials the target does not call right. */
export function mustBeRight(verdict: Verdict): asserts verdict is Extract<Verdict, { kind: 'right' }> {
  if (verdict.kind === 'wrong') {
    throw new Refusal('bad-request', verdict.words, { fields: { password: verdict.words } });
  }
  if (verdict.kind === 'unreachable') throw new Refusal('unavailable', `${verdict.words} Try again later.`);
}

export function checkAlias(alias: string | null): string | null {
  const text = alias === null ? '' : storable(alias).trim();
  if (text.length > ALIAS) throw fieldFault('alias', `must have ${ALIAS} characters at most.`);
  return text === '' ? null : text;
}

interface Beginning {
  status: ConnectionStatus;
  reason: string | null;
  expiresAt: number | null;
}

function beginning({ clock }: ConnectionParts, credentials: Credentials | null, verdict: Verdict | null): Beginning {
  const until = (ms: number) => clock.now() + ms;
  if (credentials === null) return { status: 'INITIATED', reason: null, expiresAt: until(LINK_MS) };
  if (verdict === null || verdict.kind === 'right') return { status: 'ACTIVE', reason: null, expiresAt: null };
  if (verdict.kind === 'wrong') return { status: 'FAILED', reason: verdict.words, expiresAt: null };
  const reason = `${verdict.words} It is tried again by itself for an hour.`;
  return { status: 'INITIALIZING', reason, expiresAt: until(INITIALIZING_MS) };
}

type Inserted = Beginning & {
  id: string;
  config: AuthConfig;
  userId: string;
  alias: string | null;
  username: string;
};

async function insert(run: Runner, parts: ConnectionParts, caller: Caller, made: Inserted): Promise<void> {
  const { accountId } = caller;
  if ((await lockConnections(run, accountId)) >= MOST_CONNECTIONS) {
    throw new Refusal('bad-request', `An account may have ${MOST_CONNECTIONS} connections: delete some first.`);
  }
  const { id, config, userId } = made;
  const at = parts.clock.now();
  const wordId = newWordId(parts.random);
  const { authConfigId, target } = config;
  const row = { ...made, connectionId: id, accountId, authConfigId, target, wordId, at };
  if (!(await insertConnection(run, row))) throw disabledConfig(authConfigId);
  const facts = { connection_id: id, auth_config_id: authConfigId, target, user_id: userId, status: made.status };
  await recordAudit(run, { accountId, at, actor: auditActor(caller), action: 'connection.created', facts });
}

/** What goes into the row: sealed credentials, or a link beside it. */
async function fill(
  run: Runner,
  parts: ConnectionParts,
  { accountId }: Caller,
  id: string,
  from: Beginning & { credentials: Credentials | null; verdict: Verdict | null; linkWish: CheckedLink },
): Promise<ConnectLink | null> {
  const { credentials, verdict, status, reason, expiresAt, linkWish } = from;
  const place = { accountId, id, at: parts.clock.now() };
  if (credentials === null) return makeLink(run, parts, { accountId, connectionId: id }, linkWish);
  if (verdict?.kind === 'right') {
    await connectWith(run, parts, place, { credentials, remoteAccount: verdict.remoteAccount, enabled: true });
  } else if (status === 'ACTIVE' || status === 'INITIALIZING') {
    await sealIn(run, parts, place, credentials, { status, reason, expiresAt });
  }
  return null;
}

function checkUserId(given: string): string {
  const text = storable(given);
  if (text.trim() === '')
    throw fieldFault('user_id', 'is required: whose connection it is, as your application knows him.');
  if (text.length > USER_ID) throw fieldFault('user_id', `must have ${USER_ID} characters at most.`);
  return text;
}
