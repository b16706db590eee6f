import { revokeKey } from '../accounts/api-keys.ts';
import { Refusal } from '../refusal.ts';
import { type Command, noCallersHere, readArgs } from './command.ts';

export const keyRevoke: Command = {
  name: 'key revoke',
  usage: '<key id>',
  summary: 'End a key for good; `key list` shows the ids. Running nodes refuse it within 5 s.',
  async run(parts, args) {
    const { 'key id': id } = readArgs(this, args, ['key id'], {});
    if (!/^\d{1,9}$/.test(id))
      throw new Refusal('bad-request', `"${id}" is no key id; \`veredus key list\` shows them.`);
    await revokeKey({ clock: parts.clock, forget: noCallersHere }, parts.db.engine, Number(id));
    parts.out(`key ${id} is revoked`);
    return 0;
  },
};
