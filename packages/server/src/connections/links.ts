import { timingSafeEqual } from 'node:crypto';
import type { Caller } from '../accounts/caller.ts';
import { LINK_HOLDER } from '../audit/actor-name.ts';
import { inTransaction } from '../db/transaction.ts';
import { Refusal } from '../refusal.ts';
import { callbackWith } from './check-callback.ts';
import { readCredentials } from './check-credentials.ts';
import { recordState } from './check-stored.ts';
import { isConnectionId, isLinkToken, newBrowserSecret } from './ids.ts';
import {
  type ConnectLink,
  LINK_MS,
  LinkRefusal,
  type LinkWish,
  type OpenedConnectLink,
  type Submitted,
  WRONG_TRIES,
} from './link.ts';
import { checkLinkWish, hashOf, makeLink } from './make-link.ts';
import { type ConnectionParts, TARGET_NAMES, TOOLKIT_NAME } from './parts.ts';
import { connectWith } from './put-credentials.ts';
import { disabledConfig, noSuchConnection } from './refusals.ts';
import { mayBecome } from './status.ts';
import { findConnection } from './store.ts';
import {
  beginTry,
  bindLink,
  closeLink,
  closeLinks,
  countWrong,
  endTry,
  findLink,
  finishLink,
  hasOpenLink,
  type StoredLink,
} from './store-links.ts';
import { lockConnection, setState } from './store-state.ts';
import type { Credentials } from './vault.ts';
import { type Verdict, verify } from './verify.ts';

export {
  type ConnectLink,
  LINK_MS,
  LinkRefusal,
  type OpenedConnectLink,
  type Submitted,
  WRONG_TRIES,
} from './link.ts';

/** A try ends by itself within 45 s; a node that dies in one gives the link back after this. */
const TRY_MS = 60_000;

/**
 * A link on which an existing connection is connected (again). One that is ACTIVE stays so meanwhile; any other waits for
 * somebody (INITIATED).
 *
 * @throws Refusal not-found for a connection that is not the account's; bad-request for a callback that is not allowed.
 */
export async function createLink(parts: ConnectionParts, caller: Caller, wish: LinkWish): Promise<ConnectLink> {
  const { connectionId } = wish;
  const { accountId } = caller;
  const checked = checkLinkWish(parts, caller, wish);
  if (!isConnectionId(connectionId)) throw noSuchConnection(connectionId);
  const at = parts.clock.now();
  return inTransaction(parts.pool, async (run) => {
    const row = await lockConnection(run, accountId, connectionId);
    const shown = row && (await findConnection(run, accountId, connectionId));
    if (!row || !shown) throw noSuchConnection(connectionId);
    if (!shown.authConfigEnabled) throw disabledConfig(shown.authConfigId);
    if (row.status !== 'ACTIVE') {
      const state = { status: 'INITIATED', reason: null, expiresAt: at + LINK_MS } as const;
      await setState(run, { accountId, id: connectionId, at }, state);
    }
    return makeLink(run, parts, { accountId, connectionId }, checked);
  });
}

/**
 * The first open binds the link to the browser and answers a secret for its cookie; from then on it opens for that
 * browser only. Programs that look at links before people do must not come here: they would be the first.
 *
 * @throws LinkRefusal.
 */
export async function openConnectLink(
  parts: ConnectionParts,
  token: string,
  browser: string | null,
): Promise<OpenedConnectLink> {
  const link = await readLink(parts, token);
  if (link.browser_hash !== null) return shown(ownLink(parts, link, browser), null);
  const open = stillOpen(parts, link);
  const secret = newBrowserSecret(parts.random);
  if (await bindLink(parts.pool, link.token_hash, hashOf(secret), parts.clock.now())) return shown(open, secret);
  // Another browser was faster.
  return shown(ownLink(parts, await readLink(parts, token), browser), null);
}

