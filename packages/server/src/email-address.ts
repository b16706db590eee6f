import { domainToASCII } from 'node:url';

/** RFC 5321 §4.5.3.1.3: a path holds 256 octets with its angle brackets. */
export const LONGEST_EMAIL = 254;

const EMAIL = /^[^\s@<>(),;:"[\]\\]+@[^\s@<>(),;:"[\]\\.]+(?:\.[^\s@<>(),;:"[\]\\.]+)+$/;

/** Whether a text is one email address as people write it: no quoted local part, no address literal, no list. */
export const isEmail = (text: string): boolean => text.length <= LONGEST_EMAIL && EMAIL.test(text);

/** RFC 5321 §4.5.3.1.1. */
const LONGEST_LOCAL_PART = 64;
const HOST_NAME = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * One address as a mail can be sent to it, its domain in the form DNS knows (lower case, punycode); null when it is none.
 * What comes out holds no space, line break or other control character, so it cannot carry anything else into a header or a
 * command.
 */
export function mailAddress(text: string): string | null {
  const address = text.trim();
  if (!isEmail(address) || /\p{C}/u.test(address)) return null;
  const at = address.lastIndexOf('@');
  const local = address.slice(0, at);
  const domain = domainToASCII(address.slice(at + 1)).toLowerCase();
  if (!HOST_NAME.test(domain) || Buffer.byteLength(local) > LONGEST_LOCAL_PART) return null;
  const whole = `${local}@${domain}`;
  return Buffer.byteLength(whole) <= LONGEST_EMAIL ? whole : null;
}
