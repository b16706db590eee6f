import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { asAccount } from './db.ts';
import { isUnavailable } from './patient-pool.ts';
import { withClient } from './with-client.ts';

let own: TestDatabase;
const accounts = { first: 0, second: 0 };

beforeAll(async () => {
  own = await openTestDatabase();
  for (const name of ['first', 'second'] as const) {
    const row = { name, country: 'AU', currency: 'USD', created_at: 1_700_000_000_000 };
    const made = await own.db.engine
      .insertInto('accounts')
      .values(row)
      .returning('account_id')
      .executeTakeFirstOrThrow();
    accounts[name] = made.account_id;
  }
});

afterAll(() => own.close());

const names = async (rows: Promise<{ name: string }[]>) => (await rows).map((row) => row.name);

describe('the two roles', () => {
  test('with no account set, the app role sees no row', async () => {
    expect(await names(own.db.app.selectFrom('accounts').select('name').execute())).toEqual([]);
  });

  test('the engine role sees all accounts', async () => {
    expect(await names(own.db.engine.selectFrom('accounts').select('name').orderBy('name').execute())).toEqual([
      'first',
      'second',
    ]);
  });

  test('asAccount shows the rows of that account only, and the connection forgets it', async () => {
    const seen = await asAccount(own.db, accounts.second, (tx) =>
      names(tx.selectFrom('accounts').select('name').execute()),
    );
    expect(seen).toEqual(['second']);
    expect(await names(own.db.app.selectFrom('accounts').select('name').execute())).toEqual([]);
  });

  test('an error inside asAccount undoes and leaves the connection blind', async () => {
    const rule = { account_id: accounts.first, rule_name: 'x', action: 'POLL' };
    const failed = asAccount(own.db, accounts.first, async (tx) => {
      await tx.insertInto('receipt_rules').values(rule).execute();
      throw new RangeError('on purpose');
    });
    await expect(failed).rejects.toThrow('on purpose');
    expect(await own.db.engine.selectFrom('receipt_rules').selectAll().execute()).toEqual([]);
    expect(await names(own.db.app.selectFrom('accounts').select('name').execute())).toEqual([]);
  });

  test('a row of another account cannot be written', async () => {
    const rule = { account_id: accounts.first, rule_name: 'x', action: 'POLL' };
    const foreign = asAccount(own.db, accounts.second, (tx) => tx.insertInto('receipt_rules').values(rule).execute());
    await expect(foreign).rejects.toThrow(/row-level security/);
  });

  test.each([
    ['app', 'veredus_app', false],
    ['engine', 'veredus_engine', true],
  ] as const)('%s connections run as %s', async (which, role, bypasses) => {
    const query = sql<{ role: string; super: boolean; bypass: boolean }>`
      select current_user as role, rolsuper as super, rolbypassrls as bypass from pg_roles where rolname = current_user`;
    const { rows } = await query.execute(own.db[which]);
    expect(rows).toEqual([{ role, super: false, bypass: bypasses }]);
  });
});

describe('numbers', () => {
  test('bigint and bigint[] come as numbers', async () => {
    const { rows } =
      await sql`select 9007199254740991::bigint as one, array[1, null, -5]::bigint[] as many, '{}'::bigint[] as none`.execute(
        own.db.app,
      );
    expect(rows).toEqual([{ one: Number.MAX_SAFE_INTEGER, many: [1, null, -5], none: [] }]);
  });

  test('a bigint that a number cannot hold is an error, not another number', async () => {
    await expect(sql`select 9007199254740993::bigint as one`.execute(own.db.app)).rejects.toThrow('does not fit');
    const { rows } = await sql`select 1 as one`.execute(own.db.app);
    expect(rows).toEqual([{ one: 1 }]);
  });
});

describe('broken connections', () => {
  const cutAll = () =>
    withClient(own.url, (admin) =>
      admin.query(`select pg_terminate_backend(pid) from pg_stat_activity
        where application_name in ('veredus_app', 'veredus_engine') and datname = current_database()`),
    );

  test('idle ones are replaced: what meets them fails, as unavailable, a bounded number of times', async () => {
    const ask = () => sql<{ one: number }>`select 1 as one`.execute(own.db.app);
    await Promise.all([ask(), ask(), ask()]);
    const open = own.db.appPool.totalCount;
    expect(open).toBeGreaterThan(1);
    await cutAll();
    // A dying connection may fail twice: with its own last words, and once more before its end is noticed.
    const failures: unknown[] = [];
    let answer = null;
    while (answer === null && failures.length <= 2 * open) {
      answer = await ask().catch((error: unknown) => {
        failures.push(error);
        return null;
      });
    }
    expect(answer?.rows).toEqual([{ one: 1 }]);
    expect(failures.every(isUnavailable), String(failures)).toBe(true);
  });

  test('one that breaks inside a transaction fails that transaction, as unavailable', async () => {
    const cut = asAccount(own.db, accounts.first, async (tx) => {
      await cutAll();
      // Long enough for the end of the connection to arrive while no statement is under way.
      await withClient(own.url, (admin) => admin.query('select pg_sleep(0.1)'));
      return sql`select 1`.execute(tx);
    });
    const error = await cut.then(
      () => null,
      (failure: unknown) => failure,
    );
    expect(isUnavailable(error), String(error)).toBe(true);
    expect((await sql`select 1 as one`.execute(own.db.app)).rows).toEqual([{ one: 1 }]);
  });

  test('a wrong statement is not taken for an absent server', async () => {
    const error = await sql`select * from nowhere`.execute(own.db.app).then(
      () => null,
      (failure: unknown) => failure,
    );
    expect(isUnavailable(error)).toBe(false);
  });
});
