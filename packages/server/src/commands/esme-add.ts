import { addEsme } from '../esmes/esme.ts';
import { Refusal } from '../refusal.ts';
import { type Command, readArgs } from './command.ts';
import { userOf } from './user-of.ts';

export const esmeAdd: Command = {
  name: 'esme add',
  usage: '<username> [--system-id acme] [--binds 4]',
  summary:
    'Let a user’s account bind by SMPP (VEREDUS_SMPP_LISTEN); prints the system_id and the password, which is shown once.',
  async run(parts, args) {
    const { username, options } = readArgs(this, args, ['username'], {
      'system-id': { type: 'string' },
      binds: { type: 'string' },
    });
    const { binds } = options;
    if (binds !== undefined && !/^\d{1,4}$/.test(binds)) throw new Refusal('bad-request', '--binds is a number.');
    const { accountId, userId } = await userOf(parts, username);
    const made = await addEsme(
      { ...parts, db: parts.db.engine },
      { accountId, userId, systemId: options['system-id'], binds: binds === undefined ? undefined : Number(binds) },
    );
    parts.out(`system_id ${made.systemId}`);
    parts.out(`password  ${made.password}`);
    return 0;
  },
};
