import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { MIGRATIONS, migrate, readMigrations } from './migrate.ts';
import { StartRefused } from './start-refused.ts';
import { withClient } from './with-client.ts';

let own: TestDatabase;
let folder: string;
let said: string[];

beforeEach(async () => {
  own = await openTestDatabase({ empty: true });
  folder = await mkdtemp(join(tmpdir(), 'veredus-migrations-'));
  said = [];
});

afterEach(async () => {
  await rm(folder, { recursive: true });
  await own.close();
});

const clock = { now: () => 1_700_000_000_123, monotonic: () => 0, after: () => () => {} };
const parts = () => ({
  clock,
  folder,
  log: (event: string, facts: Record<string, unknown>) => void said.push(`${event} ${facts.name ?? facts.newest}`),
});
const put = (name: string, sql: string) => writeFile(join(folder, name), sql);
const rows = (sql: string) => withClient(own.url, async (client) => (await client.query(sql)).rows);

describe('migrate', () => {
  test('applies the files in order, once', async () => {
    await put('0001_first.sql', 'create table a (n integer)');
    await put('0002_second.sql', '-- breaking\ninsert into a values (1)');
    await migrate(own.url, parts());
    await migrate(own.url, parts());
    expect(await rows('select n from a')).toEqual([{ n: 1 }]);
    expect(await rows('select number, name, breaking, applied_at from migrations order by number')).toEqual([
      { number: 1, name: '0001_first.sql', breaking: false, applied_at: '1700000000123' },
      { number: 2, name: '0002_second.sql', breaking: true, applied_at: '1700000000123' },
    ]);
    expect(said).toEqual(['database migrated 0001_first.sql', 'database migrated 0002_second.sql']);
  });

  test('[migrate:two-nodes] two nodes that start at once apply each file once', async () => {
    // Not repeatable (no "if not exists"), and slow enough that the two meet in the middle of each.
    await put('0001_first.sql', 'create table a (n integer); select pg_sleep(0.1)');
    await put('0002_second.sql', 'insert into a values (1); select pg_sleep(0.1)');
    await Promise.all(Array.from({ length: 4 }, () => migrate(own.url, parts())));
    expect(await rows('select n from a')).toEqual([{ n: 1 }]);
    expect(said.sort()).toEqual(['database migrated 0001_first.sql', 'database migrated 0002_second.sql']);
  });

  test('one that fails is undone whole and named; mended, it applies', async () => {
    await put('0001_first.sql', 'create table a (n integer); select 1 / 0');
    await expect(migrate(own.url, parts())).rejects.toThrow(
      'Migration 0001_first.sql failed and was undone: division by zero',
    );
    expect(await rows("select to_regclass('a') as a, (select count(*)::int from migrations) as applied")).toEqual([
      { a: null, applied: 0 },
    ]);
    await put('0001_first.sql', 'create table a (n integer)');
    await migrate(own.url, parts());
    expect(said).toEqual(['database migrated 0001_first.sql']);
  });

  test('[migrate:append-only] a landed file that was changed is refused by name; line ends do not count', async () => {
    await put('0001_first.sql', 'create table a (n integer);\n');
    await migrate(own.url, parts());
    await put('0001_first.sql', 'create table a (n integer);\r\n');
    await migrate(own.url, parts());
    await put('0001_first.sql', 'create table a (n bigint);\n');
    await expect(migrate(own.url, parts())).rejects.toThrow(
      /^Migration 0001_first\.sql is not the one this database was built with/,
    );
  });

  test('[migrate:old-node] an older release works with a newer schema, unless a breaking migration lies between', async () => {
    await put('0001_first.sql', 'create table a (n integer)');
    await put('0002_second.sql', 'alter table a add m integer');
    await migrate(own.url, parts());
    await rm(join(folder, '0002_second.sql'));
    await migrate(own.url, parts());
    expect(said.at(-1)).toBe('database is newer, and compatible 0002_second.sql');
    await put('0002_second.sql', 'alter table a add m integer');
    await put('0003_third.sql', '-- breaking: a is gone\ndrop table a');
    await migrate(own.url, parts());
    await rm(join(folder, '0003_third.sql'));
    await expect(migrate(own.url, parts())).rejects.toThrow(
      /^This release is too old for its database, which has had 0003_third\.sql since/,
    );
  });

  test('numbers follow each other without a gap', async () => {
    await put('0001_first.sql', '');
    await put('0003_third.sql', '');
    await expect(migrate(own.url, parts())).rejects.toThrow(/0003_third\.sql .* should be 0002_/);
  });

  test('the files of the product are in order', async () => {
    const migrations = await readMigrations(MIGRATIONS);
    expect(migrations.length).toBeGreaterThan(0);
    expect(migrations.map(({ number }) => number)).toEqual(migrations.map((_, index) => index + 1));
  });
});

describe('the roles', () => {
  const asOrdinary = async (privileges: string, run: (url: string) => Promise<void>) => {
    const name = `ordinary_${own.url.match(/test_(\w+)/)?.[1]}`;
    const database = new URL(own.url).pathname.slice(1);
    await withClient(own.url, (admin) =>
      admin.query(
        `create role ${name} login password 'secret' ${privileges}; grant create on database ${database} to ${name}; alter database ${database} owner to ${name}`,
      ),
    );
    const url = new URL(own.url);
    url.username = name;
    url.password = 'secret';
    try {
      await run(url.href);
    } finally {
      await withClient(own.url, (admin) =>
        admin.query(`reassign owned by ${name} to current_user; drop owned by ${name}; drop role ${name}`),
      );
    }
  };

  test('a user who may not make or use them is told what an administrator must run, and then works', async () => {
    await put('0001_first.sql', 'create table a (n integer); grant select on a to veredus_app');
    await migrate(own.url, { ...parts(), folder: await mkdtemp(join(folder, 'none-')) });
    await withClient(own.url, (admin) => admin.query('drop table migrations'));
    await asOrdinary('', async (url) => {
      const refused: unknown = await migrate(url, parts()).then(
        () => null,
        (error: unknown) => error,
      );
      expect(refused).toBeInstanceOf(StartRefused);
      const grant = (refused as StartRefused).message.match(/GRANT veredus_app, veredus_engine TO \w+;/)?.[0];
      expect((refused as StartRefused).message).toContain('CREATE ROLE veredus_engine NOLOGIN NOSUPERUSER BYPASSRLS;');
      await withClient(own.url, (admin) => admin.query(grant ?? ''));
      await migrate(url, parts());
      const role = await withClient(url, async (client) => (await client.query('select current_user as name')).rows, {
        options: '-c role=veredus_app',
      });
      expect(role).toEqual([{ name: 'veredus_app' }]);
    });
  });
});
