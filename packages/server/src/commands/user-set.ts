import { storeEmail } from '../accounts/store-accounts.ts';
import { mailAddress } from '../email-address.ts';
import { Refusal } from '../refusal.ts';
import { type Command, readArgs } from './command.ts';
import { userOf } from './user-of.ts';

export const userSet: Command = {
  name: 'user set',
  usage: '<username> --email <address>',
  summary: "Set where notices to a user go: those of rules that email the user, and alerts. --email '' = nowhere.",
  async run(parts, args) {
    const { username, options } = readArgs(this, args, ['username'], { email: { type: 'string' } });
    if (options.email === undefined)
      throw new Refusal('bad-request', `Nothing to set.\nUsage: veredus ${this.name} ${this.usage}`);
    const email = options.email === '' ? '' : mailAddress(options.email);
    if (email === null)
      throw new Refusal('bad-request', `"${options.email}" is not one email address like ana@example.com.`);
    const user = await userOf(parts, username);
    await storeEmail(parts.db.engine, user.userId, email);
    parts.out(email === '' ? `${user.username} gets no emails.` : `Emails to ${user.username} go to ${email}.`);
    return 0;
  },
};
