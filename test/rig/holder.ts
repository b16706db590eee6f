import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { canReach, findAccount } from '@veredus/server/db/embedded/run-as';
import type { Said } from './hold-database.ts';

const PROGRAM = fileURLToPath(new URL('./hold-database.ts', import.meta.url));

/** A process of its own that holds an embedded server (test/rig/hold-database.ts). */
export interface Holder {
  readonly child: ChildProcess;
  /** Everything it has said so far. */
  readonly said: Said[];
  /** The next line that fits, from those not yet asked for. Rejects when the process ends first. */
  next<S extends Said['said']>(
    said: S,
    fits?: (line: Extract<Said, { said: S }>) => boolean,
  ): Promise<Extract<Said, { said: S }>>;
  /** Asks it to stop, and waits for its end. */
  stop(): Promise<void>;
  /** Kills it as a power cut would: at once, and its server stays behind. */
  kill(): Promise<void>;
}

/** Who runs the process under test. */
export type Identity = { readonly uid?: number; readonly gid?: number };

/**
 * The two kinds of user that a start must serve; null where this run cannot be that user: an ordinary run cannot become
 * root, and root cannot show a clone in a closed folder to anybody else.
 */
export async function identities(): Promise<{ root: Identity | null; ordinary: Identity | null }> {
  if (process.getuid?.() !== 0) return { root: null, ordinary: {} };
  const nobody = findAccount(await readFile('/etc/passwd', 'utf8'), 'nobody');
  const open = (await canReach(dirname(PROGRAM), nobody)) && (await canReach(await realpath(process.execPath), nobody));
  return { root: {}, ordinary: open ? nobody : null };
}

export function startHolder(identity: Identity, options: Record<string, unknown>): Holder {
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(options)], {
    ...identity,
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
    // A group of its own, so that a test can do to it what Ctrl-C does.
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const said: Said[] = [];
  const listeners = new Set<() => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    said.push(JSON.parse(line) as Said);
    for (const listener of listeners) listener();
  });
  let asked = 0;
  const find = (wanted: (line: Said) => boolean) => {
    const index = said.findIndex((line, at) => at >= asked && wanted(line));
    if (index >= 0) asked = index + 1;
    return said[index];
  };
  const next = (wanted: (line: Said) => boolean) =>
    new Promise<Said>((resolve, reject) => {
      const look = () => {
        const line = find(wanted);
        if (line) {
          listeners.delete(look);
          resolve(line);
        }
      };
      listeners.add(look);
      look();
      ended.then(() => reject(new Error(`it ended, having said ${JSON.stringify(said)}`)));
    });
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await ended;
  };
  return {
    child,
    said,
    next: ((name, fits) =>
      next((line) => line.said === name && (fits === undefined || fits(line as never)))) as Holder['next'],
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}
