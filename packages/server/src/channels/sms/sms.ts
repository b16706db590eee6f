import type { SmsMessage } from '@veredus/contract/endpoints/sms-message';
import { countParts, truncateToParts } from '@veredus/protocols/gsm/parts';
import type { Caller } from '../../accounts/caller.ts';
import { storable } from '../../db/storable.ts';
import type { Draft } from '../../messages/accept.ts';
import { normaliseRecipient } from '../../numbers/numbers.ts';
import { type RateCard, rateFor } from '../../pricing/rate-card.ts';
import { latestSchedule } from './schedule.ts';
import { classifySender, type Sender } from './senders.ts';

/** What the rules of an SMS need to know beside the message. */
export interface SmsRules {
  card: RateCard;
  /** ms. */
  now: number;
  /** The carrier's shared number; empty where it has none to show. */
  sharedNumber: string;
  /** Numbers the account may send from; null = any. */
  ownNumbers: ReadonlySet<string> | null;
  /** Senders by country of the recipient, for messages without one of their own; null in the map = what was chosen is none. */
  chosen?: ReadonlyMap<string, Sender | null> | null;
}

/** The list a message goes to, and the contact of it where there is one. */
export interface ListMember {
  listId: number | null;
  contactId: number | null;
}

/** Longer ones would not fit an index entry (2,704 bytes), and no client is known to need them. */
const CUSTOM_STRING_LIMIT = 500;
const SHORT_TEXT_LIMIT = 64;

/** Checks, normalises and prices one message: the order of these checks decides which status a bad one gets. */
export function draftSms(
  message: SmsMessage,
  caller: Caller,
  rules: SmsRules,
  member: ListMember | null = null,
): Draft {
  const contactId = member ? (member.contactId?.toString() ?? null) : message.contact_id;
  const country = message.country || caller.account.country;
  const draft: Draft = {
    recipient: storable(message.to.trim()).slice(0, SHORT_TEXT_LIMIT),
    sender: storable(message.from).slice(0, SHORT_TEXT_LIMIT),
    sharedSender: false,
    country: '',
    body: storable(message.body),
    parts: 1,
    priceMicro: 0,
    scheduleAt: null,
    customString: storable(message.custom_string).slice(0, CUSTOM_STRING_LIMIT),
    source: storable(message.source).slice(0, SHORT_TEXT_LIMIT),
    fromEmail: message.from_email === null ? null : storable(message.from_email),
    listId: member?.listId ?? null,
    contactId: contactId === null ? null : storable(contactId).slice(0, SHORT_TEXT_LIMIT),
    refusal: null,
    words: null,
  };
  const refused = (refusal: string, words: string): Draft => Object.assign(draft, { refusal, words });

  if (message.fault) return refused(message.fault.status, message.fault.words);
  if (message.custom_string.length > CUSTOM_STRING_LIMIT) {
    return refused('SOMETHING_IS_WRONG', `custom_string is longer than ${CUSTOM_STRING_LIMIT} characters.`);
  }
  const recipient = normaliseRecipient(message.to, country);
  if (!recipient) return refused('INVALID_RECIPIENT', 'to is not a number that can receive SMS.');
  draft.recipient = recipient.e164;
  draft.country = recipient.country;

  const faulty = setSender(draft, message, caller, rules);
  if (faulty) return refused('INVALID_SENDER_ID', faulty);

  if (message.schedule !== null) {
    const at = message.schedule * 1000;
    if (at > latestSchedule(rules.now)) {
      return refused('INVALID_SCHEDULE', 'schedule is more than 4 months ahead.');
    }
    draft.scheduleAt = at > rules.now ? at : null;
  }
  return pricedDraft(draft, caller, rules, refused);
}

/** The sender of the message, or else the one chosen for its country, or else the usual one. What is wrong with it, if anything. */
function setSender(draft: Draft, message: SmsMessage, caller: Caller, rules: SmsRules): string | null {
  const { account } = caller;
  const chosen = message.from === '' ? rules.chosen?.get(draft.country) : undefined;
  const named = chosen === undefined ? 'from' : `the sender chosen for ${draft.country} in senders`;
  const sender =
    chosen === undefined
      ? classifySender(message.from || account.defaultSender, message.country || account.country)
      : chosen;
  if (!sender) return `${named} is neither a tag of 3 to 11 letters and digits nor a number.`;
  if (sender.kind === 'number' && rules.ownNumbers !== null && !rules.ownNumbers.has(sender.sender)) {
    return `${named} is not a number of this account.`;
  }
  draft.sharedSender = sender.kind === 'shared';
  draft.sender = sender.kind === 'shared' ? rules.sharedNumber : sender.sender;
  return null;
}

function pricedDraft(
  draft: Draft,
  caller: Caller,
  rules: SmsRules,
  refused: (refusal: string, words: string) => Draft,
): Draft {
  const { maxParts, truncateLong } = caller.account;
  let { parts } = countParts(draft.body);
  if (parts > maxParts) {
    if (!truncateLong) {
      return refused('SOMETHING_IS_WRONG', `body takes ${parts} parts; this account allows ${maxParts}.`);
    }
    draft.body = truncateToParts(draft.body, maxParts);
    parts = countParts(draft.body).parts;
  }
  draft.parts = parts;
  const rate = rateFor(rules.card, draft.recipient, draft.country);
  if (!rate) return refused('COUNTRY_NOT_ENABLED', 'There is no price for this destination.');
  draft.priceMicro = rate.microPerPart * parts;
  return draft;
}
