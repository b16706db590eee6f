import { maskKey } from '../accounts/keys.ts';
import { listAgentKeys } from '../agents/store-keys.ts';
import { agentOf, day, operatorFor } from './agent-of.ts';
import { type Command, readArgs } from './command.ts';

const KEYS_SHOWN = 20;

export const agentShow: Command = {
  name: 'agent show',
  usage: '<username> <agent>',
  summary: 'Show an agent, by its name or id: what it may do, and its keys without their secrets.',
  async run(parts, args) {
    const named = readArgs(this, args, ['username', 'agent'], {});
    const by = await operatorFor(parts, named.username);
    const agent = await agentOf(parts, by, named.agent);
    const listed = (names: readonly string[] | null) => (names === null ? 'all' : names.join(', ') || 'none');
    parts.out(`agent       ${agent.agentId} ${agent.name}`);
    if (agent.description) parts.out(`description ${agent.description}`);
    parts.out(`actions     ${listed(agent.allowedActions)}`);
    parts.out(`own account ${agent.ownAccount ? 'yes' : 'no'}`);
    parts.out(`connections ${listed(agent.allowedConnections)}`);
    parts.out(`state       ${agent.disabledAt === null ? 'enabled' : `disabled ${day(agent.disabledAt)}`}`);
    const of = { accountId: by.accountId, agentId: agent.agentId };
    const { keys } = await listAgentKeys(parts.db.enginePool, of, { skip: 0, count: KEYS_SHOWN });
    for (const key of keys) {
      const ends = key.revoked_at === null ? [] : [`ends ${day(key.revoked_at)}`];
      const times = [`made ${day(key.created_at)}`, `used ${day(key.last_used_at)}`, ...ends];
      parts.out([`key         ${key.key_id}`, maskKey(key.last_four), ...times].join('\t'));
    }
    return 0;
  },
};
