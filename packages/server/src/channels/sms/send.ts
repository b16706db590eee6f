import type { SmsMessage } from '@veredus/contract/endpoints/sms-message';
import type { Origin } from '@veredus/tools/target';
import type { Caller } from '../../accounts/caller.ts';
import { type Accepted, type AcceptParts, accept, type Draft } from '../../messages/accept.ts';
import type { CommitJob } from '../../messages/commit.ts';
import { Channel, Priority } from '../../messages/message.ts';
import { insertDepths } from '../../messages/store-depths.ts';
import { digestOf, findKey, type IdempotencyKey } from '../../messages/store-idempotency.ts';
import { insertOrigins } from '../../messages/store-origins.ts';
import type { Rates } from '../../pricing/rates.ts';
import { acceptLinked, type LinkedDrafts } from './draw-links.ts';
import { expandLists, goesToList, type SmsItem } from './expand-lists.ts';
import { ownAmong } from './own-senders.ts';
import { checkPlaces, type LinkParts, type Places, placesFor } from './place-links.ts';
import { choicesByCountry, classifySender, type Sender, type SenderChoice } from './senders.ts';
import { draftSms, type ListMember, type SmsRules } from './sms.ts';

export interface SmsParts extends AcceptParts, LinkParts {
  rates: Rates;
  /** The carrier's shared number; empty where it has none to show. */
  sharedNumber: string;
}

/** What a call to send or price asks for. */
export interface SmsCall {
  messages: readonly SmsMessage[];
  /** Whether the first URL of each text becomes a short link. */
  shortenUrls?: boolean;
  /** For messages without a sender of their own. */
  senders?: readonly SenderChoice[];
  /** Whom of a list each message goes to, by position, where the caller has expanded it himself. */
  members?: readonly (ListMember | null)[];
  /** The texts are other people's: nothing in them becomes a link. */
  verbatim?: boolean;
  /** How many pushes led to this call. */
  depth?: number;
  /** The execution of an action that is behind it. */
  origin?: Origin | undefined;
}

/** Messages as they would be stored, but for the codes of their links; `linked` is null where no text has one. */
export interface Drafted {
  drafts: Draft[];
  linked: LinkedDrafts | null;
}

export const SMS_VALIDITY_MS = 24 * 3_600_000;

/** Checks, normalises and prices messages, those to a list for each of its contacts; stores nothing. */
export async function draftAll(parts: SmsParts, caller: Caller, call: SmsCall): Promise<Drafted> {
  const chosen = call.senders?.length ? choicesByCountry(call.senders) : null;
  const rules: SmsRules = {
    card: parts.rates.current(),
    now: parts.clock.now(),
    sharedNumber: parts.sharedNumber,
    ownNumbers: caller.account.anySenderNumber ? null : await numbersOf(parts, caller, call.messages, chosen),
    chosen,
  };
  const places = call.verbatim ? null : placesFor(parts, call.messages, call.shortenUrls === true);
  const items = await expandLists(parts.pool, caller, call.messages, places);
  const drafts = items.map(({ message, member }, i) => draftSms(message, caller, rules, member ?? call.members?.[i]));
  return { drafts, linked: places && checkLinks(items, drafts, places) };
}

function checkLinks(items: readonly SmsItem[], drafts: readonly Draft[], places: Places): LinkedDrafts | null {
  const links = items.map((item) => item.links ?? null);
  if (links.every((placed) => placed === null)) return null;
  for (const [i, { message, links: placed }] of items.entries()) {
    if (placed) checkPlaces(drafts[i]!, message.body, placed, places);
  }
  return { drafts, places, links };
}

/** The account's own numbers among all senders that a message may get, asked for in one go. */
function numbersOf(
  { pool }: SmsParts,
  { accountId, account }: Caller,
  messages: readonly SmsMessage[],
  chosen: SmsRules['chosen'],
): Promise<ReadonlySet<string>> {
  const asked: (Sender | null)[] = chosen ? [...chosen.values()] : [];
  for (const { from, country } of messages) {
    const sender = classifySender(from || account.defaultSender, country || account.country);
    if (sender?.kind === 'number') asked.push(sender);
  }
  return ownAmong(pool, accountId, asked);
}

/**
 * Sends SMS: every item gets an id, a price and a status of its own. `key` is the caller's Idempotency-Key, if any; `within`
 * runs in the transaction that stores the messages, and undoes them by throwing.
 */
export async function sendSms(
  parts: SmsParts,
  caller: Caller,
  call: SmsCall & { key: string | null; validityMs?: number; within?: CommitJob['within'] },
): Promise<Accepted> {
  const key = call.key === null ? null : { route: 'smsSend', key: call.key, digest: digestOf(askedFor(call)) };
  // A list may have changed since the first call, so what a key stands for is not made again.
  const repeated = key !== null && call.messages.some(goesToList) && (await wasUsed(parts, caller, key));
  const { drafts, linked } = repeated ? NOTHING : await draftAll(parts, caller, call);
  const options = {
    channel: Channel.sms,
    priority: Priority.transactional,
    validityMs: call.validityMs ?? SMS_VALIDITY_MS,
    key,
    ...withinOf(call),
  };
  return linked ? acceptLinked(parts, caller, linked, options) : accept(parts, caller, drafts, options);
}

/** What is written with the messages, beside them. */
function withinOf({ within, depth = 0, origin }: Pick<SmsCall, 'depth' | 'origin'> & { within?: CommitJob['within'] }) {
  if (depth === 0 && !origin) return within ? { within } : {};
  const all: CommitJob['within'] = async (run, rows) => {
    await insertDepths(run, rows, depth);
    if (origin) await insertOrigins(run, rows, origin);
    await within?.(run, rows);
  };
  return { within: all };
}

const NOTHING: Drafted = { drafts: [], linked: null };

/** What a repetition must ask for again, to be one. */
const askedFor = ({ messages, shortenUrls, senders }: SmsCall) =>
  shortenUrls || senders?.length ? { messages, shortenUrls: shortenUrls === true, senders: senders ?? [] } : messages;

const wasUsed = async ({ pool }: SmsParts, caller: Caller, key: IdempotencyKey): Promise<boolean> =>
  (await findKey(pool, caller.accountId, key)) !== null;
