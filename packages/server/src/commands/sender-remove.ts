import { Refusal } from '../refusal.ts';
import { removeNumber } from '../senders/store.ts';
import { type Command, readArgs } from './command.ts';
import { senderNumber } from './sender-number.ts';

export const senderRemove: Command = {
  name: 'sender remove',
  usage: '<username> <number>',
  summary: 'Take a number from the account of a user, at once. What was accepted before still goes out with it.',
  async run(parts, args) {
    const { username, number: raw } = readArgs(this, args, ['username', 'number'], {});
    const { account, number } = await senderNumber(parts, username, raw);
    // Every message that names no sender would be refused from then on.
    if (account.default_sender === number && !account.any_sender_number)
      throw new Refusal('bad-request', `${number} is the account's default sender: first give it another.`);
    if (!(await removeNumber(parts.db.enginePool, account.account_id, number)))
      throw new Refusal('not-found', `${number} is no number of account ${account.account_id}.`);
    parts.out(`Account ${account.account_id} may no longer send from ${number}.`);
    return 0;
  },
};
