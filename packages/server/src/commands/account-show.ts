import { readProfile } from '../accounts/store-accounts.ts';
import { toDecimal6 } from '../pricing/money.ts';
import { type Command, readArgs } from './command.ts';
import { userOf } from './user-of.ts';

const yesNo = (is: boolean) => (is ? 'yes' : 'no');

export const accountShow: Command = {
  name: 'account show',
  usage: '<username>',
  summary: 'Show the settings and the money of the account of a user.',
  async run(parts, args) {
    const { username } = readArgs(this, args, ['username'], {});
    const { userId } = await userOf(parts, username);
    const account = await readProfile(parts.db.engine, userId, null);
    const limit = account.credit_limit_micro === null ? 'none' : toDecimal6(account.credit_limit_micro);
    const lines: [string, string | number][] = [
      ['account', account.account_id],
      ['name', account.name],
      ['email', account.email || 'none'],
      ['country', account.country],
      ['currency', account.currency],
      ['available', toDecimal6(account.available_micro)],
      ['active', yesNo(account.active)],
      ['banned', yesNo(account.banned)],
      ['prepaid', yesNo(account.prepaid)],
      ['credit-limit', account.prepaid ? 'none, prepaid' : limit],
      ['max-parts', account.max_parts],
      ['truncate-long', yesNo(account.truncate_long)],
      ['default-sender', account.default_sender || 'shared'],
      ['any-sender', yesNo(account.any_sender_number)],
      ['throttle-seconds', account.throttle_ms / 1000],
      ['campaign-recipients', account.campaign_recipients],
      ['campaign-opt-out', account.campaign_opt_out],
    ];
    for (const [what, value] of lines) parts.out(`${what} ${value}`);
    return 0;
  },
};
