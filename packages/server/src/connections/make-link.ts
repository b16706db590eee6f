import { createHash } from 'node:crypto';
import type { Caller } from '../accounts/caller.ts';
import type { Runner } from '../db/runner.ts';
import { storable } from '../db/storable.ts';
import { Refusal } from '../refusal.ts';
import { checkCallback } from './check-callback.ts';
import { newLinkToken } from './ids.ts';
import { type ConnectLink, LINK_MS, type LinkWish } from './link.ts';
import type { ConnectionParts } from './parts.ts';
import { closeLinks, dropOverLinks, insertLink } from './store-links.ts';

const STATE = 1_024;
const REQUESTED_BY = 120;
/** Of one connection, at once: an application that asks again does not pull the page from under somebody's hands. */
const OPEN_LINKS = 5;
/** Of one connection that are over: without a bound, asking again and again would fill the table. */
const OVER_LINKS = 5;

export type CheckedLink = Omit<LinkWish, 'connectionId' | 'requestedBy'> & { requestedBy: string };

/** @throws Refusal bad-request for a callback or a state that is not taken. */
export function checkLinkWish(
  { publicUrl, callbackHosts }: Pick<ConnectionParts, 'publicUrl' | 'callbackHosts'>,
  caller: Caller,
  { callbackUrl, state, requestedBy }: Omit<LinkWish, 'connectionId'>,
): CheckedLink {
  if (state !== null && state.length > STATE) {
    const words = `must have ${STATE} characters at most.`;
    throw new Refusal('bad-request', `state ${words}`, { fields: { state: words } });
  }
  const by = storable(requestedBy ?? '')
    .replace(/\p{Cc}/gu, ' ')
    .trim();
  return {
    callbackUrl:
      callbackUrl === null ? null : checkCallback(callbackUrl, { publicUrl: publicUrl(), hosts: callbackHosts }),
    state: state === null ? null : storable(state),
    requestedBy: [...(by === '' ? caller.account.name || caller.username : by)].slice(0, REQUESTED_BY).join(''),
  };
}

/** A link of a connection, in the transaction that made the connection or let it be connected again. */
export async function makeLink(
  run: Runner,
  { clock, random, publicUrl }: Pick<ConnectionParts, 'clock' | 'random' | 'publicUrl'>,
  of: { accountId: number; connectionId: string },
  wish: CheckedLink,
): Promise<ConnectLink> {
  const at = clock.now();
  const expiresAt = at + LINK_MS;
  const token = newLinkToken(random);
  await closeLinks(run, {
    connectionId: of.connectionId,
    at,
    why: 'A newer link took its place.',
    keep: OPEN_LINKS - 1,
  });
  await dropOverLinks(run, of.connectionId, OVER_LINKS);
  await insertLink(run, { ...of, ...wish, tokenHash: hashOf(token), at, expiresAt });
  return { token, url: `${publicUrl()}/connect/${token}`, expiresAt, connectionId: of.connectionId };
}

/** What is kept of tokens and browsers' secrets: both have 165 random bits, so there is nothing to guess. */
export const hashOf = (secret: string) => createHash('sha256').update(secret).digest();
