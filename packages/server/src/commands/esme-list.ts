import { listEsmes } from '../esmes/store.ts';
import { type Command, readArgs } from './command.ts';

export const esmeList: Command = {
  name: 'esme list',
  usage: '',
  summary: 'List who may bind by SMPP: system_id, account, user, binds, when made, disabled.',
  async run(parts, args) {
    readArgs(this, args, [], {});
    for (const esme of await listEsmes(parts.db.engine, null)) {
      const columns = [esme.systemId, `account ${esme.accountId}`, esme.username, `${esme.binds} binds`];
      const disabled = esme.disabledAt === null ? [] : [`disabled ${day(esme.disabledAt)}`];
      parts.out([...columns, `made ${day(esme.createdAt)}`, ...disabled].join('\t'));
    }
    return 0;
  },
};

const day = (at: number): string => new Date(at).toISOString().slice(0, 16).replace('T', ' ');
