import { changeAgent } from '../agents/change-agent.ts';
import { agentOf, operatorFor } from './agent-of.ts';
import { type Command, noCallersHere, readArgs } from './command.ts';

export const agentDisable = turning('agent disable', false, 'Let an agent run nothing until it is enabled again.');
export const agentEnable = turning('agent enable', true, 'Let a disabled agent run actions again, with its keys.');

function turning(name: string, enabled: boolean, summary: string): Command {
  return {
    name,
    usage: '<username> <agent>',
    summary,
    async run(parts, args) {
      const named = readArgs(this, args, ['username', 'agent'], {});
      const by = await operatorFor(parts, named.username);
      const { agentId } = await agentOf(parts, by, named.agent);
      await changeAgent({ ...parts, forget: noCallersHere }, by, agentId, { enabled });
      parts.out(`agent ${agentId} is ${enabled ? 'enabled' : 'disabled'}`);
      return 0;
    },
  };
}
