import { execFile } from 'node:child_process';
import { chown, readFile, readlink, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { program } from './binaries.ts';
import type { Site } from './parts.ts';

/** A server as its postmaster.pid describes it. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  /** Folder of its Unix socket; null = TCP only. */
  readonly socketFolder: string | null;
  /** The last line: starting, ready, standby, stopping (padded in the file). */
  readonly status: string;
}

/** Reads postmaster.pid: pid, data folder, start time, port, socket folder, address, shared memory, status. */
export function parsePidFile(text: string): Postmaster | null {
  const [pid, , , port, socketFolder, , , status] = text.split('\n');
  if (!(Number(pid) > 0) || !(Number(port) > 0)) return null;
  return { pid: Number(pid), port: Number(port), socketFolder: socketFolder || null, status: (status ?? '').trim() };
}

/** The server now running on this cluster, whoever started it; null when there is none. */
export async function findPostmaster(site: Site): Promise<Postmaster | null> {
  const text = await readFile(pidFile(site), 'utf8').catch(() => '');
  const postmaster = parsePidFile(text);
  return postmaster !== null && (await runsOn(site.cluster, postmaster.pid)) ? postmaster : null;
}

/**
 * Whether that process is a PostgreSQL on this cluster: a pid file outlives its server, and after a reboot or in a
 * container its number soon belongs to somebody else. A postmaster's working folder is its data directory.
 */
export async function runsOn(cluster: string, pid: number): Promise<boolean> {
  if (!isAlive(pid)) return false;
  if (process.platform === 'linux') return (await readlink(`/proc/${pid}/cwd`).catch(() => null)) === cluster;
  if (process.platform === 'win32') return true;
  const { stdout } = await promisify(execFile)('ps', ['-o', 'comm=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return basename(stdout.trim()) === 'postgres';
}

/**
 * PostgreSQL will not start while the number in its stale pid file belongs to a living process of the same user. It
 * makes one exception, its own parent, so we write ourselves in; deleting the file would also throw away the shared
 * memory key, by which it notices backends that outlived their postmaster.
 */
export async function disownPidFile(site: Site): Promise<void> {
  const text = await readFile(pidFile(site), 'utf8').catch(() => '');
  const stale = parsePidFile(text);
  if (stale === null || !isAlive(stale.pid)) return;
  const fresh = join(site.home, 'postmaster.pid.new');
  await rm(fresh, { force: true });
  await writeFile(fresh, text.replace(/^\d+/, String(process.pid)), { mode: 0o600, flag: 'wx' });
  if (site.runAs !== null) await chown(fresh, site.runAs.uid, site.runAs.gid);
  await rename(fresh, pidFile(site));
}

/** PostgreSQL's three ways down: fast (INT) ends sessions and writes a checkpoint, immediate (QUIT) leaves recovery to the next start. */
export async function signalPostmaster(site: Site, pid: number, signal: 'INT' | 'QUIT' | 'KILL'): Promise<void> {
  if (!(await runsOn(site.cluster, pid))) return;
  if (process.platform === 'win32') {
    // Windows has no signals; pg_ctl speaks to the server's own imitation of them.
    await promisify(execFile)(program(site.binaries, 'pg_ctl'), ['kill', signal, String(pid)]).catch(() => {});
    return;
  }
  try {
    process.kill(pid, `SIG${signal}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function pidFile(site: Site): string {
  return join(site.cluster, 'postmaster.pid');
}