/** Tries credentials at the target and, where they are right, connects. @throws LinkRefusal. */
export async function submitConnectLink(
  parts: ConnectionParts,
  token: string,
  browser: string | null,
  given: Credentials,
): Promise<Submitted> {
  const link = ownLink(parts, await readLink(parts, token), browser);
  if (link.done_at !== null) return connected(link, null);
  const read = readCredentials(given);
  if (!read.ok) return { kind: 'invalid', fields: read.fields, triesLeft: triesLeft(link) };
  const at = parts.clock.now();
  const until = at + TRY_MS;
  if (!(await beginTry(parts.pool, link.token_hash, { at, until, most: WRONG_TRIES }))) {
    const now = ownLink(parts, await readLink(parts, token), browser);
    if (now.done_at !== null) return connected(now, null);
    return { kind: 'busy', words: 'This link is being tried at this moment: wait for that, then reload the page.' };
  }
  const giveBack = () => endTry(parts.pool, link.token_hash, until);
  const verdict = await tryAt(parts, link, read.credentials).catch(async (error) => {
    await giveBack();
    throw error;
  });
  if (verdict.kind === 'wrong') return noteWrong(parts, link, verdict.words);
  if (verdict.kind === 'unreachable') {
    await giveBack();
    return noteUnreachable(parts, link, verdict);
  }
  return connect(parts, link, until, read.credentials, verdict);
}

/** Where too many were wrong, these were not looked at: the person keeps his form, and tries later. */
async function tryAt({ targets }: ConnectionParts, link: StoredLink, credentials: Credentials): Promise<Verdict> {
  try {
    return await verify(targets, { accountId: link.account_id, target: link.target }, credentials);
  } catch (error) {
    if (!(error instanceof Refusal && error.kind === 'too-many-requests')) throw error;
    return { kind: 'unreachable', words: `${error.message} Try again in ${error.retryAfter ?? 1} s.` };
  }
}

/** The person says no: the link is closed, and a connection that waited for it FAILED. Answers where to go. @throws LinkRefusal. */
export async function declineConnectLink(
  parts: ConnectionParts,
  token: string,
  browser: string | null,
): Promise<{ location: string | null }> {
  const link = ownLink(parts, await readLink(parts, token), browser);
  if (link.done_at !== null) return { location: doneUrl(link) };
  await giveUp(parts, link, 'It was declined on the connect page.');
  return { location: failureUrl(link) };
}

async function noteWrong(parts: ConnectionParts, link: StoredLink, words: string): Promise<Submitted> {
  const tries = await countWrong(parts.pool, link.token_hash);
  const left = WRONG_TRIES - (tries ?? WRONG_TRIES);
  if (left > 0) return { kind: 'wrong', words, triesLeft: left };
  await giveUp(parts, link, `${WRONG_TRIES} times wrong credentials were entered.`);
  return { kind: 'closed', words: `${words} That was the last of ${WRONG_TRIES} tries.`, location: failureUrl(link) };
}

/** The page tells that the target is silent, and the log of this server why: the reason may speak of addresses inside. */
function noteUnreachable(
  { log }: ConnectionParts,
  link: StoredLink,
  { words, silent }: Extract<Verdict, { kind: 'unreachable' }>,
): Submitted {
  const { connection_id, target } = link;
  log('connect.unreachable', { connection_id, target, words });
  const who = TARGET_NAMES[target][0]!.toUpperCase() + TARGET_NAMES[target].slice(1);
  const told = silent
    ? `${who} does not answer at the moment. This try was not counted; press Connect again in a minute.`
    : `${words} This try was not counted.`;
  return { kind: 'unreachable', words: told, triesLeft: triesLeft(link) };
}

/** Closes a link; a connection that waited for this one alone has FAILED. */
async function giveUp(parts: ConnectionParts, link: StoredLink, why: string): Promise<void> {
  const at = parts.clock.now();
  await inTransaction(parts.pool, async (run) => {
    const row = await lockConnection(run, link.account_id, link.connection_id);
    if (row === null || !(await closeLink(run, link.token_hash, at, why))) return;
    if (row.status !== 'INITIATED' || (await hasOpenLink(run, link.connection_id, at))) return;
    await setState(run, { accountId: link.account_id, id: link.connection_id, at }, { status: 'FAILED', reason: why });
    await recordState(run, row, { at, action: 'connection.failed', reason: why, actor: LINK_HOLDER });
  });
}

