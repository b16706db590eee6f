import { request } from 'node:http';
import { createClient } from '@veredus/contract/client';
import { endpoints, type OperationId } from '@veredus/contract/endpoints';
import type { Handlers } from '@veredus/server/accounts/call';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifies } from '../conformance/promises.ts';
import { ask, type House, openHouse, type Tenant } from '../faults/rig/house.ts';
import { eventually } from '../rig/server.ts';
import { makeEveryCall } from './every-call.ts';

/** What a client of ClickSend's v3 meets, over HTTP. */
let house: House;
let tenant: Tenant;

beforeAll(async () => {
  house = await openHouse();
  tenant = await house.tenant('wire');
});
afterAll(async () => {
  await house.close();
  expect(house.bugs).toEqual([]);
});

const credentials = () => `${tenant.username}:${tenant.key}`;
const call = (method: string, path: string, body?: string | object, more: { credentials?: string } = {}) =>
  ask(house.url, method, path, { credentials: credentials(), ...(body === undefined ? {} : { body }), ...more });
const envelopeOf = (text: string) => JSON.parse(text);
const history = async (query: Record<string, string>) =>
  (await call('GET', `/v3/sms/history?${new URLSearchParams(query)}`)).data;

let number = 0;
const sms = (fields: object = {}) => ({
  to: `+6140000${String(++number).padStart(4, '0')}`,
  body: `text ${number}`,
  ...fields,
});
const send = async (...messages: object[]) => (await call('POST', '/v3/sms/send', { messages })).data;

describe('envelopes', () => {
  test(verifies('wire:envelope', 'http_code is a number equal to the status, in success and refusal'), async () => {
    for (const [path, status] of [
      ['/v3/account', 200],
      ['/v3/sms/receipts/00000000-0000-7000-8000-000000000000', 404],
    ] as const) {
      const answer = await call('GET', path);
      expect(answer.status).toBe(status);
      expect(answer.headers.get('content-type')).toContain('application/json');
      expect(envelopeOf(answer.text)).toMatchObject({ http_code: status, response_msg: expect.any(String) });
      expect(Object.keys(envelopeOf(answer.text))).toEqual(
        expect.arrayContaining(['http_code', 'response_code', 'response_msg', 'data']),
      );
    }
  });

  test(verifies('wire:errors', 'each refusal has its status, its code, a sentence and a request id'), async () => {
    const cases: [Awaited<ReturnType<typeof ask>>, number, string][] = [
      [await call('POST', '/v3/sms/send', {}), 400, 'BAD_REQUEST'],
      [await call('POST', '/v3/sms/send', '{"messages":'), 400, 'BAD_REQUEST'],
      [await ask(house.url, 'GET', '/v3/account'), 401, 'UNAUTHORIZED'],
      [await call('GET', '/v3/account', undefined, { credentials: 'wire:wrong' }), 401, 'UNAUTHORIZED'],
      [await call('GET', '/v3/nowhere'), 404, 'NOT_FOUND'],
      [await call('DELETE', '/v3/account'), 405, 'NOT_FOUND'],
      [await call('PUT', '/v3/sms/cancel-all', { custom_string: 'x'.repeat(20_000) }), 413, 'PAYLOAD_TOO_LARGE'],
    ];
    for (const [answer, status, code] of cases) {
      expect(answer.status).toBe(status);
      const envelope = envelopeOf(answer.text);
      expect(envelope).toMatchObject({ http_code: status, response_code: code });
      expect(envelope.response_msg.length).toBeGreaterThan(10);
      expect(envelope.request_id).toBe(answer.headers.get('x-request-id'));
    }
    expect(cases[0]![0].data).toEqual({ messages: 'messages is required.' });
    expect(cases[2]![0].headers.get('www-authenticate')).toContain('Basic');
  });

  test(
    verifies('wire:body-limits', 'each route refuses a body over its own limit with 413, before it is read'),
    async () => {
      for (const endpoint of Object.values(endpoints)) {
        if (endpoint.method === 'GET') continue;
        const path = endpoint.path.replace(/\{\w+\}/g, '00000000-0000-7000-8000-000000000000');
        const answer = await call(endpoint.method, path, `{"a":"${'x'.repeat(endpoint.bodyLimit)}"}`);
        expect([endpoint.id, answer.status]).toEqual([endpoint.id, 413]);
      }
    },
  );
});

describe('what odd clients send', () => {
  const raw = (method: string, path: string, headers: Record<string, string>, body?: string) =>
    new Promise<number>((resolve, reject) => {
      const { hostname, port } = new URL(house.url);
      const auth = { authorization: `Basic ${Buffer.from(credentials()).toString('base64')}` };
      const sent = request({ hostname, port, method, path, headers: { ...auth, ...headers } }, (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
      });
      sent.on('error', reject);
      sent.end(body);
    });

  test(verifies('wire:tolerance', 'misspelt types, empty bodies, trailing slashes and chunks are taken'), async () => {
    const body = () => JSON.stringify({ messages: [sms()] });
    expect(await raw('POST', '/v3/sms/send', { 'content-type': 'applicaiton/json' }, body())).toBe(200);
    expect(
      await raw('POST', '/v3/sms/send', { 'transfer-encoding': 'chunked', 'content-type': 'application/json' }, body()),
    ).toBe(200);
    expect(await raw('POST', '/v3/sms/send/', { 'content-type': 'application/json' }, body())).toBe(200);
    expect(await raw('PUT', '/v3/sms/cancel-all', { 'content-length': '0' })).toBe(200);
    expect(
      await raw('PUT', '/v3/sms/receipts-read', { 'content-type': 'application/json', 'content-length': '0' }),
    ).toBe(200);
    expect(await raw('GET', '/v3/account', { 'content-type': 'application/json' })).toBe(200);
  });
});

