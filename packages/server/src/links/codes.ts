import type { Random } from '@veredus/protocols/random';

/** A code is the secret of its link: 62^8 is 2^47.6, and wrong ones are counted per address (see http/links.ts). */
export const CODE_LENGTH = 8;

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** The largest multiple of 62 that a byte can count to: bytes from there on would favour the first letters. */
const FAIR = 248;
/** Enough for eight letters in all but one of 10^6 draws. */
const DRAW = 16;
const CODE = new RegExp(`^[0-9A-Za-z]{${CODE_LENGTH}}$`);

/** A new code: eight letters and digits, each as likely as any other. */
export function newCode(random: Random): string {
  let code = '';
  for (;;) {
    for (const byte of random.bytes(DRAW)) {
      if (byte >= FAIR) continue;
      code += ALPHABET[byte % ALPHABET.length];
      if (code.length === CODE_LENGTH) return code;
    }
  }
}

/** Whether a text could be a code at all. */
export function isCode(text: string): boolean {
  return CODE.test(text);
}

/**
 * What stands in a message for a code: `acme.link/Ab3dE9xQ`. Of the same length for every code of one base, so that parts
 * and price are known before codes are drawn. Telephones make a link of a bare host and fall back on HTTPS, so https://
 * is left off to save characters; http:// is not, since there the port and scheme must be right.
 */
export function linkText(base: string, code: string): string {
  return `${base.replace(/^https:\/\//i, '').replace(/\/+$/, '')}/${code}`;
}
