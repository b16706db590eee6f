import type { Runner } from '../db/runner.ts';
import type { Caller } from './caller.ts';
import { findMainUser, findUser } from './store.ts';

/**
 * Whom work acts for that goes on after its call has ended, or that nobody called for: the user named, else the account's main
 * user, with the account as it is now and all permissions. Null = the user is gone, or the account may not act any more.
 */
export async function callerFor(
  run: Runner,
  { accountId, userId }: { accountId: number; userId?: number },
): Promise<Caller | null> {
  const found = userId === undefined ? await findMainUser(run, accountId) : await findUser(run, accountId, userId);
  if (found === null || found.account.banned || !found.account.active) return null;
  return {
    accountId,
    userId: found.userId,
    username: found.username,
    scopes: ['*'],
    via: 'key',
    keyId: null,
    account: found.account,
  };
}
