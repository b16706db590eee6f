import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { addAccount } from '../../../../test/rig/stored-messages.ts';
import {
  attemptsOf,
  clearHooks,
  deliveriesOf,
  endpointsOf,
  eventsOf,
  type Got,
  type Hooks,
  openHooks,
  rigKey,
} from '../../../../test/rig/webhooks.ts';
import { shownKey } from './sign.ts';

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

const HOUR = 3_600_000;
const status = (code: number, headers: Record<string, string> = {}) => {
  hooks.answers.set('hooks.example', (response) => response.writeHead(code, headers).end(`said ${code}`));
};
const deliveries = () => deliveriesOf(database.db);
const endpoint = async () => (await endpointsOf(database.db))[0];
/** Verifies as a receiver would, at the time the request came. */
const verify = (got: Got, generation = 1, endpointId?: number) => {
  const webhook = new Webhook(shownKey(rigKey(endpointId!, generation)));
  return webhook.verify(got.body, got.headers);
};

describe('an event', () => {
  test(verifies('webhooks:body', 'arrives form-encoded, as JSON, or as the terms of a GET'), async () => {
    const fields = { body: 'Grüße & "€"', from: '+61411111111', timestamp: 1_789_990_100, error_code: null };
    const url = 'https://hooks.example/in?token=a%20b#part';
    await hooks.queue({ method: 'post', fields, url }, { method: 'json', fields, url }, { method: 'get', fields, url });
    await hooks.settle();
    await hooks.settle();
    const terms = 'body=Gr%C3%BC%C3%9Fe+%26+%22%E2%82%AC%22&from=%2B61411111111&timestamp=1789990100&error_code=';
    const byType = Object.fromEntries(hooks.got.map((got) => [`${got.method} ${got.headers['content-type']}`, got]));
    expect(byType['POST application/x-www-form-urlencoded']).toMatchObject({ url: '/in?token=a%20b', body: terms });
    expect(byType['POST application/json']).toMatchObject({ url: '/in?token=a%20b', body: JSON.stringify(fields) });
    expect(byType['GET undefined']).toMatchObject({ url: `/in?token=a%20b&${terms}`, body: '' });
    expect(await endpointsOf(database.db)).toHaveLength(1);
    expect((await deliveries()).map(({ state, attempts }) => [state, attempts])).toEqual(Array(3).fill([1, 1]));
  });

  test('of hostile text arrives as it can be stored', async () => {
    await hooks.queue({ method: 'json', fields: { body: 'a\u0000b\ud800' }, url: 'https://hooks.example/\u0000ü' });
    await hooks.settle();
    expect(JSON.parse(hooks.got[0]!.body)).toEqual({ body: 'a\ufffdb\ufffd' });
    expect(hooks.got[0]!.url).toBe('/%00%C3%BC');
  });

  test(verifies('webhooks:signed', 'is signed so that the official library verifies it'), async () => {
    hooks.internet.clock.advance(Date.now() - hooks.internet.clock.now());
    const [id] = await hooks.queue({ method: 'json' });
    await hooks.queue({ method: 'get', depth: 1, kind: 'receipt', occurredAt: 1_700_000_000_123 });
    await hooks.settle();
    await hooks.settle();
    const { endpoint_id } = await endpoint();
    const json = hooks.got.find(({ method }) => method === 'POST')!;
    const get = hooks.got.find(({ method }) => method === 'GET')!;
    expect(verify(json, 1, endpoint_id)).toMatchObject({ body: 'Thanks!' });
    expect(json.headers).toMatchObject({ 'webhook-id': `msg_${id}`, 'veredus-depth': '1', 'veredus-event': 'inbound' });
    // Without a body there is nothing the library could parse, so only the signature is asked.
    const sign = new Webhook(shownKey(rigKey(endpoint_id, 1)));
    const at = new Date(Number(get.headers['webhook-timestamp']) * 1000);
    expect(sign.sign(get.headers['webhook-id']!, at, '')).toBe(get.headers['webhook-signature']);
    expect(get.headers).toMatchObject({ 'veredus-depth': '2', 'veredus-occurred-at': '1700000000123' });
    expect(get.headers['user-agent']).toBe('Veredus');
    expect(() => verify({ ...json, body: `${json.body} ` }, 1, endpoint_id)).toThrow();
    expect(() => verify(json, 2, endpoint_id)).toThrow();
  });

  test(verifies('webhooks:rotation', 'is signed with both keys for a day, then with the new one'), async () => {
    await hooks.queue({});
    await hooks.settle();
    const { endpoint_id } = await endpoint();
    const now = hooks.internet.clock.now();
    await database.db.enginePool.query('update webhook_endpoints set key_generation = 2, previous_until = $1', [
      now + 24 * HOUR,
    ]);
    await hooks.queue({});
    await hooks.settle();
    hooks.internet.clock.advance(24 * HOUR);
    await hooks.queue({});
    await hooks.settle();
    const signers = hooks.got.map(({ headers, body }) => {
      const at = new Date(Number(headers['webhook-timestamp']) * 1000);
      const by = (generation: number) =>
        new Webhook(shownKey(rigKey(endpoint_id, generation))).sign(headers['webhook-id']!, at, body);
      const names: Record<string, number> = { [by(1)]: 1, [by(2)]: 2 };
      return headers['webhook-signature']!.split(' ').map((signature) => names[signature]);
    });
    expect(signers).toEqual([[1], [2, 1], [2]]);
  });

  test(verifies('webhooks:log', 'leaves a log of what was sent and what came back'), async () => {
    status(503);
    const [id] = await hooks.queue({ fields: { body: 'x' } });
    await hooks.settle();
    status(204);
    await hooks.next();
    const log = await attemptsOf(database.db);
    expect(log.map(({ attempt, status, fault }) => [attempt, status, fault])).toEqual([
      [1, 503, 'It answered 503.'],
      [2, 204, null],
    ]);
    expect(log[0]).toMatchObject({ delivery_id: id, account_id: accountId, took_ms: expect.any(Number) });
    expect(log[0].answer).toMatch(/^HTTP\/1\.1 503\r\n[\s\S]*\r\n\r\nsaid 503$/);
    const { headers } = hooks.got[0]!;
    expect(log[0].request).toContain(`POST /in HTTP/1.1\r\nhost: hooks.example\r\n`);
    expect(log[0].request).toContain(`webhook-signature: ${headers['webhook-signature']}\r\n`);
    expect(log[0].request).toMatch(/\r\n\r\nbody=x$/);
    expect(log[0].at).toBe(log[1].at - 5_000);
  });
});

