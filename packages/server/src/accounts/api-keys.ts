import type { Clock } from '@veredus/protocols/clock';
import type { Random } from '@veredus/protocols/random';
import { Refusal } from '../refusal.ts';
import { type Permission, permissions } from './caller.ts';
import { hashKey, newKey } from './keys.ts';
import { insertKey, isDuplicate, revokeKeyById, type Writer } from './store-accounts.ts';

export interface NewKey {
  accountId: number;
  userId: number;
  name: string;
  /** Permissions, or `*` for all of the user's. */
  scopes: readonly (Permission | '*')[];
  /** A key somebody chose; generated where absent. */
  key?: string;
}

/** Makes a key. It is answered here once and kept only as a hash. @throws Refusal `bad-request` for an unusable one. */
export async function createKey(
  parts: { clock: Clock; random: Random },
  tx: Writer,
  wanted: NewKey,
): Promise<{ keyId: number; key: string }> {
  const key = wanted.key ?? newKey(parts.random);
  checkKey(key);
  try {
    const keyId = await insertKey(tx, {
      account_id: wanted.accountId,
      user_id: wanted.userId,
      name: wanted.name,
      scopes: [...wanted.scopes],
      key_hash: hashKey(key),
      last_four: key.slice(-4),
      created_at: parts.clock.now(),
    });
    return { keyId, key };
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    throw new Refusal('bad-request', 'This API key has been used before; choose another.');
  }
}

/**
 * Ends a key for good. This process forgets its callers at once (`forget`), other nodes within the 5 s their caches hold.
 * @throws Refusal `not-found`
 */
export async function revokeKey(parts: { clock: Clock; forget: Forget }, db: Writer, keyId: number): Promise<void> {
  const userId = await revokeKeyById(db, keyId, parts.clock.now());
  if (userId === null) throw new Refusal('not-found', `There is no key ${keyId} that could be revoked.`);
  parts.forget(userId);
}

/** Tells this process's authentication that a user's credentials changed. */
export type Forget = (userId: number) => void;

/** Reads permissions as a person lists them, e.g. `sms:send,sms:read` or `*`. @throws Refusal naming the known ones. */
export function parseScopes(text: string): (Permission | '*')[] {
  const known = new Set<string>(['*', ...permissions]);
  const wanted = text.split(',').map((scope) => scope.trim());
  const unknown = wanted.filter((scope) => !known.has(scope));
  if (unknown.length === 0) return wanted as (Permission | '*')[];
  throw new Refusal('bad-request', `Unknown permission ${unknown.join(', ')}; known are ${[...known].join(', ')}.`);
}

function checkKey(key: string): void {
  if (/^[\x21-\x7e]{8,256}$/.test(key)) return;
  throw new Refusal('bad-request', 'An API key has 8 to 256 visible ASCII characters and no spaces.');
}
