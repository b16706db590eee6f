import { chmod, mkdir, readdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { StartRefused } from '../start-refused.ts';
import { completeLinks, copyBinaries, program } from './binaries.ts';
import { createCluster } from './cluster.ts';
import type { Binaries, EmbeddedParts, RunAs } from './parts.ts';
import { canReach, chooseRunAs } from './run-as.ts';

/** Names inside the data folder. */
const HOME = 'postgres';
const POINTER = 'postgres.path';
const ELSEWHERE = '/var/lib/veredus';

interface Home {
  home: string;
  runAs: RunAs;
  binaries: Binaries;
}

/**
 * Where the database of this data folder lives, making it on the first start.
 * @throws StartRefused also where the disk is full or the folder is not ours to write.
 */
export async function openHome(parts: EmbeddedParts, installed: Binaries): Promise<Home> {
  const dataDir = resolve(parts.dataDir);
  try {
    // Others may pass (the server's user must), nobody else may list; what is secret in it has a mode of its own.
    await makeFolder(dataDir, 0o711);
    const home = (await findHome(dataDir)) ?? (await createHome(dataDir, parts, installed));
    const { uid, gid } = await stat(join(home, 'cluster'));
    const runAs = await chooseRunAs({ uid, gid }, home);
    return { home, runAs, binaries: await reachableBinaries(installed, home, runAs, parts) };
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new StartRefused(
      `The data folder ${dataDir} cannot be used (${code}${path ? ` at ${path}` : ''}): make room or give this user the right to write there, or choose another VEREDUS_DATA_DIR.`,
      { cause: error },
    );
  }
}

async function findHome(dataDir: string): Promise<string | null> {
  const inside = join(dataDir, HOME);
  if (await exists(join(inside, 'cluster'))) return realpath(inside);
  const pointer = await readFile(join(dataDir, POINTER), 'utf8').catch(() => null);
  if (pointer === null) return null;
  const outside = pointer.trim();
  if (await exists(join(outside, 'cluster'))) return realpath(outside);
  throw new StartRefused(
    `The database of ${dataDir} was kept in ${outside}, and that is gone: put it back, or delete ${join(dataDir, POINTER)} to start with an empty one.`,
  );
}

/**
 * Builds a cluster under a name of its own and publishes it in one step, so that a start that dies half way leaves
 * nothing that looks like a database, and of two first starts at once one wins and the other uses the winner's.
 */
async function createHome(dataDir: string, parts: EmbeddedParts, installed: Binaries): Promise<string> {
  const runAs = await chooseRunAs(null, dataDir);
  const id = Buffer.from(parts.random.bytes(8)).toString('hex');
  const inside = await canReach(dataDir, runAs);
  const building = inside ? join(dataDir, `${HOME}.${id}.new`) : join(parts.elsewhere ?? ELSEWHERE, id);
  if (!inside) await makeFolder(dirname(building), 0o755);
  await mkdir(building, { mode: 0o700 });
  try {
    if (runAs !== null) await chmod(building, 0o711);
    const binaries = await reachableBinaries(installed, building, runAs, parts);
    await createCluster(building, runAs, binaries, parts);
    if (inside) await rename(building, join(dataDir, HOME));
    else await writeFile(join(dataDir, POINTER), `${building}\n`, { flag: 'wx' });
  } catch (error) {
    await rm(building, { recursive: true, force: true });
    const winner = await findHome(dataDir);
    if (winner !== null) return winner;
    throw error;
  }
  const home = await realpath(inside ? join(dataDir, HOME) : building);
  if (!inside) {
    const why = `the user that PostgreSQL runs as (${runAs?.uid}) cannot enter the data folder`;
    parts.log('database kept outside the data folder', { home, dataDir, why });
  }
  return home;
}

/** Makes a folder of exactly that mode, whatever the umask takes away; an existing one stays as its owner wants it. */
async function makeFolder(path: string, mode: number): Promise<void> {
  const made = await mkdir(path, { recursive: true, mode });
  if (made !== undefined) await chmod(path, mode);
}

/** The installed programs where the server's user can run them as they lie; else a copy of them in `home`. */
async function reachableBinaries(
  installed: Binaries,
  home: string,
  runAs: RunAs,
  parts: EmbeddedParts,
): Promise<Binaries> {
  const there = { folder: await realpath(installed.folder), version: installed.version };
  const complete = await completeLinks(there.folder);
  if (complete && (await canReach(program(there, 'postgres'), runAs))) return there;
  return copyBinaries(there, home, parts);
}

/** Removes what starts that died half way left. Only for the owner of the data folder. */
export async function sweepUnfinished(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir)) {
    const unfinished = name.startsWith(`${HOME}.`) && name.endsWith('.new');
    if (unfinished) await rm(join(dataDir, name), { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw new StartRefused(`${path} cannot be read (${code}): start as the user it belongs to, or as root.`);
  }
}
