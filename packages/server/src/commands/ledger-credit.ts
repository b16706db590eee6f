import { parseAmount } from '../ledger/amount.ts';
import { creditAccount } from '../ledger/credit.ts';
import { toDecimal6 } from '../pricing/money.ts';
import { type Command, readArgs } from './command.ts';

export const ledgerCredit: Command = {
  name: 'ledger credit',
  usage: '<username> <amount> [--note <text>]',
  summary: 'Put money into the account of a user.',
  async run(parts, args) {
    const { username, amount, options } = readArgs(this, args, ['username', 'amount'], { note: { type: 'string' } });
    const credit = { account: { username }, amountMicro: parseAmount(amount), note: options.note ?? null };
    const balances = await creditAccount(parts.db.engine, parts.clock, credit);
    parts.out(`available ${toDecimal6(balances.available)}`);
    return 0;
  },
};
