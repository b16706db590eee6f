import { maskKey } from '../accounts/keys.ts';
import { findUser, listKeys } from '../accounts/store-accounts.ts';
import { Refusal } from '../refusal.ts';
import { type Command, readArgs } from './command.ts';

export const keyList: Command = {
  name: 'key list',
  usage: '<username>',
  summary: 'List a user’s keys: id, ending, name, permissions, when made, last used, revoked.',
  async run(parts, args) {
    const { username } = readArgs(this, args, ['username'], {});
    const user = await findUser(parts.db.engine, username);
    if (!user) throw new Refusal('not-found', `There is no user "${username}".`);
    for (const key of await listKeys(parts.db.engine, user.userId)) {
      const columns = [key.keyId, maskKey(key.lastFour), key.name, key.scopes.join(',')];
      const times = [`made ${day(key.createdAt)}`, `used ${day(key.lastUsedAt)}`];
      parts.out([...columns, ...times, ...endOf(key.revokedAt, parts.clock.now())].join('\t'));
    }
    return 0;
  },
};

/** A key of an agent that was replaced may go on for a while. */
function endOf(at: number | null, now: number): string[] {
  if (at === null) return [];
  return [`${at > now ? 'ends' : 'revoked'} ${day(at)}`];
}

function day(at: number | null): string {
  return at === null ? 'never' : new Date(at).toISOString().slice(0, 16).replace('T', ' ');
}
