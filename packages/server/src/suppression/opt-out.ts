import type { Runner } from '../db/runner.ts';
import { storable } from '../db/storable.ts';
import { deleteSuppressions, insertSuppressions, suppressedAmong } from './store.ts';
import { deleteContacts, insertOptedOut, optOutList } from './store-opt-out-list.ts';

/** By what it was asked for: see consent_events. */
export type ConsentWay = 'keyword' | 'link' | 'user' | 'list' | 'import';

/** Who asked for what, when and how: what the proof keeps. */
export interface ConsentRequest {
  accountId: number;
  channel: number;
  /** When it was asked for, which may be long before it is obeyed. ms. */
  at: number;
  how: ConsentWay;
  /** The words of the one who asked, or of the page that was confirmed. */
  words: string | null;
  messageId?: string | null;
  inboundId?: string | null;
  campaignId?: number | null;
  userId?: number | null;
  ip?: string | null;
}

export interface OptOutRequest extends ConsentRequest {
  /** It only seemed to be asked for. Suppressed all the same, until somebody has looked. */
  provisional?: boolean;
  /** The list that was written to: the contact leaves it, once the opt-out is definite. */
  listId?: number | null;
}

/** For one address: a phone number in E.164, or an email address. */
export type One<Request> = Request & { address: string };

/**
 * Suppresses an address for the whole account: writes the proof, the suppression, and the account's Opt-Out list. False =
 * it was suppressed already: then the proof is added, and nothing asked for before this lifts it. `run` is a client within a transaction, which has locked no list yet and which the caller commits; from then on
 * nothing to that address is accepted, and nothing accepted before leaves.
 */
export async function optOut(run: Runner, request: One<OptOutRequest>): Promise<boolean> {
  return (await optOutAll(run, request, [request.address])).length > 0;
}

/** The same for many addresses, in the order of their locks. Answers those that were not suppressed before. */
export async function optOutAll(
  run: Runner,
  request: OptOutRequest,
  addresses: readonly string[],
): Promise<readonly string[]> {
  const asked = addresses.map(storable);
  // The suppressions come first, in order, then the lists: two at once never wait for each other in a circle.
  const fresh = await insertSuppressions(run, kept(request), asked);
  const listId = await optOutList(run, request.accountId, request.at, request.listId ?? null);
  await insertOptedOut(run, { ...request, listId, from: request.listId ?? null }, asked);
  const leaves = !request.provisional && request.listId != null && request.listId !== listId;
  if (leaves) await deleteContacts(run, request, request.listId!, asked);
  return fresh;
}

/**
 * Lifts the suppression of an address, and says so in the proof. False = it was not suppressed, or is so by what was asked
 * for later: then it stays. Within a transaction, as `optOut`.
 */
export async function optIn(run: Runner, request: One<ConsentRequest>): Promise<boolean> {
  return (await optInAll(run, request, [request.address])).length > 0;
}

/** What a user is told whose lifting came too late. */
export const OPTED_OUT_AGAIN =
  'The number has opted out once more meanwhile: look at its history, and lift that if you may.';

/** The same for many addresses. Answers those that were lifted. */
export async function optInAll(
  run: Runner,
  request: ConsentRequest,
  addresses: readonly string[],
): Promise<readonly string[]> {
  const asked = addresses.map(storable);
  const lifted = await deleteSuppressions(run, kept(request), asked);
  const listId = await optOutList(run, request.accountId, request.at);
  // Read behind the lock of the list: whoever opted out meanwhile stays on it.
  const suppressed = await suppressedAmong(run, request.accountId, request.channel, asked);
  const free = asked.filter((address) => !suppressed.has(address));
  await deleteContacts(run, request, listId, free);
  return lifted;
}

/** The proof is evidence, not a store of novels. */
const LONGEST_WORDS = 2_000;

function kept<Request extends ConsentRequest>(request: Request): Request {
  return { ...request, words: request.words && storable(request.words).slice(0, LONGEST_WORDS).toWellFormed() };
}