describe('a failure', () => {
  test(verifies('webhooks:schedule', 'is tried ten times over 75.6 hours, then it is dead'), async () => {
    status(500);
    const begun = hooks.internet.clock.now();
    const [id] = await hooks.queue({});
    await hooks.settle();
    while (await hooks.next());
    const minutes = hooks.got.map(({ at }) => (at - begun) / 60_000);
    const sums = [0, 5 / 60, 5, 30, 120, 300, 600, 840, 1_200, 1_440].map((_, i, all) =>
      all.slice(0, i + 1).reduce((sum, pause) => sum + pause, 0),
    );
    expect(minutes.map((minute) => Math.round(minute * 1_000))).toEqual(sums.map((sum) => Math.round(sum * 1_000)));
    expect(new Set(hooks.got.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([`msg_${id}`]));
    expect(await deliveries()).toMatchObject([{ state: 2, attempts: 10, next_attempt_at: null }]);
  });

  test.each([199 + 101, 304, 400, 404, 429, 500])(verifies('webhooks:schedule', '%i is one'), async (code) => {
    status(code);
    await hooks.queue({});
    await hooks.settle();
    expect(await deliveries()).toMatchObject([{ state: 0, attempts: 1 }]);
    expect(await endpoint()).toMatchObject({ failures: 1, last_fault: expect.stringContaining(String(code)) });
  });

  test(verifies('fault:F29', 'is a redirect to an address inside'), async () => {
    status(302, { location: 'http://169.254.169.254/latest/meta-data/' });
    await hooks.queue({});
    await hooks.settle();
    expect(hooks.internet.connections).toHaveLength(1);
    expect(await deliveries()).toMatchObject([{ state: 0, attempts: 1 }]);
    expect((await endpoint()).last_fault).toBe('It answered 302, a redirect: those are not followed.');
  });

  test.each([
    ['429', { 'retry-after': '3600' }, 3_600_000],
    ['503', { 'retry-after': new Date(Date.UTC(2026, 0, 1, 2)).toUTCString() }, 7_200_000],
    ['500', { 'retry-after': '99999999' }, 24 * HOUR],
    ['500', { 'retry-after': '0' }, 5_000],
    ['500', { 'retry-after': '-5' }, 5_000],
    ['500', { 'retry-after': 'soon' }, 5_000],
    ['500', { 'retry-after': '1' }, 5_000],
  ])(verifies('webhooks:schedule', '%s that says %j is tried again %i ms later'), async (code, headers, pause) => {
    status(Number(code), headers);
    const now = hooks.internet.clock.now();
    await hooks.queue({}, {});
    await hooks.settle();
    const tried = (await deliveries()).find(({ attempts }) => attempts === 1);
    expect(tried.next_attempt_at).toBe(now + pause);
    // Nothing else is sent there either while it asked for a pause.
    if (pause > 5_000) {
      hooks.internet.clock.advance(pause - 1);
      await hooks.settle();
      expect(hooks.got).toHaveLength(1);
    }
  });

  test(verifies('webhooks:gone', '410 disables the endpoint at once and its people are told'), async () => {
    status(410);
    await hooks.queue({}, {});
    await hooks.settle();
    expect(hooks.got).toHaveLength(1);
    expect(await endpoint()).toMatchObject({ disabled_why: expect.stringContaining('410') });
    await hooks.settle();
    const [late] = await hooks.queue({});
    const all = await deliveries();
    expect(all.map(({ state, attempts }) => [state, attempts])).toEqual([
      [2, 1],
      [2, 0],
      [2, 0],
    ]);
    expect(all[2].id).toBe(late);
    expect(await eventsOf(database.db)).toMatchObject([
      {
        account_id: accountId,
        kind: 'webhook.disabled',
        alert_due: true,
        facts: { subject: 'Webhooks to hooks.example were stopped', text: expect.stringContaining('410 Gone') },
      },
    ]);
  });

  test(
    verifies('webhooks:gone', 'of an address is told by its server and number: the rest may be a secret'),
    async () => {
      status(410);
      await hooks.queue({ url: 'https://hooks.example/SECRET/1?SECRET=2' });
      await hooks.settle();
      const [{ facts }] = await eventsOf(database.db);
      expect(facts).toMatchObject({ url: 'https://hooks.example', endpoint_id: (await endpoint()).endpoint_id });
      expect(facts.text).toContain(`https://hooks.example (webhook endpoint ${facts.endpoint_id})`);
      expect(JSON.stringify(facts)).not.toContain('SECRET');
    },
  );

  test(verifies('webhooks:guarded', 'is a name that leads inside, at each attempt'), async () => {
    hooks.internet.names.set('hooks.example', [
      [{ address: '10.0.0.5', family: 4 }],
      [{ address: '93.184.216.34', family: 4 }],
    ]);
    await hooks.queue({});
    await hooks.settle();
    expect(hooks.internet.connections).toHaveLength(0);
    expect((await endpoint()).last_fault).toContain('not on the public internet');
    await hooks.next();
    expect(await deliveries()).toMatchObject([{ state: 1, attempts: 2 }]);
  });
});
