import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clock } from '@veredus/protocols/clock';
import type pg from 'pg';
import { ensureRoles, onceMore } from './roles.ts';
import { StartRefused } from './start-refused.ts';
import { withClient } from './with-client.ts';

/** Where the numbered files of the product lie. */
export const MIGRATIONS = fileURLToPath(new URL('./migrations', import.meta.url));

export interface Migration {
  readonly number: number;
  /** File name, e.g. `0001_spine.sql`. */
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the file, with line ends as git stores them. */
  readonly checksum: string;
  /** The first line says `-- breaking`: a release that does not know this file must not touch the database. */
  readonly breaking: boolean;
}

export interface MigrateParts {
  readonly clock: Clock;
  log(event: string, facts: Record<string, unknown>): void;
  readonly folder?: string;
}

/**
 * Brings a database up to the newest migration, each in a transaction of its own, and makes the two roles first. Safe
 * when several nodes start at once: a migration begins by inserting its own row, so the second waits on that key until
 * the first has committed, finds the row, and carries on.
 * @param url a user who may create tables; superuser in the embedded server.
 * @throws StartRefused when a landed file was changed, the database is newer than this release may handle, or the user
 * may not make the roles.
 */
export async function migrate(url: string, parts: MigrateParts): Promise<void> {
  const migrations = await readMigrations(parts.folder ?? MIGRATIONS);
  const bringUp = async (client: pg.Client) => {
    await ensureRoles(client);
    await onceMore(() => client.query(JOURNAL));
    checkJournal(await readJournal(client), migrations, parts);
    for (const migration of migrations) await apply(client, migration, migrations, parts);
  };
  await withClient(url, bringUp, { application_name: 'veredus migrate' });
}

/** Reads the files of a folder in order. @throws StartRefused when their numbers are not 1, 2, 3, …. */
export async function readMigrations(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (name, index) => {
      const number = Number(/^(\d{4})_[a-z0-9-]+\.sql$/.exec(name)?.[1]);
      if (number !== index + 1) {
        const expected = String(index + 1).padStart(4, '0');
        throw new StartRefused(
          `Migration ${name} in ${folder} should be ${expected}_….sql: numbers follow each other without a gap.`,
        );
      }
      const sql = (await readFile(join(folder, name), 'utf8')).replaceAll('\r\n', '\n');
      const checksum = createHash('sha256').update(sql).digest('hex');
      return { number, name, sql, checksum, breaking: /^-- breaking\b/.test(sql) };
    }),
  );
}

const JOURNAL = `create table if not exists migrations (
  number integer primary key,
  name text not null,
  checksum text not null,
  breaking boolean not null,
  applied_at bigint not null
)`;

type Entry = Pick<Migration, 'number' | 'name' | 'checksum' | 'breaking'>;

async function readJournal(client: pg.Client): Promise<Entry[]> {
  const { rows } = await client.query<Entry>('select number, name, checksum, breaking from migrations order by number');
  return rows;
}

function checkJournal(journal: Entry[], migrations: Migration[], parts: MigrateParts): void {
  const unknown = journal.filter((entry) => entry.number > migrations.length);
  const breaking = unknown.findLast((entry) => entry.breaking);
  if (breaking) {
    throw new StartRefused(
      `This release is too old for its database, which has had ${breaking.name} since: start the release that brought it, or a newer one.`,
    );
  }
  if (unknown.length > 0) parts.log('database is newer, and compatible', { newest: unknown.at(-1)?.name });
  for (const entry of journal) {
    const migration = migrations[entry.number - 1];
    if (migration) checkUnchanged(entry, migration);
  }
}

function checkUnchanged(entry: Entry, migration: Migration): void {
  if (entry.checksum === migration.checksum) return;
  throw new StartRefused(
    `Migration ${migration.name} is not the one this database was built with (${entry.name}): files that have landed never change, so restore it and put the change into a new one.`,
  );
}

async function apply(client: pg.Client, migration: Migration, all: Migration[], parts: MigrateParts): Promise<void> {
  const { number, name, checksum, breaking } = migration;
  await client.query('begin');
  try {
    const claim = await client.query(
      'insert into migrations (number, name, checksum, breaking, applied_at) values ($1, $2, $3, $4, $5) on conflict do nothing',
      [number, name, checksum, breaking, parts.clock.now()],
    );
    if (claim.rowCount === 0) {
      await client.query('rollback');
      // Another node applied it, perhaps a moment ago and perhaps of another release.
      checkJournal(await readJournal(client), all, parts);
      return;
    }
    await client.query(migration.sql);
    await client.query('commit');
    parts.log('database migrated', { name });
  } catch (error) {
    await client.query('rollback').catch(() => {});
    if (error instanceof StartRefused) throw error;
    throw new StartRefused(`Migration ${name} failed and was undone: ${(error as Error).message}`, { cause: error });
  }
}
