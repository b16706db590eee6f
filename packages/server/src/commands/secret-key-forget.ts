import { dropProof } from '../accounts/store-secret-key.ts';
import { type Command, readArgs } from './command.ts';

export const secretKeyForget: Command = {
  name: 'secret-key forget',
  usage: '',
  summary:
    'After the server’s secret key is lost: the next start takes another. Webhooks are then signed with new keys, which their receivers must be told, and connections have to be connected again.',
  async run(parts, args) {
    readArgs(this, args, [], {});
    const known = await dropProof(parts.db.enginePool);
    parts.out(
      known ? 'Forgotten: the next start sets the key.' : 'There was nothing to forget: the next start sets the key.',
    );
    return 0;
  },
};
