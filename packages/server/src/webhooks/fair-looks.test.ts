import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { eventually } from '../../../../test/rig/server.ts';
import { addAccount } from '../../../../test/rig/stored-messages.ts';
import { clearHooks, deliveriesOf, type Hooks, openHooks } from '../../../../test/rig/webhooks.ts';

let database: TestDatabase;
let busy: number;
let other: number;
let hooks: Hooks;
beforeAll(async () => {
  database = await openTestDatabase();
  ({ accountId: busy } = await addAccount(database.db, 'busy'));
  ({ accountId: other } = await addAccount(database.db, 'other'));
});
afterAll(() => database.close());
beforeEach(async () => {
  hooks = await openHooks(database.db, busy);
});
afterEach(async () => {
  const stopping = hooks.sender.stop(0);
  hooks.internet.clock.advance(20_000);
  await stopping;
  await hooks.close();
  await clearHooks(database.db);
  await database.db.enginePool.query('update accounts set banned = false, active = true');
});

const ENDPOINTS = 320;
const urls = Array.from({ length: ENDPOINTS }, (_, i) => ({ url: `https://busy-${i}.example/` }));
const hangAll = () => {
  for (let i = 0; i < ENDPOINTS; i++) hooks.answers.set(`busy-${i}.example`, () => {});
};
const arrived = (host: string) => hooks.got.some((got) => got.host === host);
/** Looks once, and lets what sets out arrive. */
const look = async (host: string) => {
  await hooks.sender.run();
  await eventually(async () => arrived(host), 2_000).catch(() => null);
  return arrived(host);
};

describe(verifies('fault:F27', 'webhooks:fair', 'however many endpoints one account has'), () => {
  test("that are quick and busy, another account's first push leaves at the next look", async () => {
    await hooks.queue(...urls);
    await hooks.settle();
    expect(hooks.got).toHaveLength(ENDPOINTS);
    hangAll();
    for (let i = 0; i < 3; i++) await hooks.queue(...urls);
    await hooks.sender.run();
    hooks.internet.clock.advance(1);
    await hooks.queue({ accountId: other, url: 'https://first.example/' });
    expect(await look('first.example')).toBe(true);
  });

  test('that fail, another one that failed once is tried again when it is due', async () => {
    for (let i = 0; i < ENDPOINTS; i++)
      hooks.answers.set(`busy-${i}.example`, (response) => response.writeHead(500).end());
    hooks.answers.set('once.example', (response) => response.writeHead(500).end());
    await hooks.queue(...urls, { accountId: other, url: 'https://once.example/' });
    await hooks.settle();
    hangAll();
    hooks.answers.clear();
    hangAll();
    hooks.got.length = 0;
    hooks.internet.clock.advance(5_000);
    expect(await look('once.example')).toBe(true);
  });

  test('that nobody knows, one that is unknown as well finds a place', async () => {
    hangAll();
    await hooks.queue(...urls);
    await hooks.sender.run();
    hooks.internet.clock.advance(1);
    await hooks.queue({ accountId: other, url: 'https://first.example/' });
    expect(await look('first.example')).toBe(true);
    // It has its share of the lane, and no more.
    expect(hooks.got.filter(({ host }) => host.startsWith('busy')).length).toBeLessThanOrEqual(16);
  });
});

describe('what is queued for an account', () => {
  test.each(['banned = true', 'active = false'])('that is barred (%s) waits until it is not', async (change) => {
    const { enginePool } = database.db;
    await enginePool.query(`update accounts set ${change} where account_id = $1`, [busy]);
    await hooks.queue({ url: 'https://barred.example/' }, { accountId: other, url: 'https://first.example/' });
    await hooks.settle();
    expect(hooks.got.map(({ host }) => host)).toEqual(['first.example']);
    expect(await deliveriesOf(database.db)).toMatchObject([{ state: 0, attempts: 0 }, { state: 1 }]);
    await enginePool.query('update accounts set banned = false, active = true');
    await hooks.settle();
    expect(arrived('barred.example')).toBe(true);
  });
});