describe('made from the contract', () => {
  test(
    verifies('wire:openapi', 'wire:routes', 'the reference names every endpoint, and every endpoint answers'),
    async () => {
      const document = JSON.parse(await (await fetch(`${house.url}/openapi.json`)).text());
      expect(document.openapi).toMatch(/^3\.1/);
      for (const endpoint of Object.values(endpoints)) {
        expect(document.paths[endpoint.path][endpoint.method.toLowerCase()].operationId).toBe(endpoint.id);
        const path = endpoint.path.replace(/\{\w+\}/g, '00000000-0000-7000-8000-000000000000');
        const answer = await ask(house.url, endpoint.method, path);
        expect([endpoint.id, answer.status]).toEqual([endpoint.id, endpoint.auth === 'none' ? 200 : 401]);
      }
      const page = await fetch(`${house.url}/docs/`);
      expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')]);
    },
  );

  test(verifies('wire:client', 'the typed client makes every call, and each answer fits its schema'), async () => {
    const client = createClient({ baseUrl: house.url, username: tenant.username, key: tenant.key, fetch });
    const answers = await makeEveryCall(client, (text) => house.smsc.say([text]), house.run);
    for (const [id, data] of Object.entries(answers)) {
      expect(endpoints[id as OperationId].data.safeParse(data).error, id).toBeUndefined();
    }
    const { messages } = answers.smsSend as { messages: { message_id: string }[] };
    expect(messages[0]).toMatchObject({ custom_string: 'typed', status: 'SUCCESS' });
    expect(answers.smsReceipt).toMatchObject({ message_id: messages[0]!.message_id, custom_string: 'typed' });
    await expect(client.smsCancel({ message_id: messages[1]!.message_id })).rejects.toMatchObject({ status: 400 });
  });

  test(verifies('wire:routes', 'a server without a handler for each endpoint does not compile'), () => {
    const { countries: _, ...others } = {} as Handlers;
    // @ts-expect-error countries has no handler
    const missing: Handlers = others;
    expect(missing).toEqual({});
  });
});

describe('search and pages', () => {
  beforeAll(async () => {
    await send(...Array.from({ length: 20 }, (_, i) => sms({ body: `needle ${i}`, custom_string: `run-${i % 2}` })), {
      to: 'nobody',
      body: 'needle refused',
    });
    await eventually(async () => (await history({ q: 'body:needle,status_code:201' })).total === 20);
  });

  test(verifies('search:q', 'search:operator', 'fields, operators and repeats'), async () => {
    expect((await history({ q: 'body:needle' })).total).toBe(21);
    expect((await history({ q: 'body:needle,custom_string:run-1' })).total).toBe(10);
    expect((await history({ q: 'custom_string:run-0,custom_string:run-1', operator: 'OR' })).total).toBe(20);
    expect((await history({ q: 'body:needle,status:Failed' })).total).toBe(1);
    const ids = (await history({ q: 'body:needle', order_by: 'body:desc', limit: '100' })).data.map(
      (row: { body: string }) => row.body,
    );
    expect(ids).toEqual([...ids].sort().reverse());
  });

  test(verifies('search:synonyms', 'search:unknown-field', 'search:plus', 'names and phones'), async () => {
    const by = async (order_by: string) =>
      (await history({ order_by })).data.map((row: { message_id: string }) => row.message_id);
    expect(await by('timestamp:desc')).toEqual(await by('date:desc'));
    const refused = await call('GET', '/v3/sms/history?q=colour:red');
    expect([refused.status, refused.data.q]).toEqual([400, expect.stringContaining('custom_string')]);
    const { to } = (await history({})).data[0];
    // A client that does not encode + sends what a server reads as a space.
    expect((await call('GET', `/v3/sms/history?q=to:${to}`)).data.total).toBeGreaterThan(0);
  });

  test(verifies('page:limit', 'a limit above 100 is 100; pages know their neighbours'), async () => {
    const page = await history({ q: 'body:needle', limit: '1000' });
    expect(page.per_page).toBe(100);
    const second = await history({ q: 'body:needle', page: '2', limit: '10' });
    expect(second).toMatchObject({ total: 21, per_page: 10, current_page: 2, last_page: 3, from: 11, to: 20 });
    for (const [url, at] of [
      [second.next_page_url, 'page=3'],
      [second.prev_page_url, 'page=1'],
    ]) {
      expect(url).toMatch(new RegExp(`^${house.url}/v3/sms/history\\?`));
      expect(url).toContain(at);
      expect(url).toContain('q=');
    }
    expect((await call('GET', '/v3/sms/history?limit=0')).status).toBe(400);
  });
});
