import { endAgent } from '../agents/end-agent.ts';
import { agentOf, operatorFor } from './agent-of.ts';
import { type Command, noCallersHere, readArgs } from './command.ts';

export const agentDelete: Command = {
  name: 'agent delete',
  usage: '<username> <agent>',
  summary: 'End an agent for good with its keys (running nodes refuse them within 5 s). What it did stays in the log.',
  async run(parts, args) {
    const named = readArgs(this, args, ['username', 'agent'], {});
    const by = await operatorFor(parts, named.username);
    const { agentId } = await agentOf(parts, by, named.agent);
    await endAgent({ ...parts, forget: noCallersHere }, by, agentId);
    parts.out(`agent ${agentId} has ended`);
    return 0;
  },
};
