import { addNumber } from '../senders/store.ts';
import { type Command, readArgs } from './command.ts';
import { senderNumber } from './sender-number.ts';

export const senderAdd: Command = {
  name: 'sender add',
  usage: '<username> <number>',
  summary: 'Let the account of a user send from a number, at once.',
  async run(parts, args) {
    const { username, number: raw } = readArgs(this, args, ['username', 'number'], {});
    const { account, number } = await senderNumber(parts, username, raw);
    const added = await addNumber(parts.db.enginePool, account.account_id, number, parts.clock.now());
    const words = added ? 'may send from' : 'could send from';
    parts.out(`Account ${account.account_id} ${words} ${number}${added ? ', at once' : ' before'}.`);
    return 0;
  },
};
