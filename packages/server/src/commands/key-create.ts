import { createKey, parseScopes } from '../accounts/api-keys.ts';
import { findUser } from '../accounts/store-accounts.ts';
import { Refusal } from '../refusal.ts';
import { type Command, readArgs } from './command.ts';

export const keyCreate: Command = {
  name: 'key create',
  usage: '<username> <name> [--scopes sms:send,sms:read]',
  summary: 'Make an API key, printed once; without --scopes it may do all its user may.',
  async run(parts, args) {
    const { username, name, options } = readArgs(this, args, ['username', 'name'], { scopes: { type: 'string' } });
    const scopes = parseScopes(options.scopes ?? '*');
    const user = await findUser(parts.db.engine, username);
    if (!user) throw new Refusal('not-found', `There is no user "${username}".`);
    const { accountId, userId } = user;
    const { key } = await createKey(parts, parts.db.engine, { accountId, userId, name, scopes });
    parts.out(key);
    return 0;
  },
};
