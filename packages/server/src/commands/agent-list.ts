import { MOST_AGENTS } from '../agents/make-agent.ts';
import { listAgents } from '../agents/store-agents.ts';
import { day, operatorFor } from './agent-of.ts';
import { type Command, readArgs } from './command.ts';

export const agentList: Command = {
  name: 'agent list',
  usage: '<username>',
  summary: 'List the agents of a user’s account: id, name, how many actions, when made, last used, disabled.',
  async run(parts, args) {
    const { username } = readArgs(this, args, ['username'], {});
    const { accountId } = await operatorFor(parts, username);
    const { agents } = await listAgents(parts.db.enginePool, accountId, { skip: 0, count: MOST_AGENTS });
    for (const agent of agents) {
      const { allowedActions, disabledAt } = agent;
      const may = allowedActions === null ? 'all actions' : `${allowedActions.length} actions`;
      const times = [`made ${day(agent.createdAt)}`, `used ${day(agent.lastUsedAt)}`];
      const disabled = disabledAt === null ? [] : [`disabled ${day(disabledAt)}`];
      parts.out([agent.agentId, agent.name, may, ...times, ...disabled].join('\t'));
    }
    return 0;
  },
};
