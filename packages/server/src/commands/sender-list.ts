import { listNumbers } from '../senders/store.ts';
import { type Command, readArgs } from './command.ts';
import { userOf } from './user-of.ts';

export const senderList: Command = {
  name: 'sender list',
  usage: '<username>',
  summary: 'List the numbers the account of a user may send from, and when each was added.',
  async run(parts, args) {
    const { username } = readArgs(this, args, ['username'], {});
    const { accountId } = await userOf(parts, username);
    const numbers = await listNumbers(parts.db.enginePool, accountId);
    for (const { number, created_at } of numbers)
      parts.out(`${number}\tadded ${new Date(created_at).toISOString().slice(0, 10)}`);
    if (numbers.length === 0) parts.out(`Account ${accountId} has no numbers of its own.`);
    return 0;
  },
};
