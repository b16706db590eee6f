import { systemRandom } from '@veredus/server/system';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { createKey } from './api-keys.ts';
import { createAccount, createUser } from './create-account.ts';

/** Every table whose rows belong to an account, from the catalogue: a new one is under test the moment it exists. */
const ACCOUNT_TABLES = `
  select c.oid::regclass::text as name, c.relispartition as partition, c.relrowsecurity and c.relforcerowsecurity as forced,
    has_table_privilege('veredus_app', c.oid, 'select') as readable
  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'account_id' and not a.attisdropped
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') order by 1`;

interface Table {
  name: string;
  partition: boolean;
  forced: boolean;
  readable: boolean;
}

let test: TestDatabase;
let tables: Table[];
let a: number;
let b: number;

beforeAll(async () => {
  test = await openTestDatabase();
  tables = (await test.db.enginePool.query<Table>(ACCOUNT_TABLES)).rows;
  a = await makeAccount('a');
  b = await makeAccount('b');
  const superuser = new pg.Client({ connectionString: test.url });
  await superuser.connect();
  await fillEveryTable(superuser).finally(() => superuser.end());
});
afterAll(() => test.close());

async function makeAccount(name: string): Promise<number> {
  const parts = { clock: handClock(), random: systemRandom };
  const terms = { country: 'AU', currency: 'AUD', prepaid: true, creditLimitMicro: null, anySenderNumber: false };
  const accountId = await createAccount(parts, test.db.engine, { name, ...terms });
  const userId = await createUser(parts, test.db.engine, { accountId, username: name, password: null, isMain: true });
  await createKey(parts, test.db.engine, { accountId, userId, name: 'test', scopes: ['*'] });
  return accountId;
}

/** Puts at least one row of each account into every table, made up from its columns' types. Constraints are not the matter. */
async function fillEveryTable(superuser: pg.Client): Promise<void> {
  await superuser.query(`set session_replication_role = replica`);
  const { rows: columns } = await superuser.query(
    `select c.table_name as table, c.column_name as column, c.data_type as type from information_schema.columns c
     where c.table_schema = 'public' and c.column_default is null and c.is_identity = 'NO'
       and (c.is_nullable = 'NO' or (c.table_name = 'contacts' and c.column_name = 'phone_number'))`,
  );
  for (const { name, partition } of tables.filter((table) => !table.partition)) {
    for (const account of [a, b]) {
      const { rows } = await superuser.query(`select 1 from ${name} where account_id = $1`, [account]);
      if (rows.length > 0 || partition) continue;
      const own = columns.filter((column) => column.table === name && column.column !== 'account_id');
      const list = ['account_id', ...own.map(({ column }) => `"${column}"`)].join(', ');
      const values = [account, ...own.map(({ column, type }) => sampleOf(name, column, type))].join(', ');
      await superuser.query(`insert into ${name} (${list}) values (${values})`);
    }
  }
}

/** The few columns that a check constraint watches. */
const WATCHED: Record<string, string> = {
  'ledger_entries.kind': `'credit'`,
  'ledger_entries.debit': `'funding'`,
  'ledger_entries.credit': `'available'`,
  'consent_events.kind': `'opt-out'`,
  'consent_events.how': `'keyword'`,
  'rule_actions.kind': `'inbound'`,
  'webhook_deliveries.method': `'POST'`,
  'auth_configs.target': `'local'`,
  'connections.target': `'local'`,
  'connections.status': `'ACTIVE'`,
  'executions.target': `'local'`,
  'executions.state': `'done'`,
};
let counter = 1;
function sampleOf(table: string, column: string, type: string): string {
  counter += 1;
  const watched = WATCHED[`${table}.${column}`];
  if (watched) return watched;
  if (type === 'uuid') return 'gen_random_uuid()';
  if (type === 'bytea') return `'\\x${counter.toString(16).padStart(8, '0')}'`;
  if (type === 'ARRAY') return `'{}'`;
  if (type === 'jsonb') return `'{}'`;
  if (type === 'boolean') return 'true';
  if (type === 'text') return `'text ${counter}'`;
  return String(counter);
}

