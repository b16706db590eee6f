import { runStdio, type StdioParts } from '@veredus/tools/bridge/run-stdio';
import { readCredentials } from '../accounts/credentials.ts';
import { type LooseCommand, type LooseParts, readArgs } from './command.ts';

/** The bridge for MCP clients on this machine. It speaks HTTP to the running server, as any client elsewhere does. */
export const mcp: LooseCommand = {
  name: 'mcp',
  usage: '',
  summary:
    'Speak MCP on standard input and output for a client on this machine. Url and agent key are those of the server in the data folder, or VEREDUS_URL and VEREDUS_AGENT_KEY.',
  async run(parts, args) {
    readArgs(this, args, [], {});
    return runStdio({ ...parts, env: await environmentOf(parts) });
  },
};

/** The key of the first agent is for the server it was made on: to any other address the environment brings a key of its own. */
async function environmentOf({ env, dataDir }: LooseParts): Promise<StdioParts['env']> {
  if (env.VEREDUS_URL) return env;
  const kept = await readCredentials(dataDir);
  return { ...env, VEREDUS_URL: kept?.url, VEREDUS_AGENT_KEY: env.VEREDUS_AGENT_KEY || kept?.agent_key };
}
