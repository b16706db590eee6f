import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from 'vitest';

/** A test that needs a peer: as vitest's `test(title, run, timeout)`. */
export type PeerTest = (title: string, run: () => unknown, timeout?: number) => void;

/** The two ways of vitest's `test` that are used here; passed in so that skipping itself can be tested. */
export interface Runner {
  (title: string, run: () => unknown, timeout?: number): void;
  skip(title: string, run: () => unknown): void;
}

/**
 * Tests against somebody else's program: `const withKannel = peer('kannel', () => onPath('bearerbox'))`, then
 * `withKannel('binds', async () => ...)`. Where it is absent they are skipped and say so in their titles; where
 * VEREDUS_TEST_REQUIRE_PEERS=1, as in CI, they fail instead, because a skip nobody reads proves nothing.
 */
export function peer(name: string, probe: () => boolean): PeerTest {
  return peerTest(test, name, probe(), process.env.VEREDUS_TEST_REQUIRE_PEERS === '1');
}

export function peerTest(runner: Runner, name: string, present: boolean, required: boolean): PeerTest {
  if (present) return (title, run, timeout) => runner(title, run, timeout);
  const missing = `${name} is not installed`;
  if (!required) return (title, run) => runner.skip(`${title} (${missing})`, run);
  const fail = () => {
    throw new Error(`${missing}, and VEREDUS_TEST_REQUIRE_PEERS=1 demands it`);
  };
  return (title) => runner(title, fail);
}

/** Whether a program can be run: on the PATH, or where Debian puts daemons. */
export function onPath(program: string): boolean {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => isExecutable(join(folder, program)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
