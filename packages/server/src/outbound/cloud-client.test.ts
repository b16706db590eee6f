import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTls } from 'node:https';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import type { TargetCall } from '@veredus/tools/target';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { type HandClock, handClock } from '../../../../test/rig/hand-clock.ts';
import { until } from '../../../../test/rig/link-owner.ts';
import { selfSigned } from '../../../../test/rig/self-signed.ts';
import { type CloudClient, cloudClient } from './cloud-client.ts';

const WHO = { username: 'ana', password: 'canary:pässword' };
const HEADER = `Basic ${Buffer.from('ana:canary:pässword').toString('base64')}`;

let clock: HandClock;
let server: Server;
let client: CloudClient;
let site: RequestListener;
let seen: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[];

beforeEach(async () => {
  clock = handClock();
  seen = [];
  site = (_, response) => tell(response, 200, { ok: true });
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    seen.push({ method: request.method!, url: request.url!, headers: request.headers, body });
    site(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = cloudClient({ origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, clock });
});
afterEach(async () => {
  client.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function tell(response: ServerResponse, status: number, data: unknown, headers: Record<string, string> = {}) {
  const envelope = { http_code: status, response_code: status === 200 ? 'SUCCESS' : 'NO', response_msg: 'Said.', data };
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(envelope));
}

const READ: TargetCall = {
  endpoint: { id: 'lists', method: 'GET', path: '/v3/lists' },
  operation: {},
  idempotencyKey: null,
};
const SEND: TargetCall = {
  endpoint: { id: 'smsSend', method: 'POST', path: '/v3/sms/send' },
  operation: { body: { messages: [{ to: '+61400000000', body: 'ü' }] } },
  idempotencyKey: 'key-1',
};
const USE = { accountId: 1, checks: false };
const call = (wish: TargetCall, asking = USE) => client.as(WHO, asking).call(wish);

/** As every answer must be: with nothing of the credentials. */
async function quietly(wish: TargetCall) {
  const answer = await call(wish);
  expect(JSON.stringify(answer)).not.toMatch(/canary|p%C3%A4ssword|YW5h/);
  return answer;
}

describe('a call of the cloud', () => {
  test(verifies('connections:cloud', 'goes with its parts, credentials and key'), async () => {
    site = (_, response) => tell(response, 200, { n: 1 }, { 'idempotent-replayed': 'true' });
    const answer = await quietly(SEND);
    expect(answer).toMatchObject({ kind: 'answer', status: 200, replayed: true, envelope: { data: { n: 1 } } });
    expect(seen).toMatchObject([{ method: 'POST', url: '/v3/sms/send', body: JSON.stringify(SEND.operation.body) }]);
    expect(seen[0]!.headers).toMatchObject({
      ...{ authorization: HEADER, 'idempotency-key': 'key-1', 'content-type': 'application/json' },
    });
    const operation = { params: { id: 'a/b?c' }, query: { page: 2, q: 'x y' } };
    await call({ ...READ, endpoint: { id: null, method: 'GET', path: '/v3/lists/{id}/x' }, operation });
    expect(seen[1]!.url).toBe('/v3/lists/a%2Fb%3Fc/x?page=2&q=x+y');
    expect(seen[1]!.headers).not.toHaveProperty('idempotency-key');
  });

  test.each(['', '.', '..'])('with a parameter %j is none', async (id) => {
    const wish = {
      ...READ,
      endpoint: { id: null, method: 'DELETE', path: '/v3/lists/{id}' },
      operation: { params: { id } },
    } as const;
    expect(await call(wish)).toMatchObject({ kind: 'undone' });
    expect(seen).toEqual([]);
  });

  test.each(['schlüssel', 'a b', 'a%20b', 'a\r\nx-evil: 1', '\ud800'])(
    'with the key %j goes as a header can hold it',
    async (key) => {
      expect((await call({ ...SEND, idempotencyKey: key })).kind).toBe('answer');
      expect(seen[0]!.headers['idempotency-key']).toBe(encodeURIComponent(key.toWellFormed()));
      expect(seen[0]!.headers).not.toHaveProperty('x-evil');
    },
  );

  test.each([400, 401, 403, 404, 422, 500, 503])('answered %i is an answer', async (status) => {
    site = (_, response) => tell(response, status, null);
    expect(await quietly(SEND)).toMatchObject({
      kind: 'answer',
      status,
      replayed: false,
      envelope: { response_code: 'NO' },
    });
    expect(seen.length).toBe(1);
  });

  test(verifies('connections:cloud', 'answered 429 says when to come back'), async () => {
    site = (_, response) => tell(response, 429, null, { 'retry-after': '30' });
    expect(await call(SEND)).toMatchObject({ status: 429, envelope: { response_msg: 'Said. Try again in 30 s.' } });
    site = (_, response) => response.writeHead(429, { 'retry-after': '7' }).end('slow down');
    expect(await call(SEND)).toMatchObject({
      status: 429,
      envelope: { response_msg: expect.stringContaining('in 7 s') },
    });
  });

  test.each([
    [200, 'POST', 'unknown'],
    [502, 'POST', 'unknown'],
    [504, 'PUT', 'unknown'],
    [502, 'GET', 'undone'],
    [404, 'POST', 'answer'],
    [401, 'GET', 'answer'],
  ] as const)(verifies('connections:cloud', 'answered %i with a page, %s is %s'), async (status, method, kind) => {
    site = (_, response) => response.writeHead(status).end('<html>canary</html>');
    const answer = await quietly({ ...SEND, endpoint: { ...SEND.endpoint, method } });
    expect(answer.kind).toBe(kind);
    expect(JSON.stringify(answer)).toContain(String(status));
    expect(seen.length).toBe(1);
  });

  test.each([301, 302, 307, 308])(verifies('connections:cloud', 'redirected with %i goes nowhere'), async (status) => {
    const other = createServer(() => expect.unreachable());
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const location = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`;
    site = (_, response) => response.writeHead(status, { location }).end();
    expect(await quietly(SEND)).toMatchObject({ kind: 'undone', words: expect.stringContaining('redirect') });
    expect(seen.length).toBe(1);
    other.close();
  });

  test(verifies('connections:cloud', 'cut after bytes left may have been done, a reading was not'), async () => {
    site = (request) => request.socket.destroy();
    expect((await quietly(SEND)).kind).toBe('unknown');
    expect((await quietly(READ)).kind).toBe('undone');
    site = (_, response) => {
      response.writeHead(200, { 'content-length': 5_000 });
      response.write('{"http_code":', () => response.socket?.destroy());
    };
    expect((await quietly(SEND)).kind).toBe('unknown');
    expect(seen.length).toBe(3);
  });

  test(verifies('connections:cloud', 'in silence it ends after 45 s, and is not made again'), async () => {
    site = () => {};
    const answer = quietly(SEND);
    await until(() => seen.length === 1);
    clock.advance(44_999);
    let over = false;
    void answer.then(() => {
      over = true;
    });
    await new Promise(setImmediate);
    expect(over).toBe(false);
    clock.advance(1);
    expect(await answer).toMatchObject({ kind: 'unknown', words: expect.stringContaining('45 s') });
    expect(seen.length).toBe(1);
  });

  test(verifies('connections:cloud', 'an answer without end is let go of'), async () => {
    site = (_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(' '.repeat(65_536)));
      };
      response.on('drain', more).on('error', () => {});
      more();
    };
    expect(await quietly(SEND)).toMatchObject({ kind: 'unknown', words: expect.stringContaining('larger than') });
  });

  test('given up by its caller ends at once', async () => {
    site = () => {};
    const controller = new AbortController();
    const answer = call({ ...SEND, signal: controller.signal });
    await until(() => seen.length === 1);
    controller.abort();
    expect((await answer).kind).toBe('unknown');
    expect((await call({ ...SEND, signal: controller.signal })).kind).toBe('undone');
    expect(seen.length).toBe(1);
  });

  test(
    verifies('connections:cloud', 'of one account is turned away when 20 are there, and keeps nobody else'),
    async () => {
      const held: ServerResponse[] = [];
      site = (request, response) => {
        if (request.method === 'POST') held.push(response);
        else tell(response, 200, { n: 1 });
      };
      const under = Array.from({ length: 90 }, () => call(SEND));
      const turnedAway = await Promise.all(under.slice(20));
      for (const answer of turnedAway) {
        expect(answer).toMatchObject({
          kind: 'undone',
          words: expect.stringContaining('too many calls of this account'),
        });
      }
      await until(() => held.length === 4);
      // Others are served meanwhile; the same account still hears whether credentials are right.
      expect((await call(READ, { accountId: 2, checks: false })).kind).toBe('answer');
      expect((await call(READ, { accountId: 1, checks: true })).kind).toBe('answer');
      expect(held.length).toBe(4);
      site = (_, response) => tell(response, 200, null);
      for (const response of held) tell(response, 200, null);
      expect((await Promise.all(under.slice(0, 20))).every(({ kind }) => kind === 'answer')).toBe(true);
      expect((await call(SEND)).kind).toBe('answer');
    },
  );

  test(verifies('connections:cloud', 'for a check finds a connection however many accounts send'), async () => {
    const held: ServerResponse[] = [];
    site = (request, response) => {
      if (request.method === 'POST') held.push(response);
      else tell(response, 200, { n: 1 });
    };
    const under = Array.from({ length: 40 }, (_, i) => call(SEND, { accountId: i % 10, checks: false }));
    await until(() => held.length === 14);
    expect((await call(READ, { accountId: 99, checks: true })).kind).toBe('answer');
    expect(held.length).toBe(14);
    // Nobody waits for longer than ten seconds, and of what waited nothing left.
    const ended: string[] = [];
    for (const one of under) void one.then(({ kind }) => ended.push(kind));
    clock.advance(9_999);
    await new Promise(setImmediate);
    expect(ended).toEqual([]);
    clock.advance(1);
    await until(() => ended.length === 26);
    expect(new Set(ended)).toEqual(new Set(['undone']));
    expect(seen.filter(({ method }) => method === 'POST').length).toBe(14);
    for (const response of held) response.destroy();
    await Promise.all(under);
  });

  test(verifies('connections:cloud', 'answered with something that nests without end has no answer'), async () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    site = (_, response) => response.writeHead(200).end(`{"response_code":"SUCCESS","data":${deep}}`);
    expect(await quietly(SEND)).toMatchObject({
      kind: 'unknown',
      words: expect.stringContaining('no answer of its API'),
    });
    expect((await quietly(READ)).kind).toBe('undone');
  });

  test(
    verifies('connections:cloud', 'answered at length is cut to sentences, and the wait is still told'),
    async () => {
      const envelope = { response_code: 'NO', response_msg: 'm'.repeat(5_000), data: { to: 'f'.repeat(5_000) } };
      site = (_, response) => response.writeHead(429, { 'retry-after': '9' }).end(JSON.stringify(envelope));
      const answer = await call(SEND);
      expect(answer).toMatchObject({ status: 429, envelope: { data: { to: `${'f'.repeat(999)}…` } } });
      expect(answer).toMatchObject({ envelope: { response_msg: `${'m'.repeat(999)}… Try again in 9 s.` } });
    },
  );
});

describe('a cloud that is not reached', () => {
  test(verifies('connections:cloud', 'refused connections: undone, and a reading is tried once more'), async () => {
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
    const { port } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    const other = cloudClient({ origin: `http://127.0.0.1:${port}`, clock });
    for (const wish of [SEND, READ]) {
      expect(await other.as(WHO, USE).call(wish)).toMatchObject({
        kind: 'undone',
        words: expect.stringContaining('ECONNREFUSED'),
      });
    }
    other.close();
  });

  test(
    verifies('connections:cloud', 'a certificate nobody vouches for: nothing is written, a reading is tried twice'),
    async () => {
      let said = 0;
      let connections = 0;
      const secure = createTls(selfSigned(), () => {
        said += 1;
      });
      secure.on('connection', () => {
        connections += 1;
      });
      await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
      const other = cloudClient({ origin: `https://localhost:${(secure.address() as AddressInfo).port}`, clock });
      expect((await other.as(WHO, USE).call(SEND)).kind).toBe('undone');
      expect(connections).toBe(1);
      expect((await other.as(WHO, USE).call(READ)).kind).toBe('undone');
      expect([connections, said]).toEqual([3, 0]);
      other.close();
      secure.close();
    },
  );

  test(verifies('connections:cloud', 'no connection within 10 s: undone'), async () => {
    const sockets = createSocketServer();
    let connections = 0;
    sockets.on('connection', (socket) => {
      connections += 1;
      socket.on('error', () => {});
    });
    await new Promise<void>((resolve) => sockets.listen(0, '127.0.0.1', resolve));
    // TLS that never answers the greeting.
    const other = cloudClient({ origin: `https://127.0.0.1:${(sockets.address() as AddressInfo).port}`, clock });
    const answer = other.as(WHO, USE).call(READ);
    await until(() => connections === 1);
    clock.advance(10_000);
    expect(await answer).toMatchObject({ kind: 'undone', words: expect.stringContaining('10 s') });
    expect(connections).toBe(1);
    other.close();
    sockets.close();
  });
});
