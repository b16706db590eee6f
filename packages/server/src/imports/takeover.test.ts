import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { type Importing, importing } from '../../../../test/rig/importing.ts';
import type { Database } from '../db/db.ts';
import type { Client, Pool } from '../db/transaction.ts';
import { stopImport } from './end-import.ts';
import { openImporter } from './importer.ts';
import { readImport } from './read-imports.ts';
import { LEASE_MS } from './run-import.ts';
import { startImport } from './start-import.ts';

const clock = handClock();
/** Two whole chunks and a rest; every seventh row is refused. */
const ROWS = 2_100;
const numbers = (count: number) => Array.from({ length: count }, (_, i) => `+6141${1_000_000 + i}`);
const cells = numbers(ROWS).map((number, i) => (i % 7 === 6 ? 'x' : number));
const good = cells.filter((cell) => cell !== 'x');

let own: TestDatabase;
let us: Importing;
let list: number;
let id: string;
let accounts = 0;

beforeAll(async () => {
  own = await openTestDatabase();
});
afterAll(() => own.close());
beforeEach(async () => {
  us = await importing(own.db, clock, `owner${accounts++}`);
  await begin();
});

async function begin(rows: readonly string[] = cells): Promise<void> {
  list = await us.addList();
  const file_url = await us.upload(rows.join('\n'));
  id = (await startImport(us.parts, us.caller, list, { file_url, field_order: 'phone' })).data.id;
}
const look = async () => (await readImport(us.parts, us.caller, { list_id: list, import_id: id })).data;
const phones = async () => (await us.contacts(list)).map((contact) => contact.phone_number);

/** The lock of a dead session goes a moment after its socket; until then the import is passed over. */
async function workToTheEnd(): Promise<void> {
  const state = async () => {
    await us.work();
    return (await look()).state;
  };
  await expect.poll(state, { timeout: 10_000 }).toBe('done');
}

async function expectAll(): Promise<void> {
  const refused = ROWS - good.length;
  expect(await look()).toMatchObject({
    state: 'done',
    rows_read: ROWS,
    rows_added: good.length,
    rows_refused: refused,
  });
  expect(await phones()).toEqual(good);
  const { rows } = await own.db.enginePool.query(
    'select count(*)::integer as count from import_faults where import_id = $1',
    [id],
  );
  expect(rows[0].count).toBe(refused);
}

/** The same database, where `connect` decides what a worker meets before each of its chunks. */
function withPool(connect: () => Promise<Client>): Database {
  const query = own.db.enginePool.query.bind(own.db.enginePool);
  return { ...own.db, enginePool: { query, connect } as unknown as Pool };
}

const never = () => new Promise<never>(() => {});

/**
 * A database whose user is gone from its n-th statement on: before it, or after it was carried out and before anybody heard.
 * What was open in a transaction is rolled back, as when a process dies.
 */
function mortal(db: Database, dies: { at: number; heard: boolean }): { db: Database; died: Promise<void> } {
  let statements = 0;
  let tell = () => {};
  const died = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const run = async (work: () => Promise<unknown>, hangUp: () => void) => {
    statements++;
    if (statements > dies.at) return never();
    if (statements < dies.at) return work();
    if (dies.heard) await work();
    hangUp();
    tell();
    return never();
  };
  const query = (...given: unknown[]) =>
    run(
      () => db.enginePool.query(...(given as Parameters<Pool['query']>)) as unknown as Promise<unknown>,
      () => {},
    );
  const connect = async () => {
    const client = await db.enginePool.connect();
    if (statements >= dies.at) {
      client.release();
      return never();
    }
    const one = (...given: unknown[]) =>
      run(
        () => client.query(...(given as Parameters<Client['query']>)) as unknown as Promise<unknown>,
        () => client.release(true),
      );
    return { query: one, release: (error?: Error) => client.release(error) };
  };
  return { db: { ...db, enginePool: { query, connect } as unknown as Pool }, died };
}

/** Works until it dies or is done. */
async function workAsMortal(dies: { at: number; heard: boolean }): Promise<'died' | 'done'> {
  const { db, died } = mortal(own.db, dies);
  const importer = openImporter({ ...us.parts, db });
  const work = async () => {
    await importer.takeUp();
    await importer.idle();
    return 'done' as const;
  };
  return Promise.race([died.then(() => 'died' as const), work()]);
}

