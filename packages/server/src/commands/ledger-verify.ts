import { verifyLedger } from '../ledger/verify.ts';
import { type Command, readArgs } from './command.ts';

export const ledgerVerify: Command = {
  name: 'ledger verify',
  usage: '',
  summary: 'Prove that entries, balances and messages agree; exit code 1 where they do not.',
  async run(parts, args) {
    readArgs(this, args, [], {});
    const { accounts, faults } = await verifyLedger(parts.db.engine);
    for (const { accountId, what, expected, found } of faults) {
      parts.out(`account ${accountId}: ${what}: expected ${expected}, found ${found}`);
    }
    parts.out(faults.length === 0 ? `ledger right: ${accounts} accounts` : `ledger WRONG: ${faults.length} faults`);
    return faults.length === 0 ? 0 : 1;
  },
};
