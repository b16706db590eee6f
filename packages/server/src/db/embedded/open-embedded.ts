import { resolve } from 'node:path';
import { installedBinaries } from './binaries.ts';
import { openCluster } from './cluster.ts';
import { openHome, sweepUnfinished } from './home.ts';
import type { EmbeddedParts } from './parts.ts';
import { pruneLogs } from './server.ts';
import { type EmbeddedServer, supervise } from './supervise.ts';

/**
 * Runs a PostgreSQL of our own in the data folder: made on the first start, adopted when an earlier process was killed
 * and left it running, started again whenever it dies, stopped by `stop`.
 * @throws StartRefused with one sentence for the operator: another Veredus owns the folder, its cluster is of another
 * PostgreSQL major or another user's, or PostgreSQL does not start.
 */
export async function openEmbedded(parts: EmbeddedParts): Promise<EmbeddedServer> {
  const { home, runAs, binaries } = await openHome(parts, parts.binaries ?? (await installedBinaries()));
  const site = await openCluster(home, runAs, binaries);
  const server = await supervise(site, parts);
  await sweepUnfinished(resolve(parts.dataDir));
  await pruneLogs(site);
  return server;
}