describe(verifies('import:exactly-once', 'every row is added once,'), () => {
  test('whichever statement of its worker is the last', { timeout: 120_000 }, async () => {
    let deaths = 0;
    for (const heard of [false, true]) {
      for (let at = 1; ; at++) {
        await begin();
        if ((await workAsMortal({ at, heard })) === 'done') break;
        deaths++;
        clock.advance(LEASE_MS);
        await workToTheEnd();
        await expectAll();
      }
      await expectAll();
    }
    expect(deaths).toBeGreaterThan(40);
  });

  test('also when one that was thought dead comes back', async () => {
    // No row is refused here, so that nothing but the token stands between the two.
    const rows = numbers(ROWS);
    await us.work();
    await begin(rows);
    let wake = () => {};
    const asleep = new Promise<void>((resolve) => {
      wake = resolve;
    });
    let fellAsleep = () => {};
    const sleeps = new Promise<void>((resolve) => {
      fellAsleep = resolve;
    });
    let chunks = 0;
    const connect = async () => {
      if (++chunks === 2) {
        fellAsleep();
        await asleep;
      }
      return own.db.enginePool.connect();
    };
    // Its heart stands still as well.
    const query = async (statement: { name?: string }, ...more: unknown[]) =>
      statement.name === 'set-import-lease'
        ? { rowCount: 1 }
        : own.db.enginePool.query(statement as never, ...(more as never[]));
    const sleeper = openImporter({ ...us.parts, db: { ...own.db, enginePool: { query, connect } as unknown as Pool } });
    await sleeper.takeUp();
    await sleeps;
    clock.advance(LEASE_MS);
    // It wakes while the other is in the middle, and would add the same chunk that the other adds next.
    let others = 0;
    const connectOther = async () => {
      if (++others === 2) {
        wake();
        await sleeper.idle();
      }
      return own.db.enginePool.connect();
    };
    const other = openImporter({ ...us.parts, db: withPool(connectOther) });
    await other.takeUp();
    await other.idle();
    expect(others).toBe(2);
    expect(await look()).toMatchObject({ state: 'done', rows_read: ROWS, rows_added: ROWS });
    expect(await phones()).toEqual(rows);
  });

  test('a living worker is left alone, however long it takes', async () => {
    let go = () => {};
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    let reached = () => {};
    const here = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const connect = async () => {
      reached();
      await held;
      return own.db.enginePool.connect();
    };
    const slow = openImporter({ ...us.parts, db: withPool(connect) });
    await slow.takeUp();
    await here;
    for (let seconds = 0; seconds < 90; seconds += 5) {
      clock.advance(5_000);
      const lease = 'select lease_until from imports where import_id = $1';
      const left = async () => (await own.db.enginePool.query(lease, [id])).rows[0].lease_until - clock.now();
      // A beat may still be under way while the clock is moved on, and one more with it: half of the lease is always left.
      await expect.poll(left, { timeout: 10_000 }).toBeGreaterThanOrEqual(LEASE_MS / 2);
    }
    await us.work();
    expect(await look()).toMatchObject({ state: 'adding', rows_added: 0 });
    go();
    await slow.idle();
    await expectAll();
  });

  test('a node that stops gives it back at once', async () => {
    let importer = us.importer;
    const connect = async () => {
      // At the first chunk the node is told to stop.
      void importer.stop(60_000);
      return own.db.enginePool.connect();
    };
    importer = openImporter({ ...us.parts, db: withPool(connect) });
    await importer.takeUp();
    await importer.idle();
    expect(await look()).toMatchObject({ state: 'adding', rows_read: 1_000 });
    const after = openImporter(us.parts);
    await after.takeUp();
    await after.idle();
    await expectAll();
  });

  test('[import:cancel] and none after it was cancelled', async () => {
    let chunks = 0;
    const connect = async () => {
      if (++chunks === 2) await stopImport(us.parts, us.caller, { list_id: list, import_id: id });
      return own.db.enginePool.connect();
    };
    const importer = openImporter({ ...us.parts, db: withPool(connect) });
    await importer.takeUp();
    await importer.idle();
    expect(await look()).toMatchObject({ state: 'cancelled', rows_read: 1_000 });
    const added = await phones();
    expect(added).toEqual(good.slice(0, added.length));
    expect(added).toHaveLength((await look()).rows_added);
    await us.work();
    expect(await phones()).toEqual(added);
  });

  test('a fault of the platform is logged and tried again, and ends it when it does not pass', async () => {
    let works = false;
    const connect = async () => {
      if (!works) throw new Error('no luck');
      return own.db.enginePool.connect();
    };
    const db = withPool(connect);
    const logged: unknown[] = [];
    const importer = openImporter({ ...us.parts, db, log: (event, facts) => logged.push({ event, ...facts }) });
    const turn = async () => {
      await importer.takeUp();
      await importer.idle();
      clock.advance(5_000);
    };
    await turn();
    expect(logged).toMatchObject([{ event: 'import.failed', import: Number(id), error: 'no luck' }]);
    expect(await look()).toMatchObject({ state: 'adding' });
    works = true;
    await turn();
    await expectAll();
    works = false;
    await begin();
    for (let takes = 0; takes < 26; takes++) await turn();
    expect(await look()).toMatchObject({ state: 'failed', words: expect.stringContaining('fault of the platform') });
  });
});
