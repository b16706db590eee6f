import { newPassword } from '../accounts/keys.ts';
import { setPassword } from '../accounts/set-password.ts';
import { type Command, noCallersHere, readArgs } from './command.ts';

export const userResetPassword: Command = {
  name: 'user reset-password',
  usage: '<username> [--stdin]',
  summary: 'Give a user a new password: printed once, or read from standard input.',
  async run(parts, args) {
    const { username, options } = readArgs(this, args, ['username'], { stdin: { type: 'boolean' } });
    const password = options.stdin ? (await parts.input()).replace(/\r?\n$/, '') : newPassword(parts.random);
    await setPassword({ random: parts.random, forget: noCallersHere }, parts.db.engine, { username, password });
    parts.out(options.stdin ? `The password of ${username} is changed.` : password);
    return 0;
  },
};
