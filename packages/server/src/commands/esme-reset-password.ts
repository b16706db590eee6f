import { resetEsmePassword } from '../esmes/esme.ts';
import { type Command, readArgs } from './command.ts';

export const esmeResetPassword: Command = {
  name: 'esme reset-password',
  usage: '<system_id>',
  summary: 'Give an SMPP client a new password, printed once; what is bound with the old one is unbound within 5 s.',
  async run(parts, args) {
    const { system_id } = readArgs(this, args, ['system_id'], {});
    parts.out(await resetEsmePassword({ ...parts, db: parts.db.engine }, system_id));
    return 0;
  },
};
