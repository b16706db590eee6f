import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { openSecretKey } from './accounts/secret-key.ts';
import type { Server } from './build.ts';
import { findCommand, findLooseCommand, runCommand, runLooseCommand } from './commands/commands.ts';
import { asksForHelp, helpFor, unknownCommand } from './commands/help.ts';
import { bridgeEnvironment, type Config, readConfig } from './config.ts';
import { openDatabase } from './db/db.ts';
import { attachEmbedded } from './db/embedded/attach.ts';
import { migrate } from './db/migrate.ts';
import { StartRefused } from './db/start-refused.ts';
import { systemClock as clock, systemPause as pause, systemRandom as random } from './system.ts';

/** From the first signal to the last process gone. */
const DRAIN_MS = 9_000;

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** One line of JSON on stderr; stdout is for `ready` and for what commands print. */
function log(event: string, facts: Record<string, unknown>): void {
  process.stderr.write(`${JSON.stringify({ at: new Date(clock.now()).toISOString(), event, ...facts })}\n`);
}

// A reader that has seen enough (`| head`) is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const complain = (line: string): void => void process.stderr.write(`${line}\n`);

function settings(): Config {
  const read = readConfig();
  if ('config' in read) return read.config;
  throw new StartRefused(['Veredus did not start:', ...read.faults.map((fault) => `  ${fault}`)].join('\n'));
}

async function start(): Promise<void> {
  const config = settings();
  const abort = new AbortController();
  let server: Server | null = null;
  let stopping = false;
  /** The first signal drains, or gives the start up; a second one, from somebody who will not wait, ends at once. */
  const stop = async () => {
    if (stopping) process.exit(1);
    stopping = true;
    abort.abort();
    if (server) process.exit(await drained(server));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const lost = (why: string) => {
    complain(`Veredus stops: ${why}`);
    process.exit(1);
  };
  // Commands do without it, and start the sooner.
  const { openServer } = await import('./build.ts');
  const opened = await openServer({ config, clock, random, log, version, abort: abort.signal, lost });
  if (stopping) process.exit(await drained(opened));
  server = opened;
  if (process.stdout.isTTY) banner(server, config);
  say(`ready ${server.url}`);
}

/** The exit code of having stopped. */
async function drained(server: Server): Promise<number> {
  try {
    await server.stop(DRAIN_MS);
    return 0;
  } catch (error) {
    complain(`Veredus did not stop cleanly: ${(error as Error).message}`);
    return 1;
  }
}

function banner(server: Server, config: Config): void {
  const file = `${config.dataDir}/credentials.json`;
  say(`\n  Veredus ${version} answers at ${server.url}  (reference: ${server.url}/docs)`);
  say(`  Username, API key and password: ${file}\n`);
  say(`  curl -u "$(node -p 'c=require("${file}"),c.username+":"+c.api_key')" ${server.url}/v3/sms/send \\`);
  say(`    -H 'content-type: application/json' -d '{"messages":[{"to":"+61411111111","body":"Hello"}]}'\n`);
}

async function command(words: readonly string[]): Promise<number> {
  if (asksForHelp(words)) {
    say(helpFor(words));
    return 0;
  }
  const loose = findLooseCommand(words);
  if (loose) {
    const { stdin: input, stdout: output } = process;
    const { dataDir } = settings();
    const parts = { env: bridgeEnvironment(), dataDir, input, output, fetch, pause, say: complain };
    return runLooseCommand(loose.command, parts, loose.args);
  }
  const found = findCommand(words);
  if (!found) {
    complain(unknownCommand(words));
    return 2;
  }
  const config = settings();
  const { dataDir } = config;
  const engine = config.databaseUrl
    ? { url: config.databaseUrl, stop: async () => {} }
    : await attachEmbedded({ dataDir, clock, random, log: () => {} });
  try {
    await migrate(engine.url, { clock, log });
    const db = openDatabase(engine.url, { clock, log });
    try {
      return await runCommand(
        found.command,
        {
          ...{ db, clock, random, out: say, note: complain, input: () => text(process.stdin), config },
          secretKey: () => openSecretKey({ pool: db.enginePool, random, config }),
        },
        found.args,
      );
    } finally {
      await db.close();
    }
  } finally {
    await engine.stop();
  }
}

const words = process.argv.slice(2);
try {
  if (words.length === 0 || (words[0] === 'start' && !asksForHelp(words))) await start();
  else process.exitCode = await command(words);
} catch (error) {
  if (error instanceof StartRefused) complain(error.message);
  else log('start.failed', { error: (error as Error).message, stack: (error as Error).stack });
  process.exit(1);
}
