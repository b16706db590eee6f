import { rotateAgentKey } from '../agents/agent-keys.ts';
import { Refusal } from '../refusal.ts';
import { agentOf, operatorFor } from './agent-of.ts';
import { type Command, noCallersHere, readArgs } from './command.ts';

export const agentRotateKey: Command = {
  name: 'agent rotate-key',
  usage: '<username> <agent> [--overlap 60]',
  summary:
    'Give an agent a new key, printed once. The keys before end at once (running nodes refuse them within 5 s), or after --overlap minutes, 1440 at most.',
  async run(parts, args) {
    const { options, ...named } = readArgs(this, args, ['username', 'agent'], { overlap: { type: 'string' } });
    const overlap = options.overlap ?? '0';
    if (!/^\d{1,4}$/.test(overlap) || Number(overlap) > 1_440)
      throw new Refusal('bad-request', '--overlap is a number of minutes, 0 to 1440.');
    const by = await operatorFor(parts, named.username);
    const { agentId } = await agentOf(parts, by, named.agent);
    const { key } = await rotateAgentKey({ ...parts, forget: noCallersHere }, by, agentId, Number(overlap));
    parts.out(key);
    return 0;
  },
};
