import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Starts one of this folder's programs under the Node that runs us; its stderr is ours. */
export function startProgram(name: string, args: readonly string[]): ChildProcess {
  const path = fileURLToPath(new URL(name, import.meta.url));
  return spawn(process.execPath, [path, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
}

/** The first line of stdout that `wanted` makes something of. Fails when the process ends without one. */
export async function lineOf<T>(child: ChildProcess, wanted: (line: string) => T | null): Promise<T> {
  for await (const line of createInterface({ input: child.stdout! })) {
    const found = wanted(line);
    if (found === null) continue;
    // Whatever it still says must go somewhere, or it would stop on a full pipe.
    child.stdout!.resume();
    return found;
  }
  throw new Error(`${child.spawnargs.slice(0, 3).join(' ')} ended without saying what was waited for`);
}

export const jsonLine = <T>(line: string): T | null => (line.startsWith('{') ? (JSON.parse(line) as T) : null);

/** Asks it to end, and makes it after `patienceMs`. */
export async function endProcess(child: ChildProcess, patienceMs = 15_000): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  await ended;
  clearTimeout(force);
}
