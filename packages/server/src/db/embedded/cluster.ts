import { spawn } from 'node:child_process';
import { chown, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartRefused } from '../start-refused.ts';
import { majorOf, program } from './binaries.ts';
import type { Binaries, EmbeddedParts, RunAs, Site } from './parts.ts';

/** The superuser of a cluster of ours. */
export const SUPERUSER = 'veredus';

/**
 * Makes an empty cluster in `home`/cluster and its superuser's password in `home`/password (mode 0600).
 * Text sorts by code point and folds case as Unicode does, from tables inside PostgreSQL: no library or locale of the
 * machine can change the order under an index.
 */
export async function createCluster(
  home: string,
  runAs: RunAs,
  binaries: Binaries,
  parts: EmbeddedParts,
): Promise<void> {
  const password = Buffer.from(parts.random.bytes(24)).toString('base64url');
  const cluster = join(home, 'cluster');
  await mkdir(cluster, { mode: 0o700 });
  // initdb runs as the server's user, who may not read ours: it gets a file of its own for the moment.
  const handOver = join(home, 'password.initdb');
  await writeFile(handOver, password, { mode: 0o600, flag: 'wx' });
  if (runAs !== null) {
    await chown(cluster, runAs.uid, runAs.gid);
    await chown(handOver, runAs.uid, runAs.gid);
  }
  const args = ['-D', cluster, '-U', SUPERUSER, `--pwfile=${handOver}`, '--auth=scram-sha-256', '--data-checksums'];
  const text = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  await run(program(binaries, 'initdb'), [...args, ...text], runAs);
  await rm(handOver);
  await writeFile(join(home, 'password'), password, { mode: 0o600, flag: 'wx' });
}

/**
 * Reads what a start needs of an existing cluster.
 * @throws StartRefused when it was made by another PostgreSQL major: its files cannot be read by this one.
 */
export async function openCluster(home: string, runAs: RunAs, binaries: Binaries): Promise<Site> {
  const cluster = join(home, 'cluster');
  const made = (await readFile(join(cluster, 'PG_VERSION'), 'utf8')).trim();
  const ours = majorOf(binaries);
  if (made !== ours) {
    throw new StartRefused(
      `The database in ${cluster} was made by PostgreSQL ${made}, and this release brings PostgreSQL ${ours}, which cannot read it: start the release that made it, or move the data with pg_upgrade (or pg_dump and DATABASE_URL), or choose another VEREDUS_DATA_DIR.`,
    );
  }
  const password = (await readFile(join(home, 'password'), 'utf8')).trim();
  return { home, cluster, password, runAs, binaries };
}

/**
 * Replaces postgresql.conf. By rename, because the folder belongs to a less trusted user than we may be: writing in
 * place would follow a link of theirs.
 */
export async function writeConfig(site: Site, text: string): Promise<void> {
  const fresh = join(site.home, 'postgresql.conf.new');
  await rm(fresh, { force: true });
  await writeFile(fresh, text, { mode: 0o600, flag: 'wx' });
  if (site.runAs !== null) await chown(fresh, site.runAs.uid, site.runAs.gid);
  await rename(fresh, join(site.cluster, 'postgresql.conf'));
}

/** Makes the folder of the server's own log, and gives it to the server's user. */
export async function makeLogFolder(site: Site): Promise<string> {
  const folder = join(site.home, 'log');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { uid, gid } = await stat(site.cluster);
  if (site.runAs !== null) await chown(folder, uid, gid);
  return folder;
}

/** Neither our working folder (maybe unreachable for that user) nor our PG* variables reach a program of the server. */
export function surroundings(runAs: RunAs): { cwd: string; env?: NodeJS.ProcessEnv; uid?: number; gid?: number } {
  if (process.platform === 'win32') return { cwd: '\\' };
  return { cwd: '/', env: { LC_ALL: 'C' }, ...runAs };
}

async function run(command: string, args: string[], runAs: RunAs): Promise<void> {
  const child = spawn(command, args, {
    ...surroundings(runAs),
    stdio: ['ignore', 'ignore', 'pipe'],
    windowsHide: true,
  });
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-2000);
  });
  const failure = await new Promise<string | null>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code === 0 ? null : `exit ${code ?? signal}: ${words.trim()}`));
  });
  if (failure !== null) throw new StartRefused(`The database could not be made: ${command} said: ${failure}`);
}
