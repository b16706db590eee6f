import { type Rotated, rotateAgentKey } from '../agents/agent-keys.ts';
import { Refusal } from '../refusal.ts';
import { agentOf, day, operatorFor } from './agent-of.ts';
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
    const minutes = Number(overlap);
    const rotated = await rotateAgentKey({ ...parts, forget: noCallersHere }, by, agentId, minutes);
    parts.out(rotated.key);
    parts.note(`The key is shown this once. ${fateOfTheOthers(rotated, minutes)}`);
    return 0;
  },
};

function fateOfTheOthers({ othersEndAt }: Rotated, overlap: number): string {
  if (othersEndAt === null) return 'There was no other.';
  if (overlap === 0) return 'Those before have ended; running nodes refuse them within 5 s.';
  return `Those before end at ${day(othersEndAt)} UTC at the latest.`;
}
