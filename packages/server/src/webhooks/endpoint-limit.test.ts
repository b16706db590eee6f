import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { eventually } from '../../../../test/rig/server.ts';
import { addAccount } from '../../../../test/rig/stored-messages.ts';
import {
  clearHooks,
  deliveriesOf,
  endpointsOf,
  eventsOf,
  type Hooks,
  openHooks,
  type WebhookCall,
  webhookCall,
} from '../../../../test/rig/webhooks.ts';
import type { Caller } from '../accounts/caller.ts';
import { inTransaction } from '../db/transaction.ts';
import { pushAll } from '../rules/direct.ts';
import type { Want } from '../rules/want.ts';
import { pushTest, type TestPush } from './push-test.ts';
import { MOST_BY_EVENTS, MOST_ENDPOINTS } from './store.ts';
import { dropIdleEndpoints, dropOldDeliveries } from './store-sweep.ts';

let database: TestDatabase;
let me: Caller;
let other: Caller;
let hooks: Hooks;
beforeAll(async () => {
  database = await openTestDatabase();
  me = { ...(await addAccount(database.db, 'ana')), username: 'ana' } as unknown as Caller;
  other = { ...(await addAccount(database.db, 'ben')), username: 'ben' } as unknown as Caller;
});
afterAll(() => database.close());
beforeEach(async () => {
  hooks = await openHooks(database.db, me.accountId);
});
afterEach(async () => {
  await hooks.close();
  await clearHooks(database.db);
});

const DAY = 86_400_000;
const call = (id: WebhookCall, input: { params?: object; body?: object }, by = me) =>
  webhookCall(database.db, hooks, id, { ...input, by });
const push = (url: string, by = me) => {
  const test: TestPush = { url, method: 'post', fields: { body: 'x' }, depth: 0 };
  const parts = { db: database.db, clock: hooks.internet.clock, newId: () => crypto.randomUUID(), allowUrls: [] };
  return pushTest({ ...parts, wakeWebhooks: () => {} }, by, test);
};
/** Endpoints as events of rules make them. */
const fill = (count: number, from = 0) =>
  hooks.queue(...Array.from({ length: count }, (_, i) => ({ url: `https://h${from + i}.example/` })));

describe(verifies('webhooks:limits', 'an account that has as many endpoints as there may be'), () => {
  test('makes no more by test calls and by hand, and goes on with those it has', async () => {
    await fill(MOST_ENDPOINTS);
    await expect(push('https://more.example/')).rejects.toMatchObject({
      kind: 'bad-request',
      fields: { url: expect.stringContaining('as many as there may be') },
    });
    await expect(call('webhookEndpointCreate', { body: { url: 'https://more.example/' } })).rejects.toMatchObject({
      fields: { url: expect.stringContaining('500') },
    });
    await push('https://h7.example/');
    await call('webhookEndpointCreate', { body: { url: 'https://h7.example/' } });
    expect(await endpointsOf(database.db)).toHaveLength(MOST_ENDPOINTS);
    expect(await deliveriesOf(database.db)).toHaveLength(MOST_ENDPOINTS + 1);
    // Another account has room of its own.
    await push('https://more.example/', other);
  });

  test('has room for real events still; then they are refused one by one, and their owner is told', async () => {
    await fill(MOST_ENDPOINTS);
    const ids = await fill(MOST_ENDPOINTS + 2, MOST_ENDPOINTS - 1);
    // One was there already, 500 found room, one did not.
    expect(ids.filter((id) => id === null)).toHaveLength(1);
    expect(await endpointsOf(database.db)).toHaveLength(MOST_BY_EVENTS);
    expect(await deliveriesOf(database.db)).toHaveLength(2 * MOST_ENDPOINTS + 1);
    expect(await eventsOf(database.db)).toMatchObject([
      { account_id: me.accountId, kind: 'webhook.refused', facts: { deliveries: 1, url: expect.any(String) } },
    ]);
  });
});

