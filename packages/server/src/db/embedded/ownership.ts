import { realpath } from 'node:fs/promises';
import pg from 'pg';
import { StartRefused } from '../start-refused.ts';
import { SUPERUSER } from './cluster.ts';
import type { EmbeddedParts, Site } from './parts.ts';
import { pause } from './pause.ts';
import type { Postmaster } from './postmaster.ts';

/** Any number will do, as long as it never changes: every process that wants the data folder asks for this one. */
const LOCK = 0x7665_7265;
/** Our database in a cluster of ours; the lock itself is taken in `postgres`, which always exists. */
export const DATABASE = 'veredus';
const PATIENCE_MS = 1000;

/** The data folder is ours for as long as this lives. */
export interface Ownership {
  readonly postmaster: Postmaster;
  /** Resolves when the session ends, which it does when the server dies, whoever started it. */
  readonly ended: Promise<void>;
  release(): Promise<void>;
}

/** The data folder belongs to another living process. */
export class FolderTaken extends StartRefused {}

/**
 * Takes the advisory lock that makes one process the owner of the data folder and of its server. The lock lives in a
 * session, so a killed process loses it at once while its server goes on: a running server with a free lock is an
 * orphan, which the next owner adopts.
 * @throws FolderTaken when a living process holds it.
 */
export async function takeOwnership(site: Site, postmaster: Postmaster, parts: EmbeddedParts): Promise<Ownership> {
  const options = { connectionString: serverUrl(site, postmaster, 'postgres') };
  const client = new pg.Client({ ...options, application_name: `veredus owner, process ${process.pid}` });
  const ended = new Promise<void>((resolve) => client.once('end', () => resolve()));
  // Without a listener the end of the server would end us too; `ended` tells.
  client.on('error', () => {});
  await client.connect();
  try {
    await checkCluster(client, site);
    const deadline = parts.clock.monotonic() + (parts.patienceMs ?? PATIENCE_MS);
    while (!(await tryLock(client))) {
      if (parts.clock.monotonic() > deadline) throw new FolderTaken(await describeHolder(client, site, parts));
      await pause(parts.clock, 50);
    }
    await ensureDatabase(client);
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
  return { postmaster, ended, release: () => client.end().catch(() => {}) };
}

/** Connection string of the superuser, by Unix socket where there is one (no TCP stack between: 10 to 20 µs a round trip). */
export function serverUrl(site: Site, postmaster: Postmaster, database: string): string {
  const url = `postgres://${SUPERUSER}:${site.password}@localhost:${postmaster.port}/${database}`;
  if (postmaster.socketFolder === null) return url.replace('@localhost', '@127.0.0.1');
  return `${url}?host=${encodeURIComponent(postmaster.socketFolder)}`;
}

/** The port in a pid file may have passed to a stranger's server between our reading and our connecting. */
async function checkCluster(client: pg.Client, site: Site): Promise<void> {
  const { rows } = await client.query<{ data_directory: string }>('show data_directory');
  const found = await realpath(rows[0]?.data_directory ?? '').catch(() => rows[0]?.data_directory);
  if (found !== site.cluster)
    throw new StartRefused(`A server of another data folder (${found}) answers for ${site.cluster}.`);
}

async function tryLock(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [LOCK]);
  return rows[0]?.taken === true;
}

async function describeHolder(client: pg.Client, site: Site, parts: EmbeddedParts): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    `select a.application_name as name from pg_locks l join pg_stat_activity a using (pid)
     where l.locktype = 'advisory' and l.granted and l.objid = $1 and l.database = (select oid from pg_database where datname = 'postgres')`,
    [LOCK],
  );
  const holder = rows[0]?.name.match(/process \d+/)?.[0] ?? 'another process';
  return `The data folder ${parts.dataDir} is in use by another Veredus (${holder}; database in ${site.home}): stop that one, or give this one another VEREDUS_DATA_DIR.`;
}

async function ensureDatabase(client: pg.Client): Promise<void> {
  const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
  if (rowCount === 0) await client.query(`create database ${DATABASE}`);
}
