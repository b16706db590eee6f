import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { eventually } from '../../../../test/rig/server.ts';
import { addAccount } from '../../../../test/rig/stored-messages.ts';
import {
  attemptsOf,
  clearHooks,
  deliveriesOf,
  endpointsOf,
  type Hooks,
  openHooks,
} from '../../../../test/rig/webhooks.ts';
import { withClient } from '../db/with-client.ts';
import { LEASE_MS } from './send.ts';

let database: TestDatabase;
let accountId: number;
let hooks: Hooks;
beforeAll(async () => {
  database = await openTestDatabase();
  ({ accountId } = await addAccount(database.db, 'hooks'));
});
afterAll(() => database.close());
beforeEach(async () => {
  hooks = await openHooks(database.db, accountId);
});
afterEach(async () => {
  await hooks.close();
  await clearHooks(database.db);
  expect(hooks.logged).toEqual([]);
});

const status = (code: number, headers: Record<string, string> = {}) => {
  hooks.answers.set('hooks.example', (response) => response.writeHead(code, headers).end(`said ${code}`));
};
const deliveries = () => deliveriesOf(database.db);
const endpoint = async () => (await endpointsOf(database.db))[0];

describe(verifies('webhooks:nodes', 'several nodes'), () => {
  test('send each event once between them', async () => {
    const other = hooks.node();
    const ids = await hooks.queue(
      ...Array.from({ length: 200 }, (_, i) => ({ url: `https://hooks-${i % 20}.example/` })),
    );
    await Promise.all([hooks.sender.run(), other.run()]);
    await Promise.all([hooks.sender.idle(), other.idle()]);
    await hooks.settle();
    expect(hooks.got.map(({ headers }) => headers['webhook-id']).sort()).toEqual(ids.map((id) => `msg_${id}`).sort());
    await other.stop();
  });

  test(verifies('invariant:I9', 'try again what a killed one held, after its lease and with its id'), async () => {
    // Its receiver never answers; what it still says when it is taken for dead comes too late.
    hooks.answers.set('hooks.example', () => {});
    const killed = hooks.node();
    const [id] = await hooks.queue({});
    await killed.run();
    await eventually(async () => hooks.got.length === 1);
    hooks.answers.clear();
    await hooks.settle();
    expect(hooks.got).toHaveLength(1);
    await database.db.enginePool.query('update webhook_deliveries set claimed_until = claimed_until - 1');
    const dying = killed.stop(2 * LEASE_MS);
    hooks.internet.clock.advance(LEASE_MS);
    // While the late failure of the other is written down the row is passed over; the next look finds it.
    await eventually(async () => {
      await hooks.settle();
      return hooks.got.length > 1;
    });
    expect(hooks.got.map(({ headers }) => headers['webhook-id'])).toEqual([`msg_${id}`, `msg_${id}`]);
    expect(await deliveries()).toMatchObject([{ state: 1, attempts: 1 }]);
    await dying;
    // Its own failure came too late to count.
    expect(await deliveries()).toMatchObject([{ state: 1, attempts: 1 }]);
  });

  test('that are stopped wait a while for what is out, and leave the rest to others', async () => {
    hooks.answers.set('hooks.example', () => {});
    const other = hooks.node();
    await hooks.queue({});
    await other.run();
    await eventually(async () => hooks.got.length === 1);
    const stopping = other.stop(3_000);
    hooks.internet.clock.advance(3_000);
    await stopping;
    expect(await deliveries()).toMatchObject([{ state: 0, claimed_until: null, attempts: 0 }]);
    hooks.answers.clear();
    await hooks.settle();
    expect(await deliveries()).toMatchObject([{ state: 1, attempts: 1 }]);
  });
});

test(verifies('webhooks:breaker', 'webhooks:nodes', 'of several nodes one sends the probe'), async () => {
  status(500);
  await hooks.queue(...Array.from({ length: 20 }, () => ({})));
  await hooks.settle();
  while ((await endpoint()).failures < 5) await hooks.next();
  const before = hooks.got.length;
  hooks.internet.clock.advance(5_000);
  const nodes = [hooks.sender, ...Array.from({ length: 3 }, () => hooks.node())];
  await Promise.all(nodes.map((node) => node.run()));
  await Promise.all(nodes.map((node) => node.idle()));
  expect(hooks.got).toHaveLength(before + 1);
  expect(await endpoint()).toMatchObject({ failures: 6 });
  await Promise.all(nodes.slice(1).map((node) => node.stop()));
});

test('what was fetched ahead is given back when its endpoint fails, and nothing is lost', async () => {
  await hooks.queue({});
  await hooks.settle();
  // Quick by now: it gets eight at once, and more is fetched ahead. Then it breaks.
  let answered = 0;
  hooks.answers.set('hooks.example', (response) => response.writeHead(++answered > 20 ? 500 : 200).end());
  await hooks.queue(...Array.from({ length: 100 }, () => ({})));
  await hooks.settle();
  const { rows } = await database.db.enginePool.query(
    'select count(*)::integer as held from webhook_deliveries where claimed_until is not null',
  );
  expect(rows[0].held).toBe(0);
  expect(hooks.got.length).toBeLessThan(40);
  hooks.answers.clear();
  while (await hooks.next());
  expect((await deliveries()).every(({ state }) => state === 1)).toBe(true);
  const times = Map.groupBy(hooks.got.slice(0, 21), ({ headers }) => headers['webhook-id']);
  expect([...times.values()].every((got) => got.length === 1)).toBe(true);
});

describe('what is written down', () => {
  test('is written alone where one of a chunk cannot be, and that one is tried again', async () => {
    const asOwner = (text: string) => withClient(database.url, (owner) => owner.query(text));
    await asOwner(`alter table webhook_attempts add constraint refusing check (request not like '%poison%')`);
    const urls = ['poison', 'a', 'b', 'c'].map((name) => ({ url: `https://hooks.example/${name}` }));
    await hooks.queue(...urls);
    await hooks.settle();
    await asOwner('alter table webhook_attempts drop constraint refusing');
    expect(hooks.got).toHaveLength(4);
    expect((await deliveries()).map(({ state }) => state)).toEqual([0, 1, 1, 1]);
    expect(hooks.logged.splice(0)).toEqual([expect.stringContaining('webhook.settle-failed')]);
    hooks.internet.clock.advance(LEASE_MS);
    await hooks.settle();
    expect((await deliveries()).map(({ state }) => state)).toEqual([1, 1, 1, 1]);
  });

  test('of one delivery is its last hundred attempts', async () => {
    await hooks.queue({});
    await hooks.settle();
    await database.db.enginePool.query(
      `insert into webhook_attempts (delivery_id, account_id, attempt, at, took_ms, request)
       select id, account_id, i, 1, 1, '' from webhook_deliveries, generate_series(2, 100) i`,
    );
    await database.db.enginePool.query('update webhook_deliveries set state = 0, attempts = 0, next_attempt_at = 0');
    await hooks.settle();
    const log = await attemptsOf(database.db);
    expect([log.length, log[0].attempt, log.at(-1).attempt]).toEqual([100, 2, 101]);
  });
});
