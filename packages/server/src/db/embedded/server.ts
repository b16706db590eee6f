import { spawn } from 'node:child_process';
import { chown, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { StartRefused } from '../start-refused.ts';
import { program } from './binaries.ts';
import { makeLogFolder, surroundings, writeConfig } from './cluster.ts';
import type { EmbeddedParts, Site } from './parts.ts';
import { pause } from './pause.ts';
import { disownPidFile, findPostmaster, isAlive, type Postmaster, signalPostmaster } from './postmaster.ts';
import { availableMemory, serverConfig } from './tuning.ts';

/** A socket's path ends at 103 bytes on macOS and 107 on Linux; the file in the folder is `.s.PGSQL.65535.lock`. */
const LONGEST_SOCKET_FOLDER = 103 - '/.s.PGSQL.65535.lock'.length;
const LOOK_MS = 20;
/** For a log that is not written yet: two seconds. */
const MOST_LOOKS = 100;
/** After a crash the log is replayed first: up to max_wal_size, minutes on a slow disk. */
const RECOVERY_MS = 15 * 60_000;
/** PostgreSQL answers a fast shutdown within recovery too. */
const ABORT_MS = 3000;
const LOGS_KEPT = 7;

/** A start that may succeed a moment later: the remains of a killed server are still going. */
export class ServerBusy extends StartRefused {}

/** We were told to stop before the server was ready. */
export class StartAborted extends StartRefused {}

/**
 * Starts PostgreSQL on the cluster and waits until it takes connections.
 * @throws StartRefused with PostgreSQL's own words when it ends instead; ServerBusy where another try makes sense;
 * StartAborted, with the server down again.
 */
export async function startServer(
  site: Site,
  port: number,
  parts: EmbeddedParts,
  aborted: () => boolean,
): Promise<Postmaster> {
  const logFolder = await makeLogFolder(site);
  const socketFolder = socketFolderOf(site);
  const where = { port, socketFolder, logFolder, memory: availableMemory() };
  await writeConfig(site, serverConfig(where, parts.settings));
  await disownPidFile(site);
  const early = await openEarlyLog(site);
  const child = spawn(program(site.binaries, 'postgres'), ['-D', site.cluster], {
    ...surroundings(site.runAs),
    // A process group of its own: Ctrl-C in a terminal goes to the whole group, and would take the database away
    // before we have drained.
    detached: true,
    stdio: ['ignore', early.fd, early.fd],
    windowsHide: true,
  });
  let ended: string | null = null;
  child.once('error', (error) => {
    ended = error.message;
  });
  child.once('exit', (code, signal) => {
    ended ??= `exit ${code ?? signal}`;
  });
  await early.close();
  // It is watched over SQL, like one that an earlier process of ours left behind.
  child.unref();
  try {
    return await untilReady(site, parts, () => ended, aborted);
  } catch (error) {
    if (error instanceof StartAborted && child.pid) await stopServer(site, child.pid, ABORT_MS, parts);
    throw error;
  }
}

/** Waits until the server of this cluster is ready, also one that somebody else is just starting. */
export async function untilReady(
  site: Site,
  parts: EmbeddedParts,
  ended: () => string | null,
  aborted: () => boolean,
): Promise<Postmaster> {
  const deadline = parts.clock.monotonic() + RECOVERY_MS;
  let notice = parts.clock.monotonic() + 5000;
  while (parts.clock.monotonic() < deadline) {
    const postmaster = await findPostmaster(site);
    if (postmaster?.status === 'ready') return postmaster;
    const end = ended();
    if (end !== null) throw await refusal(site, end, parts);
    if (aborted()) throw new StartAborted('Stopped before the database was ready.');
    if (parts.clock.monotonic() > notice) {
      parts.log('database is recovering', { cluster: site.cluster });
      notice += 5000;
    }
    await pause(parts.clock, LOOK_MS);
  }
  throw new StartRefused(
    `The database in ${site.cluster} was not ready after 15 minutes; its log is in ${site.home}/log.`,
  );
}

/**
 * Stops a server and waits until it is gone: asked first, then told to leave recovery to the next start, then killed.
 * @param deadlineMs what the polite way may take.
 */
export async function stopServer(site: Site, pid: number, deadlineMs: number, parts: EmbeddedParts): Promise<void> {
  const ladder = [
    { signal: 'INT', waitMs: deadlineMs },
    { signal: 'QUIT', waitMs: 2000 },
    { signal: 'KILL', waitMs: 2000 },
  ] as const;
  for (const { signal, waitMs } of ladder) {
    const until = parts.clock.monotonic() + waitMs;
    while (parts.clock.monotonic() < until) {
      if (!isAlive(pid)) return;
      // Again and again, because one that is only just starting is not yet known as ours, or not yet listening.
      await signalPostmaster(site, pid, signal);
      await pause(parts.clock, LOOK_MS);
    }
    parts.log('database did not stop in time', { pid, signal, waitMs });
  }
}

/** A TCP port of the loopback that is free at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** The cluster's own folder, which only the server's user can enter; null where sockets have no path or it is too long. */
function socketFolderOf(site: Site): string | null {
  if (process.platform === 'win32') return null;
  return Buffer.byteLength(site.cluster) <= LONGEST_SOCKET_FOLDER ? site.cluster : null;
}

/** What the server says before its own log begins. A file and not a pipe, which would break when we are killed. */
async function openEarlyLog(site: Site): Promise<Awaited<ReturnType<typeof open>>> {
  const path = earlyLog(site);
  await rm(path, { force: true });
  const file = await open(path, 'wx', 0o600);
  const { uid, gid } = await stat(site.home);
  if (site.runAs !== null) await chown(path, uid, gid);
  return file;
}

async function refusal(site: Site, end: string, { clock }: EmbeddedParts): Promise<StartRefused> {
  let words = await lastWords(site);
  // The log is written by a process of its own, which may be a moment behind the server's end.
  for (let looks = 0; words === '' && looks < MOST_LOOKS; looks++) {
    await pause(clock, LOOK_MS);
    words = await lastWords(site);
  }
  const busy = /pre-existing shared memory|lock file|Address already in use|is being used/.test(words);
  const message = `The database in ${site.cluster} did not start (${end}): ${words || `its log is in ${site.home}/log`}`;
  return busy ? new ServerBusy(message) : new StartRefused(message);
}

/** Why a server ended: from what it said before its own log began, or after (it opens its ports only then). */
async function lastWords(site: Site): Promise<string> {
  const newest = (await logNames(site)).at(-1);
  const paths = [earlyLog(site), ...(newest ? [join(site.home, 'log', newest)] : [])];
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8').catch(() => '')));
  const lines = texts.join('\n').split('\n');
  return lines
    .filter((line) => /\b(FATAL|PANIC|ERROR|HINT|could not)\b/.test(line))
    .slice(-4)
    .join(' / ');
}

/** PostgreSQL opens a new log at every 10 MB and every day but never deletes one. Keeps the newest. */
export async function pruneLogs(site: Site): Promise<void> {
  for (const name of (await logNames(site)).slice(0, -LOGS_KEPT))
    await rm(join(site.home, 'log', name), { force: true });
}

/** Oldest first: the names carry their time. */
async function logNames(site: Site): Promise<string[]> {
  return (await readdir(join(site.home, 'log'))).filter((name) => name.startsWith('postgres-')).sort();
}

function earlyLog(site: Site): string {
  return join(site.home, 'start.log');
}
