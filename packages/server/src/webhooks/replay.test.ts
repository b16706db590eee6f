import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { addAccount } from '../../../../test/rig/stored-messages.ts';
import {
  type Answered,
  clearHooks,
  deliveriesOf,
  type Hooks,
  openHooks,
  type WebhookCall,
  webhookCall,
} from '../../../../test/rig/webhooks.ts';
import type { Caller } from '../accounts/caller.ts';

let database: TestDatabase;
let me: Caller;
let hooks: Hooks;
beforeAll(async () => {
  database = await openTestDatabase();
  me = { ...(await addAccount(database.db, 'ana')), username: 'ana' } as unknown as Caller;
});
afterAll(() => database.close());
beforeEach(async () => {
  hooks = await openHooks(database.db, me.accountId);
});
afterEach(async () => {
  await hooks.close();
  await clearHooks(database.db);
});

const URL = 'https://hooks.example/in';
const call = (id: WebhookCall, input: { params?: object; query?: object; body?: object } = {}, by = me) =>
  webhookCall(database.db, hooks, id, { ...input, by });
const make = async (): Promise<number> => (await call('webhookEndpointCreate', { body: { url: URL } })).endpoint_id;
const show = (endpoint_id: number) => call('webhookEndpointShow', { params: { endpoint_id } });
const deliveries = (endpoint_id: number, query: object = {}) =>
  call('webhookDeliveries', { params: { endpoint_id }, query });

describe('a disabled endpoint', () => {
  test(verifies('webhooks:replay', 'webhooks:id', 'sends nothing; what came is dead and can be replayed'), async () => {
    const endpoint_id = await make();
    const [early] = await hooks.queue({ fields: { body: 'early' } });
    await call('webhookDisable', { params: { endpoint_id } });
    const [late] = await hooks.queue({ fields: { body: 'late' } });
    await hooks.settle();
    expect(hooks.got).toEqual([]);
    expect(await show(endpoint_id)).toMatchObject({ state: 'disabled', disabled_why: 'Disabled by ana.', dead: 2 });
    expect((await deliveries(endpoint_id, { state: 'dead' })).data).toMatchObject([
      { delivery_id: late, fault: expect.stringContaining('enable it') },
      { delivery_id: early, attempts: 0 },
    ]);
    const params = { delivery_id: early! };
    await expect(call('webhookReplay', { params })).rejects.toMatchObject({ kind: 'bad-request' });
    await expect(call('webhookReplayDead', { params: { endpoint_id } })).rejects.toMatchObject({ kind: 'bad-request' });
    await call('webhookEnable', { params: { endpoint_id } });
    await hooks.settle();
    expect(hooks.got).toEqual([]);
    expect(await call('webhookReplayDead', { params: { endpoint_id } })).toEqual({ count: 2, more: false });
    expect(hooks.wakes).toBe(2);
    await hooks.settle();
    await hooks.settle();
    const sent = hooks.got.map(({ headers, body }) => [headers['webhook-id'], body]).sort();
    expect(sent).toEqual([
      [`msg_${early}`, 'body=early'],
      [`msg_${late}`, 'body=late'],
    ]);
    expect(await show(endpoint_id)).toMatchObject({ state: 'active', dead: 0, waiting: 0 });
  });

  test('replays what was queued between two dates', async () => {
    const endpoint_id = await make();
    await call('webhookDisable', { params: { endpoint_id } });
    const begun = Math.floor(hooks.internet.clock.now() / 1000);
    for (let i = 0; i < 4; i++) {
      await hooks.queue({ fields: { body: String(i) } });
      hooks.internet.clock.advance(10_500);
    }
    await call('webhookEnable', { params: { endpoint_id } });
    const body = { date_from: begun + 10, date_to: begun + 21 };
    expect(await call('webhookReplayDead', { params: { endpoint_id }, body })).toEqual({ count: 2, more: false });
    await hooks.settle();
    await hooks.settle();
    expect(hooks.got.map((got) => got.body).sort()).toEqual(['body=1', 'body=2']);
  });
});

test(
  verifies('webhooks:replay', 'whoever says that it works again need not wait for the pause to be over'),
  async () => {
    const endpoint_id = await make();
    hooks.answers.set('hooks.example', (response) => response.writeHead(500).end());
    await hooks.queue({ fields: { body: 'waits' } });
    for (let i = 0; i < 4; i++) await hooks.next();
    expect((await deliveriesOf(database.db))[0].next_attempt_at).toBeGreaterThan(
      hooks.internet.clock.now() + 1_000_000,
    );
    hooks.answers.clear();
    hooks.got.length = 0;
    await hooks.settle();
    expect(hooks.got).toEqual([]);
    await call('webhookEnable', { params: { endpoint_id } });
    await hooks.settle();
    expect(hooks.got.map(({ body }) => body)).toEqual(['body=waits']);
  },
);

describe('a delivery', () => {
  test(
    verifies('webhooks:replay', 'webhooks:id', 'that arrived can be sent again, with its own schedule'),
    async () => {
      await make();
      const [delivery_id] = await hooks.queue({});
      await hooks.settle();
      const params = { delivery_id: delivery_id! };
      expect(await call('webhookReplay', { params })).toMatchObject({ state: 'waiting', attempts: 0, replays: 1 });
      hooks.answers.set('hooks.example', (response) => response.writeHead(500).end());
      await hooks.settle();
      const [stored] = await deliveriesOf(database.db);
      expect(stored.next_attempt_at).toBe(hooks.internet.clock.now() + 5_000);
      hooks.answers.clear();
      await hooks.next();
      const whole = await call('webhookDeliveryShow', { params });
      expect(whole).toMatchObject({ state: 'delivered', attempts: 2, replays: 1 });
      expect(whole.log.map(({ attempt, status }: Answered) => [attempt, status])).toEqual([
        [1, 200],
        [2, 500],
        [3, 200],
      ]);
      expect(new Set(hooks.got.map(({ headers, body }) => `${headers['webhook-id']} ${body}`)).size).toBe(1);
    },
  );

  test('that is on its way is not sent twice by a replay', async () => {
    await make();
    hooks.answers.set('hooks.example', () => {});
    const [delivery_id] = await hooks.queue({});
    await hooks.sender.run();
    expect(await call('webhookReplay', { params: { delivery_id: delivery_id! } })).toMatchObject({ replays: 0 });
    await hooks.sender.run();
    hooks.internet.clock.advance(15_000);
    await hooks.sender.idle();
    expect(hooks.got).toHaveLength(1);
  });

  test('can be sent again a thousand times, and then no more', async () => {
    const endpoint_id = await make();
    const [delivery_id] = await hooks.queue({});
    await hooks.settle();
    await database.db.enginePool.query('update webhook_deliveries set replays = 1000, state = 2');
    const params = { delivery_id: delivery_id! };
    await expect(call('webhookReplay', { params })).rejects.toMatchObject({ kind: 'bad-request' });
    expect(await call('webhookReplayDead', { params: { endpoint_id } })).toEqual({ count: 0, more: false });
  });
});
