import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../../bin/veredus.js', import.meta.url));

export interface Setup {
  readonly dataDir: string;
  /** How SMS leave. */
  readonly carrier: string;
  /** Null = the embedded PostgreSQL in the data folder. */
  readonly databaseUrl: string | null;
}

/** The server as a user starts it, in a process of its own. */
export interface ServerProcess {
  readonly url: string;
  readonly child: ChildProcess;
  /** Its last lines on stderr, for whoever looks for why. */
  readonly stderr: string[];
  /** kill -9. Resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM, and its exit code. */
  stop(): Promise<number | null>;
}

export async function startServer(setup: Setup): Promise<ServerProcess> {
  const child = spawn(process.execPath, [PROGRAM, 'start'], {
    env: environment(setup),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const ended = once(child, 'exit');
  const stderr: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    stderr.push(line);
    if (stderr.length > 200) stderr.shift();
  });
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const ready = /^ready (\S+)$/.exec(line)?.[1];
      if (ready) resolve(ready);
    });
    ended.then(([code]) => reject(new Error(`the server ended with ${code}: ${stderr.slice(-5).join('\n')}`)));
  });
  return {
    url,
    child,
    stderr,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    async stop() {
      child.kill('SIGTERM');
      const [code] = await ended;
      return code as number | null;
    },
  };
}

/** Runs `veredus <words>` on the same data, as an operator would; what it printed and its exit code. */
export async function runCommand(setup: Setup, ...words: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [PROGRAM, ...words], {
    env: environment(setup),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const [code] = await once(child, 'close');
  return { code: code as number | null, output };
}

/** The pid of the data folder's own PostgreSQL. */
export async function postgresPid(dataDir: string): Promise<number> {
  const text = await readFile(join(dataDir, 'postgres/cluster/postmaster.pid'), 'utf8');
  return Number(text.split('\n')[0]);
}

export async function credentialsOf(dataDir: string): Promise<{ username: string; api_key: string }> {
  return JSON.parse(await readFile(join(dataDir, 'credentials.json'), 'utf8'));
}

function environment(setup: Setup): NodeJS.ProcessEnv {
  const { PATH, HOME, LANG, TMPDIR } = process.env;
  return {
    PATH,
    HOME,
    LANG,
    TMPDIR,
    PORT: '0',
    VEREDUS_DATA_DIR: setup.dataDir,
    VEREDUS_SMS_CARRIER: setup.carrier,
    ...(setup.databaseUrl === null ? {} : { DATABASE_URL: setup.databaseUrl }),
  };
}
