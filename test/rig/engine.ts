import { access, chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbedded } from '@veredus/server/db/embedded/open-embedded';
import { isAlive } from '@veredus/server/db/embedded/postmaster';
import { systemClock, systemRandom } from '@veredus/server/system';

/** A throwaway database server for one run of the tests. */
export interface Engine {
  /** Superuser's connection string. */
  readonly url: string;
  stop(): Promise<void>;
}

const PREFIX = 'veredus-test-';

/**
 * Starts one in a temporary folder. Not durable by default: it does not outlive the run, and fsync would cost half of it.
 * A node that is given its URL as DATABASE_URL refuses it then; for such tests ask for a durable one.
 */
export async function startEngine(options: { durable?: boolean } = {}): Promise<Engine> {
  await sweepEngines();
  const dataDir = await temporaryFolder(`${PREFIX}${process.pid}-`);
  const server = await open(dataDir, options.durable ?? false);
  return {
    url: server.url,
    async stop() {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** A folder that also the server's user can enter: mkdtemp closes its own to everybody else. */
export async function temporaryFolder(prefix: string): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), prefix));
  await chmod(path, 0o711);
  return path;
}

/** Stops and removes what runs that were killed left behind; the folder's name says whose it was. */
async function sweepEngines(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(/^veredus-test-(\d+)-/.exec(name)?.[1]);
    if (!(pid > 0) || isAlive(pid)) continue;
    const dataDir = join(tmpdir(), name);
    // Adopting the orphan is the way to stop it; what belongs to another user is left to them.
    const running = access(join(dataDir, 'postgres/cluster/postmaster.pid'));
    await running
      .then(() => open(dataDir, false))
      .then((server) => server.stop())
      .catch(() => {});
    await rm(dataDir, { recursive: true, force: true }).catch(() => {});
  }
}

function open(dataDir: string, durable: boolean) {
  const settings: Record<string, string> = durable ? {} : { fsync: 'off', full_page_writes: 'off' };
  return openEmbedded({ dataDir, clock: systemClock, random: systemRandom, log: () => {}, settings });
}
