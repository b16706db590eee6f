import { openEmbedded } from '@veredus/server/db/embedded/open-embedded';
import type { EmbeddedParts } from '@veredus/server/db/embedded/parts';
import { StartRefused } from '@veredus/server/db/start-refused';
import { systemClock, systemRandom } from '@veredus/server/system';

/** A process that holds an embedded server and does nothing else, to be killed by tests. Says one JSON object a line. */
export type Said =
  | { said: 'log'; event: string; facts: Record<string, unknown> }
  | { said: 'ready'; url: string; pid: number }
  | { said: 'refused'; why: string }
  | { said: 'lost'; why: string }
  | { said: 'stopped' };

const say = (line: Said) => process.stdout.write(`${JSON.stringify(line)}\n`);

async function hold(options: Pick<EmbeddedParts, 'dataDir' | 'elsewhere' | 'binaries' | 'settings'>): Promise<void> {
  try {
    const server = await openEmbedded({
      ...options,
      clock: systemClock,
      random: systemRandom,
      log: (event, facts) => say({ said: 'log', event, facts }),
      lost: (why) => say({ said: 'lost', why }),
    });
    const awake = setInterval(() => {}, 60_000);
    process.on('SIGINT', () => {});
    process.on('SIGTERM', async () => {
      await server.stop();
      say({ said: 'stopped' });
      clearInterval(awake);
    });
    // Last, because a test may send its signal the moment it reads this.
    say({ said: 'ready', url: server.url, pid: server.pid() });
  } catch (error) {
    if (!(error instanceof StartRefused)) throw error;
    say({ said: 'refused', why: error.message });
    process.exitCode = 1;
  }
}

if (import.meta.main) await hold(JSON.parse(process.argv[2] ?? '{}'));