async function connect(
  parts: ConnectionParts,
  link: StoredLink,
  until: number,
  credentials: Credentials,
  { remoteAccount }: Extract<Verdict, { kind: 'right' }>,
): Promise<Submitted> {
  const at = parts.clock.now();
  const place = { accountId: link.account_id, id: link.connection_id, at };
  const done = await inTransaction(parts.pool, async (run) => {
    const row = await lockConnection(run, link.account_id, link.connection_id);
    if (row === null || !mayBecome(row.status, 'ACTIVE')) return false;
    if (!(await finishLink(run, link.token_hash, until, at))) return false;
    await connectWith(run, parts, place, { credentials, remoteAccount, enabled: row.enabled });
    await closeLinks(run, { connectionId: row.connection_id, at, why: 'It was connected by another link.' });
    await recordState(run, row, { at, action: 'connection.connected', reason: null, actor: LINK_HOLDER });
    return true;
  });
  if (done) return connected(link, remoteAccount);
  throw new LinkRefusal('closed', 'This link was closed while it was tried: ask for a new one.', failureUrl(link));
}

async function readLink({ pool }: ConnectionParts, token: string): Promise<StoredLink> {
  // What is no token is looked up like one, so that both take the same time.
  const found = await findLink(pool, hashOf(token));
  const link = isLinkToken(token) ? found : null;
  if (link === null) throw new LinkRefusal('unknown', 'There is no such link: ask for a new one.');
  return link;
}

/** The link, where the browser is the one that opened it. */
function ownLink(parts: ConnectionParts, link: StoredLink, browser: string | null): StoredLink {
  const own = link.browser_hash !== null && browser !== null && timingSafeEqual(link.browser_hash, hashOf(browser));
  if (!own) {
    // What is over is over for everybody; where the callback lies is told to none but its own.
    stillOpen(parts, { ...link, callback_url: null });
    const words = 'This link was opened in another browser: go on there, or ask for a new one.';
    throw new LinkRefusal('other-browser', words);
  }
  return link.done_at === null ? stillOpen(parts, link) : link;
}

function stillOpen({ clock }: ConnectionParts, link: StoredLink): StoredLink {
  if (link.done_at !== null) throw new LinkRefusal('done', 'This link was used already.');
  if (link.closed_at !== null) {
    throw new LinkRefusal(
      'closed',
      `This link is closed. ${link.closed_why ?? ''} Ask for a new one.`,
      failureUrl(link),
    );
  }
  if (link.expires_at <= clock.now()) {
    const words = `This link was good for ${LINK_MS / 60_000} minutes, which are over: ask for a new one.`;
    throw new LinkRefusal('expired', words, failureUrl(link));
  }
  if (link.usable) return link;
  throw new LinkRefusal('closed', 'Connecting this way was switched off by the account that asked.', failureUrl(link));
}

function shown(link: StoredLink, browser: string | null): OpenedConnectLink {
  const done = link.done_at !== null;
  return {
    connectionId: link.connection_id,
    requestedBy: link.requested_by,
    target: link.target,
    toolkitName: TOOLKIT_NAME,
    accountName: link.account_name,
    expiresAt: link.expires_at,
    usernameHint: link.username,
    triesLeft: triesLeft(link),
    done,
    doneUrl: done ? doneUrl(link) : null,
    failureUrl: failureUrl(link),
    browser,
  };
}

function connected(link: StoredLink, remoteAccount: string | null): Submitted {
  return { kind: 'connected', connectionId: link.connection_id, remoteAccount, location: doneUrl(link) };
}

const triesLeft = (link: StoredLink) => Math.max(0, WRONG_TRIES - link.wrong_tries);
const doneUrl = (link: StoredLink) => returning(link, 'success');
const failureUrl = (link: StoredLink) => returning(link, 'failed');

function returning({ callback_url, connection_id, state }: StoredLink, status: 'success' | 'failed'): string | null {
  return callback_url === null
    ? null
    : callbackWith(callback_url, { status, connected_account_id: connection_id, state });
}
