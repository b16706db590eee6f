import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { CredentialsFile } from '@veredus/server/accounts/credentials';
import type { Identity } from './holder.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A server as an operator runs it: the launcher, in a process of its own. */
export interface RunningServer {
  readonly url: string;
  readonly process: ChildProcess;
  readonly credentials: CredentialsFile;
  /** Everything it wrote to stderr so far, for failures. */
  log(): string;
  /** A call with the owner's key; the answer's status and parsed body. */
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; headers: Headers; body: Answered }>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL, as a crash. */
  kill(): Promise<void>;
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
export type Answered = any;

/** The server refused to start: `message` is what it printed. */
export class DidNotStart extends Error {}

/** Who starts it, and from which installation. */
export interface Start {
  readonly identity?: Identity;
  /** The program that runs the launcher, and what it needs to know first. */
  readonly node?: readonly [program: string, ...options: string[]];
  /** The clone it is started from. */
  readonly root?: string;
}

/** Starts a server on a free port and waits for its `ready <url>`. Settings as environment variables. */
export async function startServer(
  dataDir: string,
  settings: Record<string, string> = {},
  { identity = {}, node: [program, ...options] = [process.execPath], root = ROOT }: Start = {},
): Promise<RunningServer> {
  const child = spawn(program, [...options, join(root, 'bin/veredus.js'), 'start'], {
    ...identity,
    cwd: dataDir,
    env: { PATH: process.env.PATH ?? '', PORT: '0', VEREDUS_DATA_DIR: join(dataDir, 'data'), ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      if (line.startsWith('ready ')) resolve(line.slice('ready '.length));
    });
    child.once('exit', (code) => reject(new DidNotStart(`exit code ${code}\n${stderr}`)));
  });
  const credentials = await readCredentials(join(dataDir, 'data'));
  return {
    url,
    process: child,
    credentials,
    log: () => stderr,
    call: restOf(url, credentials),
    stop: () => end(child, 'SIGTERM'),
    kill: async () => void (await end(child, 'SIGKILL')),
  };
}

/** What the first start wrote. */
export async function readCredentials(dataDir: string): Promise<CredentialsFile> {
  return JSON.parse(await readFile(join(dataDir, 'credentials.json'), 'utf8'));
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = once(child, 'exit');
  child.kill(signal);
  const [code] = await ended;
  return code;
}

/** Calls with the owner's key. */
export const restOf =
  (url: string, credentials: Pick<CredentialsFile, 'username' | 'api_key'>): RunningServer['call'] =>
  (method, path, body, headers) =>
    call(url, credentials, method, path, body, headers);

async function call(
  url: string,
  { username, api_key }: Pick<CredentialsFile, 'username' | 'api_key'>,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
) {
  const response = await fetch(url + path, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(`${username}:${api_key}`).toString('base64')}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const json = response.headers.get('content-type')?.includes('json') === true;
  return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
}

/** Looks again every 20 ms until `look` gives something; fails after `patienceMs` with what it last saw. */
export async function eventually<T>(
  look: () => Promise<T | undefined | false | null>,
  patienceMs = 15_000,
): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (performance.now() > deadline) throw new Error(`not seen within ${patienceMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
