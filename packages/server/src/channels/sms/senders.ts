import { normaliseRecipient } from './numbers.ts';

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
