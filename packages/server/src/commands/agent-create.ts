import { makeAgent } from '../agents/make-agent.ts';
import { operatorFor } from './agent-of.ts';
import { type Command, readArgs } from './command.ts';

export const agentCreate: Command = {
  name: 'agent create',
  usage: '<username> <name> [--description "..."] [--actions A,B] [--connections ca_1,ca_2] [--no-own-account]',
  summary:
    'Make an agent in a user’s account; prints its key, which is shown once. Without --actions it may run all, without --connections use all.',
  async run(parts, args) {
    const { username, name, options } = readArgs(this, args, ['username', 'name'], {
      description: { type: 'string' },
      actions: { type: 'string' },
      connections: { type: 'string' },
      'no-own-account': { type: 'boolean' },
    });
    const { agent, key } = await makeAgent(parts, await operatorFor(parts, username), {
      name,
      description: options.description ?? '',
      allowedActions: listed(options.actions),
      ownAccount: options['no-own-account'] !== true,
      allowedConnections: listed(options.connections),
    });
    parts.out(`agent ${agent.agentId}`);
    parts.out(`key   ${key}`);
    parts.note('The key is shown this once: the server keeps only a hash of it.');
    return 0;
  },
};

/** Nothing named = null, which means all; an empty text names none. */
function listed(text: string | undefined): string[] | null {
  if (text === undefined) return null;
  return text.split(',').flatMap((one) => one.trim() || []);
}
