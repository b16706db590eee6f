import { removeEsme } from '../esmes/esme.ts';
import { type Command, readArgs } from './command.ts';

export const esmeRemove: Command = {
  name: 'esme remove',
  usage: '<system_id>',
  summary: 'End an SMPP client for good, with what is queued for it; it is unbound within 5 s.',
  async run(parts, args) {
    const { system_id } = readArgs(this, args, ['system_id'], {});
    await removeEsme({ ...parts, db: parts.db.engine }, system_id);
    parts.out(`${system_id} is removed.`);
    return 0;
  },
};
