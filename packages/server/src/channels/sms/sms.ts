import type { SmsMessage } from '@veredus/contract/endpoints/sms-message';
import { countParts, truncateToParts } from '@veredus/protocols/gsm/parts';
import type { Caller } from '../../accounts/caller.ts';
import type { Draft } from '../../messages/accept.ts';
import { type RateCard, rateFor } from '../../pricing/rate-card.ts';
import { normaliseRecipient } from './numbers.ts';
import { latestSchedule } from './schedule.ts';
import { classifySender } from './senders.ts';

/** What the rules of an SMS need to know beside the message. */
export interface SmsRules {
  card: RateCard;
  /** ms. */
  now: number;
  /** The carrier's shared number; empty where it has none to show. */
  sharedNumber: string;
  /** Numbers the account may send from; null = any. */
  ownNumbers: ReadonlySet<string> | null;
}

/** Longer ones would not fit an index entry (2,704 bytes), and no client is known to need them. */
const CUSTOM_STRING_LIMIT = 500;
const SHORT_TEXT_LIMIT = 64;

/** PostgreSQL holds neither U+0000 nor lone surrogates; both go out as U+FFFD, as they would on the air. */
const storable = (text: string): string =>
  (text.includes('\u0000') ? text.replaceAll('\u0000', '\ufffd') : text).toWellFormed();

/** Checks, normalises and prices one message: the order of these checks decides which status a bad one gets. */
export function draftSms(message: SmsMessage, caller: Caller, rules: SmsRules): Draft {
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
    listId: null,
    contactId: message.contact_id === null ? null : storable(message.contact_id).slice(0, SHORT_TEXT_LIMIT),
    refusal: null,
    words: null,
  };
  const refused = (refusal: string, words: string): Draft => Object.assign(draft, { refusal, words });

  if (message.fault) return refused(message.fault.status, message.fault.words);
  if (message.custom_string.length > CUSTOM_STRING_LIMIT) {
    return refused('SOMETHING_IS_WRONG', `custom_string is longer than ${CUSTOM_STRING_LIMIT} characters.`);
  }
  if (message.list_id !== null && message.to.trim() === '') {
    return refused('NOT_ENOUGH_PERMISSION_TO_LIST_ID', `There is no list ${message.list_id} in this account.`);
  }
  const recipient = normaliseRecipient(message.to, country);
  if (!recipient) return refused('INVALID_RECIPIENT', 'to is not a number that can receive SMS.');
  draft.recipient = recipient.e164;
  draft.country = recipient.country;

  const sender = classifySender(message.from || caller.account.defaultSender, country);
  if (!sender) return refused('INVALID_SENDER_ID', 'from is neither a tag of 3 to 11 letters and digits nor a number.');
  if (sender.kind === 'number' && rules.ownNumbers !== null && !rules.ownNumbers.has(sender.sender)) {
    return refused('INVALID_SENDER_ID', 'from is not a number of this account.');
  }
  draft.sharedSender = sender.kind === 'shared';
  draft.sender = sender.kind === 'shared' ? rules.sharedNumber : sender.sender;

  if (message.schedule !== null) {
    const at = message.schedule * 1000;
    if (at > latestSchedule(rules.now)) {
      return refused('INVALID_SCHEDULE', 'schedule is more than 4 months ahead.');
    }
    draft.scheduleAt = at > rules.now ? at : null;
  }
  return pricedDraft(draft, caller, rules, refused);
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
