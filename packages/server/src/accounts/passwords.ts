import { type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import type { Random } from '@veredus/protocols/random';
import { Refusal } from '../refusal.ts';

/**
 * scrypt at one of the settings OWASP's password storage sheet calls equal (N=2^15, r=8, p=3): 32 MiB and about 0.2 s of
 * one core. The stored form names its own cost, so a later change here leaves old passwords readable.
 */
const COST = { N: 2 ** 15, r: 8, p: 3 } as const;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** Verified in place of a user who does not exist, so that the answer takes as long. Matches no password. */
export const NOBODYS_HASH = stored(COST, new Uint8Array(SALT_BYTES), new Uint8Array(HASH_BYTES));

/** Length is all that is asked of a password (NIST SP 800-63B, 5.1.1.2). @throws Refusal `bad-request` */
export function checkPassword(password: string): void {
  if (password.length >= 8 && password.length <= 256) return;
  const words = 'A password has 8 to 256 characters.';
  throw new Refusal('bad-request', words, { fields: { password: words } });
}

/** Answers `scrypt$N$r$p$salt$hash`, salt and hash in Base64. */
export async function hashPassword(password: string, random: Random): Promise<string> {
  const salt = random.bytes(SALT_BYTES);
  return stored(COST, salt, await derive(password, salt, COST));
}

/** Whether this is the password behind a stored hash. Takes as long for a wrong one. */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const [scheme, N, r, p, salt, expected] = hash.split('$');
  if (scheme !== 'scrypt' || !salt || !expected) return false;
  const actual = await derive(password, Buffer.from(salt, 'base64'), { N: Number(N), r: Number(r), p: Number(p) });
  const wanted = Buffer.from(expected, 'base64');
  return wanted.length === actual.length && timingSafeEqual(actual, wanted);
}

type Cost = { N: number; r: number; p: number };

function stored({ N, r, p }: Cost, salt: Uint8Array, hash: Uint8Array): string {
  return ['scrypt', N, r, p, base64(salt), base64(hash)].join('$');
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

/** The same password typed on another keyboard may come composed or decomposed; NFC makes them one. */
function derive(password: string, salt: Uint8Array, cost: Cost): Promise<Buffer> {
  // Node's default of 32 MiB is exactly what N=2^15, r=8 needs and a little too small for its bookkeeping.
  const options: ScryptOptions = { ...cost, maxmem: 256 * cost.N * cost.r };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, HASH_BYTES, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
