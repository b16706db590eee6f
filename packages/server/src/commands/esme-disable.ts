import { setDisabled } from '../esmes/esme.ts';
import { type Command, readArgs } from './command.ts';

export const esmeDisable: Command = {
  name: 'esme disable',
  usage: '<system_id>',
  summary:
    'Keep an SMPP client out until it is enabled again; it is unbound within 5 s, and what is queued for it waits.',
  async run(parts, args) {
    const { system_id } = readArgs(this, args, ['system_id'], {});
    await setDisabled({ ...parts, db: parts.db.engine }, system_id, true);
    parts.out(`${system_id} is disabled.`);
    return 0;
  },
};

export const esmeEnable: Command = {
  name: 'esme enable',
  usage: '<system_id>',
  summary: 'Let a disabled SMPP client bind again.',
  async run(parts, args) {
    const { system_id } = readArgs(this, args, ['system_id'], {});
    await setDisabled({ ...parts, db: parts.db.engine }, system_id, false);
    parts.out(`${system_id} is enabled.`);
    return 0;
  },
};
