import { installedBinaries } from './binaries.ts';
import { openCluster } from './cluster.ts';
import { openHome } from './home.ts';
import { openEmbedded } from './open-embedded.ts';
import { DATABASE, FolderTaken, serverUrl } from './ownership.ts';
import type { EmbeddedParts } from './parts.ts';
import { findPostmaster } from './postmaster.ts';

/**
 * The data folder's database for a short command: beside the node that runs on it, or, where none does, started for the
 * command and stopped by `stop`.
 */
export async function attachEmbedded(parts: EmbeddedParts): Promise<{ url: string; stop(): Promise<void> }> {
  try {
    return await openEmbedded({ ...parts, patienceMs: 0 });
  } catch (error) {
    if (!(error instanceof FolderTaken)) throw error;
    const { home, runAs, binaries } = await openHome(parts, parts.binaries ?? (await installedBinaries()));
    const site = await openCluster(home, runAs, binaries);
    const postmaster = await findPostmaster(site);
    if (postmaster === null) throw error;
    return { url: serverUrl(site, postmaster, DATABASE), stop: async () => {} };
  }
}
