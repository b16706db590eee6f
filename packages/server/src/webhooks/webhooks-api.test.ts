import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { addAccount } from '../../../../test/rig/stored-messages.ts';
import {
  clearHooks,
  deliveriesOf,
  type Hooks,
  openHooks,
  type WebhookCall,
  webhookCall,
} from '../../../../test/rig/webhooks.ts';
import type { Caller } from '../accounts/caller.ts';
import { asAccountClient } from '../db/runner.ts';
import { checkWebhookUrl } from './check-url.ts';
import { enqueueWebhooks } from './enqueue.ts';
import { dropOldDeliveries } from './store-sweep.ts';

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

const URL = 'https://hooks.example/in';
const HOUR = 3_600_000;
const call = (id: WebhookCall, input: { params?: object; query?: object; body?: object } = {}, by = me) =>
  webhookCall(database.db, hooks, id, { ...input, by });
const make = async (): Promise<number> => (await call('webhookEndpointCreate', { body: { url: URL } })).endpoint_id;
const show = (endpoint_id: number) => call('webhookEndpointShow', { params: { endpoint_id } });
const deliveries = (endpoint_id: number, query: object = {}) =>
  call('webhookDeliveries', { params: { endpoint_id }, query });

describe(verifies('webhooks:api', 'an endpoint'), () => {
  test('is made once, whatever the spelling, and shared with what is queued', async () => {
    const endpoint_id = await make();
    expect(await make()).toBe(endpoint_id);
    for (const url of ['HTTPS://HOOKS.EXAMPLE:443/in', 'https://hooks.example/in#here', ` ${URL}\n`])
      expect((await call('webhookEndpointCreate', { body: { url } })).endpoint_id).toBe(endpoint_id);
    await hooks.queue({}, {});
    expect(await show(endpoint_id)).toMatchObject({ url: URL, state: 'active', failures: 0, waiting: 2, dead: 0 });
    expect(await call('webhookEndpoints')).toMatchObject({ total: 1, data: [{ endpoint_id }] });
  });

  test.each(['ftp://a.example/', 'http://10.0.0.1/', 'https://a.example:8443/', 'https://a:b@a.example/', 'x', '  '])(
    verifies('webhooks:guarded', 'of %j is not made'),
    async (url) => {
      await expect(call('webhookEndpointCreate', { body: { url } })).rejects.toMatchObject({
        fields: { url: expect.any(String) },
      });
      expect(await call('webhookEndpoints')).toMatchObject({ total: 0 });
    },
  );

  test('may lie inside where the operator allows it', () => {
    checkWebhookUrl('http://10.0.0.1:8080/x', 'url', [{ host: '10.0.0.1', port: 8080 }]);
    expect(() => checkWebhookUrl(`https://a.example/${'ü'.repeat(1_000)}`, 'url', [])).toThrow('2048');
  });

  test('shows how it stands', async () => {
    const endpoint_id = await make();
    hooks.answers.set('hooks.example', (response) => response.writeHead(500).end());
    await hooks.queue({}, {});
    await hooks.settle();
    while ((await show(endpoint_id)).failures < 5) await hooks.next();
    const now = Math.floor(hooks.internet.clock.now() / 1000);
    expect(await show(endpoint_id)).toMatchObject({
      state: 'failing',
      blocked_until: now + 5,
      last_fault: 'It answered 500.',
      last_success_at: null,
    });
  });
});

describe('a key', () => {
  test(
    verifies('webhooks:rotation', 'webhooks:api', 'is shown, and after a change so is the one before, for a day'),
    async () => {
      hooks.internet.clock.advance(Date.now() - hooks.internet.clock.now());
      const endpoint_id = await make();
      const params = { endpoint_id };
      const first = await call('webhookKeyShow', { params });
      expect(first).toMatchObject({
        previous_key: null,
        previous_until: null,
        key: expect.stringMatching(/^whsec_.{44}$/),
      });
      const second = await call('webhookKeyRotate', { params });
      expect(second.previous_key).toBe(first.key);
      expect(second.key).not.toBe(first.key);
      await hooks.queue({ method: 'json' });
      await hooks.settle();
      for (const { key } of [first, second])
        expect(new Webhook(key).verify(hooks.got[0]!.body, hooks.got[0]!.headers)).toMatchObject({ body: 'Thanks!' });
      hooks.internet.clock.advance(24 * HOUR);
      expect(await call('webhookKeyShow', { params })).toMatchObject({ key: second.key, previous_key: null });
    },
  );
});

