import { rm } from 'node:fs/promises';
import { openEmbedded } from '@veredus/server/db/embedded/open-embedded';
import { systemClock, systemRandom } from '@veredus/server/system';
import { temporaryFolder } from '../test/rig/engine.ts';

export interface BenchDatabase {
  /** Superuser's connection string. */
  readonly url: string;
  stop(): Promise<void>;
}

/** An embedded PostgreSQL with exactly the settings the product gives it, for the raw limit and for history: durable. */
export async function startDatabase(): Promise<BenchDatabase> {
  const dataDir = await temporaryFolder('veredus-bench-sql-');
  const server = await openEmbedded({ dataDir, clock: systemClock, random: systemRandom, log: () => {} });
  return {
    url: server.url,
    async stop() {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
