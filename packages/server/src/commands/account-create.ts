import { createKey } from '../accounts/api-keys.ts';
import { createAccount, createUser } from '../accounts/create-account.ts';
import { newPassword } from '../accounts/keys.ts';
import { parseAmount } from '../ledger/amount.ts';
import { Refusal } from '../refusal.ts';
import { type Command, readArgs } from './command.ts';

const OPTIONS = {
  country: { type: 'string' },
  currency: { type: 'string' },
  name: { type: 'string' },
  postpaid: { type: 'boolean' },
  'credit-limit': { type: 'string' },
} as const;

export const accountCreate: Command = {
  name: 'account create',
  usage: '<username> [--name <text>] [--country AU] [--currency USD] [--postpaid [--credit-limit <amount>]]',
  summary: 'Open an account with its owner; his password and API key are printed once. Prepaid unless said otherwise.',
  async run(parts, args) {
    const { username, options } = readArgs(this, args, ['username'], OPTIONS);
    const limit = options['credit-limit'];
    if (limit !== undefined && !options.postpaid)
      throw new Refusal('bad-request', '--credit-limit goes with --postpaid.');
    const password = newPassword(parts.random);
    const account = {
      name: options.name ?? username,
      country: options.country ?? parts.config.country,
      currency: options.currency ?? parts.config.currency,
      prepaid: options.postpaid !== true,
      creditLimitMicro: limit === undefined ? null : parseAmount(limit),
      anySenderNumber: false,
    };
    const made = await parts.db.engine.transaction().execute(async (tx) => {
      const accountId = await createAccount(parts, tx, account);
      const userId = await createUser(parts, tx, { accountId, username, password, isMain: true });
      const key = await createKey(parts, tx, { accountId, userId, name: 'first key', scopes: ['*'] });
      return { accountId, ...key };
    });
    parts.out(`account ${made.accountId}`);
    parts.out(`username ${username}`);
    parts.out(`password ${password}`);
    parts.out(`api key ${made.key}`);
    return 0;
  },
};
