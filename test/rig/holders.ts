import { chown, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from '@veredus/server/db/embedded/postmaster';
import { withClient } from '@veredus/server/db/with-client';
import { afterEach } from 'vitest';
import { temporaryFolder } from './engine.ts';
import { type Holder, type Identity, startHolder } from './holder.ts';

/** What tests of the embedded server share: holders and folders that are gone after each test, even a failed one. */
export interface Holders {
  start(identity: Identity, dataDir: string, options?: Record<string, unknown>): Holder;
  ready(holder: Holder): Promise<{ url: string; pid: number }>;
  /** The server that was started in place of `pid`. */
  restarted(holder: Holder, pid: number): Promise<number>;
  /** A folder that this user may write into and everybody may pass. */
  place(identity: Identity): Promise<string>;
}

export function holdersOfThisFile(): Holders {
  const holders: Holder[] = [];
  const folders: string[] = [];
  const servers: number[] = [];
  afterEach(async () => {
    await Promise.all(holders.splice(0).map((holder) => holder.kill()));
    for (const pid of servers.splice(0)) {
      if (isAlive(pid)) process.kill(pid, 'SIGQUIT');
      await gone(pid);
    }
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
  });
  return {
    start(identity, dataDir, options = {}) {
      const holder = startHolder(identity, { dataDir, elsewhere: join(dataDir, '..', 'elsewhere'), ...options });
      holders.push(holder);
      return holder;
    },
    async ready(holder) {
      const line = await holder.next('ready');
      servers.push(line.pid);
      return line;
    },
    async restarted(holder, pid) {
      const line = await holder.next('log', ({ event, facts }) => event === 'database started' && facts.pid !== pid);
      servers.push(Number(line.facts.pid));
      return Number(line.facts.pid);
    },
    async place(identity) {
      const path = await ownFolder(identity);
      folders.push(path);
      return path;
    },
  };
}

export async function ownFolder(identity: Identity): Promise<string> {
  const path = await temporaryFolder('veredus-embedded-');
  if (identity.uid !== undefined) await chown(path, identity.uid, identity.gid ?? identity.uid);
  return path;
}

/** The column n of the one row that the statement gives. */
export async function number(url: string, sql: string): Promise<number> {
  const rows = await withClient(url, async (client) => (await client.query<{ n: number }>(sql)).rows);
  return Number(rows[0]?.n);
}

/** Waits up to 4 s for the end of a process that has been told to end. */
export async function gone(pid: number): Promise<boolean> {
  for (let looks = 0; isAlive(pid) && looks < 200; looks++) await new Promise((resolve) => setTimeout(resolve, 20));
  return !isAlive(pid);
}
