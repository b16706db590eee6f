import type { Random } from '@veredus/protocols/random';
import { Refusal } from '../refusal.ts';
import type { Forget } from './api-keys.ts';
import { checkPassword, hashPassword } from './passwords.ts';
import { findUser, storePassword, type Writer } from './store-accounts.ts';

/**
 * Gives a user another password. Keys stay as they are. Proofs of the old one end at once on every node, because they
 * are bound to its stored hash; callers already admitted with it, within the 5 s of their cache (here at once).
 * @throws Refusal `not-found`, or `bad-request` for a password that is too short or too long.
 */
export async function setPassword(
  parts: { random: Random; forget: Forget },
  db: Writer,
  { username, password }: { username: string; password: string },
): Promise<void> {
  checkPassword(password);
  const user = await findUser(db, username);
  if (!user) throw new Refusal('not-found', `There is no user "${username}".`);
  await storePassword(db, user.userId, await hashPassword(password, parts.random));
  parts.forget(user.userId);
}
