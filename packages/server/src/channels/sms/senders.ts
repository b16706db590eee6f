import { normaliseRecipient } from '../../numbers/numbers.ts';

export interface Sender {
  /** `shared`: no sender was asked for, so the platform picks one. */
  kind: 'shared' | 'alpha' | 'number';
  /** '' for shared, the tag as written, or E.164 with its `+`. */
  sender: string;
}

const SHARED: Sender = { kind: 'shared', sender: '' };
/** ASCII only: a Cyrillic `а` in a tag is how one brand poses as another. */
const ALPHA_TAG = /^[A-Za-z0-9+]{3,11}$/;
/** A plus and digits, or digits alone, can only be meant as a number, though 11 of them would fit a tag. */
const NUMERIC = /^[\s\p{Cf}\p{Pd}().+\d]+$/u;

/**
 * What the `from` of a message asks for, or null where it is neither empty, an alpha tag nor a number (the contract's
 * INVALID_SENDER_ID). ClickSend's v3 contract has a tag of 3–11 letters, digits and `+`, without spaces and with at
 * least one character that is no digit. A number follows the rules of recipients, so one local to `country` will do;
 * whether the account owns it is not asked here.
 */
export function classifySender(raw: string, country: string): Sender | null {
  if (raw === '') return SHARED;
  if (NUMERIC.test(raw) && /\d/.test(raw)) {
    const number = normaliseRecipient(raw, country);
    return number && { kind: 'number', sender: number.e164 };
  }
  return ALPHA_TAG.test(raw) ? { kind: 'alpha', sender: raw } : null;
}

/** A sender for recipients of one country, as callers give it. */
export interface SenderChoice {
  recipient_country_code: string;
  sender_id?: string | null | undefined;
  sender_type?: string | null | undefined;
  /** Whose local numbers `sender_id` may be written in; without it, those of the recipient's country. */
  sender_country_code?: string | null | undefined;
}

/**
 * What was chosen for each country (ISO alpha-2, capitals); null where that is no sender at all. A choice without a sender_id
 * is none, unless it asks for a shared number by its type. Of two for one country the later counts.
 */
export function choicesByCountry(choices: readonly SenderChoice[]): Map<string, Sender | null> {
  const byCountry = new Map<string, Sender | null>();
  for (const { recipient_country_code: to, sender_id: id, sender_type: type, sender_country_code: of } of choices) {
    if (!id && !/^shared/i.test(type ?? '')) continue;
    byCountry.set(to.toUpperCase(), classifySender(id ?? '', of || to));
  }
  return byCountry;
}