test(verifies('webhooks:limits', 'the action of a rule that finds no room fails in words, alone'), async () => {
  await fill(MOST_BY_EVENTS);
  const want = (url: string) => {
    const ids = { account_id: me.accountId, id: crypto.randomUUID(), answers_id: null };
    const text = { ...ids, received_at: 1, depth: 0, sender: '+61411111111', body: 'Hi' };
    return { id: url, text, rule: { action_address: url }, ending: null } as unknown as Want;
  };
  const wants = [want('https://more.example/'), want('https://h3.example/')];
  const facts = { at: hooks.internet.clock.now(), newId: () => crypto.randomUUID(), log: () => expect.fail('a bug') };
  await inTransaction(database.db.enginePool, (run) => pushAll(run, wants, facts));
  expect(wants[0]!.ending).toMatchObject({ state: 2, outcome: expect.stringContaining('as many as there may be') });
  expect(wants[1]!.ending).toMatchObject({ state: 1 });
});

test(verifies('webhooks:limits', 'test calls are limited, by the minute and the account'), async () => {
  for (let i = 0; i < 30; i++) await push(`https://h${i % 3}.example/`);
  await expect(push('https://h1.example/')).rejects.toMatchObject({ kind: 'too-many-requests', retryAfter: 60 });
  await push('https://h1.example/', other);
  hooks.internet.clock.advance(60_000);
  await push('https://h1.example/');
  expect(await deliveriesOf(database.db)).toHaveLength(32);
});

describe(verifies('webhooks:limits', 'an endpoint to which nothing was sent for a month'), () => {
  const sweep = async () => {
    const before = hooks.internet.clock.now() - 30 * DAY;
    await dropOldDeliveries(database.db.enginePool, before, 100);
    await dropIdleEndpoints(database.db.enginePool, before, 100);
    return (await endpointsOf(database.db)).map(({ url }) => new URL(url).host);
  };
  const idOf = async (host: string): Promise<number> =>
    (await endpointsOf(database.db)).find(({ url }) => url.includes(host))!.endpoint_id;

  test('is forgotten, but not one that somebody counts on', async () => {
    const names = ['idle', 'waits', 'shown', 'rotated', 'off'];
    hooks.answers.set('waits.example', (response) => response.writeHead(500).end());
    await hooks.queue(...names.map((name) => ({ url: `https://${name}.example/` })));
    await call('webhookEndpointCreate', { body: { url: 'https://made.example/' } });
    await hooks.settle();
    await call('webhookKeyShow', { params: { endpoint_id: await idOf('shown') } });
    await call('webhookKeyRotate', { params: { endpoint_id: await idOf('rotated') } });
    await call('webhookDisable', { params: { endpoint_id: await idOf('off') } });
    hooks.internet.clock.advance(29 * DAY);
    expect(await sweep()).toHaveLength(6);
    hooks.internet.clock.advance(2 * DAY);
    expect((await sweep()).sort()).toEqual(['made', 'off', 'rotated', 'shown', 'waits'].map((one) => `${one}.example`));
    // It is made anew when it is needed again.
    await hooks.queue({ url: 'https://idle.example/' });
    await hooks.settle();
    expect(hooks.got.filter(({ host }) => host === 'idle.example')).toHaveLength(2);
  });

  test('is there for an event that is queued while it is being forgotten', async () => {
    await hooks.queue({ url: 'https://idle.example/' });
    await hooks.settle();
    hooks.internet.clock.advance(31 * DAY);
    await dropOldDeliveries(database.db.enginePool, hooks.internet.clock.now(), 100);
    const client = await database.db.enginePool.connect();
    await client.query('begin');
    await dropIdleEndpoints(client, hooks.internet.clock.now(), 100);
    const queueing = hooks.queue({ url: 'https://idle.example/' });
    // It has found the endpoint, and waits for what becomes of it.
    await eventually(async () => {
      const { rows } = await client.query('select from pg_locks where not granted');
      return rows.length > 0;
    });
    await client.query('commit');
    client.release();
    const [id] = await queueing;
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(await deliveriesOf(database.db)).toMatchObject([{ id, state: 0 }]);
  });
});
