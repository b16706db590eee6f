import { createHash } from 'node:crypto';
import type { Random } from '@veredus/protocols/random';

/**
 * A new API key: 128 random bits in the upper-case GUID form ClickSend's keys have. No version bits are set, so that none
 * of the 128 is lost.
 */
export function newKey(random: Random): string {
  const hex = Buffer.from(random.bytes(16)).toString('hex').toUpperCase();
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** A password for somebody who has not chosen one: 120 random bits. */
export function newPassword(random: Random): string {
  return Buffer.from(random.bytes(15)).toString('base64url');
}

/** What is stored of a key. With 128 random bits behind it there is nothing to guess, so it needs neither salt nor cost. */
export function hashKey(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

/** A key as it may be shown after its first showing, e.g. `********-****-****-****-********5A3F`. */
export function maskKey(lastFour: string): string {
  return `********-****-****-****-********${lastFour}`;
}
