import { randomBytes } from 'node:crypto';
import { type Database, openDatabase } from '@veredus/server/db/db';
import { withClient } from '@veredus/server/db/with-client';
import { systemClock } from '@veredus/server/system';
import { inject } from 'vitest';
import { onDatabase, TEMPLATE } from './global-setup.ts';

type Client = Parameters<Parameters<typeof withClient>[1]>[0];

/** A migrated, empty database of a test file's own. */
export interface TestDatabase {
  readonly db: Database;
  /** Superuser's connection string, for what the two roles may not do and for processes under test. */
  readonly url: string;
  /** Drops it. Fails when the test left a connection of its own open. */
  close(): Promise<void>;
}

/** Copies the template (about 50 ms). Call it in beforeAll, and `close` in afterAll. */
export async function openTestDatabase(options: { empty?: boolean } = {}): Promise<TestDatabase> {
  const engineUrl = await ringForEngine();
  const name = `test_${randomBytes(6).toString('hex')}`;
  const template = options.empty ? 'template0' : TEMPLATE;
  await withClient(engineUrl, (admin) =>
    admin.query(`create database ${name} template ${template} strategy file_copy`),
  );
  const url = onDatabase(engineUrl, name);
  const db = openDatabase(url, { clock: systemClock, log: () => {}, appConnections: 8, engineConnections: 8 });
  const close = async () => {
    await db.close();
    await withClient(engineUrl, async (admin) => {
      const left = await openConnections(admin, name);
      await admin.query(`drop database ${name} with (force)`);
      if (left.length > 0) throw new Error(`the test left connections open: ${left.join('; ')}`);
    });
  };
  return { db, url, close };
}

/** Superuser's connection string of the run's server. */
export async function ringForEngine(): Promise<string> {
  const response = await fetch(inject('engineDoorbell'));
  const text = await response.text();
  if (!response.ok) throw new Error(`the test database did not start: ${text}`);
  return text;
}

/** What is still connected once those that are just hanging up have gone: a session ends a moment after its socket. */
async function openConnections(admin: Client, database: string): Promise<string[]> {
  for (let looks = 0; ; looks++) {
    const { rows } = await admin.query<{ what: string }>(
      `select concat_ws(' ', application_name, state, left(query, 80)) as what from pg_stat_activity
       where datname = $1 and backend_type = 'client backend'`,
      [database],
    );
    if (rows.length === 0 || looks === 40) return rows.map((row) => row.what);
    await admin.query('select pg_sleep(0.05)');
  }
}