/** What the app role sees of a table; null = it may not even look. */
async function seen(table: Table, accountId: number | null): Promise<number[] | null> {
  const client = await test.db.appPool.connect();
  try {
    await client.query('begin');
    if (accountId !== null)
      await client.query(`select set_config('veredus.account_id', $1, true)`, [String(accountId)]);
    const { rows } = await client.query(`select account_id from ${table.name}`);
    return rows.map((row) => row.account_id);
  } catch (error) {
    if ((error as { code?: string }).code === '42501') return null;
    throw error;
  } finally {
    await client.query('rollback');
    client.release();
  }
}

describe('row-level security', () => {
  it('is forced on every table with an account_id, and knows them all', () => {
    const names = tables.map(({ name }) => name);
    expect(names.length).toBeGreaterThanOrEqual(19);
    expect(names).toEqual(expect.arrayContaining(['accounts', 'users', 'api_keys', 'messages', 'receipts', 'exports']));
    const open = tables.filter(({ partition, forced }) => !partition && !forced);
    expect(open.map(({ name }) => name)).toEqual([]);
    // A partition is read through its parent, whose policy holds there; by its own name the app may not read it.
    expect(tables.filter(({ partition, forced, readable }) => partition && readable && !forced)).toEqual([]);
  });

  it('has rows of both accounts to hide in every table', async () => {
    for (const { name } of tables.filter(({ partition }) => !partition)) {
      const { rows } = await test.db.enginePool.query(`select distinct account_id from ${name}`);
      expect(
        rows.map((row) => row.account_id),
        name,
      ).toEqual(expect.arrayContaining([a, b]));
    }
  });

  it('[rls:no-account] shows the app role nothing while no account is set', async () => {
    for (const table of tables) expect((await seen(table, null)) ?? [], table.name).toEqual([]);
  });

  it('shows the app role the rows of the account that is set, and never another’s', async () => {
    let looked = 0;
    for (const table of tables) {
      const rows = await seen(table, a);
      if (rows === null) continue;
      looked += 1;
      expect(new Set(rows), table.name).toEqual(new Set([a]));
    }
    expect(looked).toBeGreaterThanOrEqual(15);
  });

  it('forgets the account with the transaction', async () => {
    const accounts = tables.find(({ name }) => name === 'accounts') as Table;
    expect(await seen(accounts, b)).toEqual([b]);
    const clients = await Promise.all(Array.from({ length: 8 }, () => test.db.appPool.connect()));
    for (const client of clients) {
      expect((await client.query('select * from accounts')).rows).toEqual([]);
      client.release();
    }
  });

  it('lets the app role write for the account that is set and for no other', async () => {
    const insert = (account: number) =>
      `insert into sender_numbers (account_id, number, created_at) values (${account}, '+1', 1)`;
    const client = await test.db.appPool.connect();
    try {
      await client.query('begin');
      await client.query(`select set_config('veredus.account_id', '${a}', true)`);
      await client.query(insert(a));
      expect((await client.query(`update sender_numbers set created_at = 5 where account_id = ${b}`)).rowCount).toBe(0);
      expect((await client.query(`delete from receipt_rules where account_id = ${b}`)).rowCount).toBe(0);
      await expect(client.query(insert(b))).rejects.toThrow('row-level security');
    } finally {
      await client.query('rollback');
      client.release();
    }
  });

  it('belongs to roles that cannot step out of it', async () => {
    const { rows } = await test.db.enginePool.query(
      `select rolname, rolsuper, rolbypassrls from pg_roles where rolname like 'veredus\\_%' order by 1`,
    );
    expect(rows).toEqual([
      { rolname: 'veredus_app', rolsuper: false, rolbypassrls: false },
      { rolname: 'veredus_engine', rolsuper: false, rolbypassrls: true },
    ]);
  });
});