describe('a delivery', () => {
  test(verifies('webhooks:api', 'webhooks:log', 'is shown with every attempt and its exact bytes'), async () => {
    const endpoint_id = await make();
    hooks.answers.set('hooks.example', (response) => response.writeHead(502, { 'x-by': 'proxy' }).end('bad gateway'));
    const subjectId = '019973a2-4e10-7c31-9f0b-6a51d2c48e77';
    const [delivery_id] = await hooks.queue({ kind: 'receipt', subjectId, depth: 1, fields: { a: 'ü' } });
    await hooks.settle();
    hooks.answers.clear();
    await hooks.next();
    for (const id of [delivery_id!, `msg_${delivery_id}`, delivery_id!.toUpperCase()]) {
      const whole = await call('webhookDeliveryShow', { params: { delivery_id: id } });
      expect(whole).toMatchObject({
        delivery_id,
        endpoint_id,
        event: 'receipt',
        subject_id: subjectId.toUpperCase(),
        state: 'delivered',
        attempts: 2,
        status: 200,
        fault: null,
        depth: 1,
        url: URL,
        body: 'a=%C3%BC',
      });
      expect(whole.log).toMatchObject([
        { attempt: 1, status: 502, fault: 'It answered 502.' },
        { attempt: 2, status: 200, fault: null },
      ]);
      expect(whole.log[0].answer).toMatch(/x-by: proxy\r\n[\s\S]*\r\n\r\nbad gateway$/);
      expect(whole.log[0].request).toMatch(/^POST \/in HTTP\/1\.1\r\n[\s\S]*\r\n\r\na=%C3%BC$/);
    }
  });

  test('pages stay within their search', async () => {
    const endpoint_id = await make();
    const ids = await hooks.queue(...Array.from({ length: 5 }, () => ({})));
    const first = await deliveries(endpoint_id, { state: 'waiting', limit: '2' });
    expect(first).toMatchObject({ total: 5, last_page: 3, data: [{ delivery_id: ids[4] }, { delivery_id: ids[3] }] });
    expect(first.next_page_url).toBe(
      `https://msg.example/v3/webhooks/${endpoint_id}/deliveries?state=waiting&limit=2&page=2`,
    );
    expect((await deliveries(endpoint_id, { page: '4', limit: '2' })).data).toEqual([]);
    expect(await deliveries(endpoint_id, { state: 'delivered' })).toMatchObject({ total: 0 });
    await expect(deliveries(endpoint_id, { state: 'lost' })).rejects.toMatchObject({
      fields: { state: expect.any(String) },
    });
  });

  test('that ended is forgotten after a while, with its attempts; one that waits is not', async () => {
    hooks.answers.set('wait.example', (response) => response.writeHead(500).end());
    await hooks.queue({}, { url: 'https://wait.example/' });
    await hooks.settle();
    const { clock } = hooks.internet;
    expect(await dropOldDeliveries(database.db.enginePool, clock.now(), 10)).toBe(0);
    expect(await dropOldDeliveries(database.db.enginePool, clock.now() + 1, 10)).toBe(1);
    expect(await deliveriesOf(database.db)).toMatchObject([{ state: 0 }]);
    const { rows } = await database.db.enginePool.query('select count(*)::integer as count from webhook_attempts');
    expect(rows[0].count).toBe(1);
  });
});

describe(verifies('webhooks:api', 'invariant:I8', "another account's"), () => {
  test('endpoints and deliveries are not found, and nothing is changed', async () => {
    const endpoint_id = await make();
    const [delivery_id] = await hooks.queue({});
    const before = JSON.stringify(await deliveriesOf(database.db));
    const byEndpoint: WebhookCall[] = ['webhookEndpointShow', 'webhookKeyShow', 'webhookKeyRotate', 'webhookEnable'];
    for (const id of [...byEndpoint, 'webhookDisable', 'webhookDeliveries', 'webhookReplayDead'] as WebhookCall[])
      await expect(call(id, { params: { endpoint_id } }, other)).rejects.toMatchObject({ kind: 'not-found' });
    for (const id of ['webhookDeliveryShow', 'webhookReplay'] as WebhookCall[])
      for (const written of [delivery_id!, 'nonsense', `msg_${delivery_id}`])
        await expect(call(id, { params: { delivery_id: written } }, other)).rejects.toMatchObject({
          kind: 'not-found',
        });
    expect(await call('webhookEndpoints', {}, other)).toMatchObject({ total: 0 });
    expect(JSON.stringify(await deliveriesOf(database.db))).toBe(before);
    expect(await show(endpoint_id)).toMatchObject({ state: 'active' });
    // The same address is another endpoint of another account, with another key.
    const theirs = await call('webhookEndpointCreate', { body: { url: URL } }, other);
    expect(theirs.endpoint_id).not.toBe(endpoint_id);
  });

  test('address gets what that account queues, within its own transaction only', async () => {
    const item = {
      accountId: other.accountId,
      url: URL,
      method: 'post' as const,
      kind: 'test' as const,
      subjectId: null,
      fields: { body: 'x' },
      depth: 0,
      occurredAt: 1,
    };
    const facts = { at: 1, newId: () => crypto.randomUUID() };
    await expect(
      asAccountClient(database.db, me.accountId, (run) => enqueueWebhooks(run, [item], facts)),
    ).rejects.toThrow('row-level security');
    await expect(
      asAccountClient(database.db, other.accountId, async (run) => {
        await enqueueWebhooks(run, [item], facts);
        throw new Error('undone');
      }),
    ).rejects.toThrow('undone');
    expect(await deliveriesOf(database.db)).toEqual([]);
    await asAccountClient(database.db, other.accountId, (run) => enqueueWebhooks(run, [item, item], facts));
    expect(await deliveriesOf(database.db)).toHaveLength(2);
  });
});
