import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { eventually } from '../../../../test/rig/server.ts';
import { linesOf } from './lines.ts';
import { runStdio } from './run-stdio.ts';
import { eventsOf } from './server-sent-events.ts';
import { readBridgeSettings } from './settings.ts';

const KEY = 'secret-key-of-an-agent';
interface Got {
  headers: IncomingMessage['headers'];
  body: { id?: unknown; method: string; params?: Record<string, unknown> };
  url: string;
}
type Answer = (got: Got, response: ServerResponse) => void;

let got: Got[];
let answer: Answer;
let server: ReturnType<typeof createServer>;
let url: string;

const json = (response: ServerResponse, body: object, status = 200) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
const result = (id: unknown, value: object = {}) => ({ jsonrpc: '2.0', id, result: value });

beforeEach(async () => {
  got = [];
  answer = ({ body }, response) => {
    if (body.id === undefined) response.writeHead(202).end();
    else json(response, result(body.id, { echo: body.method }));
  };
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const seen = {
      headers: request.headers,
      body: JSON.parse(Buffer.concat(chunks).toString()),
      url: request.url ?? '',
    };
    got.push(seen);
    answer(seen, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  if (server.listening) {
    server.close();
    await once(server, 'close');
  }
});

/** The bridge on streams of ours; `lines` is all it has written, `said` what it told people. */
function start(env: Record<string, string> = {}) {
  const input = new PassThrough();
  const output = new PassThrough();
  const lines: string[] = [];
  const said: string[] = [];
  const pauses: number[] = [];
  let text = '';
  output.on('data', (chunk) => {
    text += chunk;
    lines.splice(0, lines.length, ...text.split('\n').slice(0, -1));
  });
  const ended = runStdio({
    env: { VEREDUS_URL: url, VEREDUS_AGENT_KEY: KEY, ...env },
    input,
    output,
    fetch,
    say: (words) => void said.push(words),
    pause: async (milliseconds) => void pauses.push(milliseconds),
  });
  const send = (message: unknown) =>
    input.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`);
  const read = () => lines.map((line) => JSON.parse(line));
  const finish = async () => {
    input.end();
    expect(await ended).toBe(0);
    return read();
  };
  return { input, output, send, read, finish, ended, said, pauses };
}

const ask = (id: unknown, method: string, params: object = {}) => ({ jsonrpc: '2.0', id, method, params });
const MODERN = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' };

test(verifies('bridge:eras', 'the older era carries the version that initialize came to'), async () => {
  answer = ({ body }, response) => {
    if (body.id === undefined) response.writeHead(202).end();
    else json(response, result(body.id, body.method === 'initialize' ? { protocolVersion: '2025-11-25' } : {}));
  };
  const bridge = start();
  bridge.send(ask(0, 'initialize', { protocolVersion: '2025-11-25' }));
  await eventually(async () => bridge.read().length === 1);
  bridge.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
  bridge.send(ask('a', 'tools/call', { name: 'X' }));
  expect((await bridge.finish()).map(({ id }) => id)).toEqual([0, 'a']);
  const by = (method: string) => got.find(({ body }) => body.method === method)?.headers ?? {};
  expect(by('initialize')).not.toHaveProperty('mcp-protocol-version');
  expect(by('notifications/initialized')['mcp-protocol-version']).toBe('2025-11-25');
  expect(by('tools/call')).toMatchObject({ 'mcp-protocol-version': '2025-11-25', authorization: `Bearer ${KEY}` });
  expect(by('tools/call')).not.toHaveProperty('mcp-method');
  expect(got.map((one) => one.url)).toEqual(['/mcp', '/mcp', '/mcp']);
});

test(
  verifies('bridge:eras', 'the newer era has its version, method and name in headers, whatever its letters'),
  async () => {
    const bridge = start({ VEREDUS_MCP_MODE: 'compact' });
    for (const [id, name] of ['PLAIN', 'Grüße', ' edge', '=?base64?eA==?='].entries()) {
      bridge.send(ask(id, 'tools/call', { name, _meta: MODERN }));
    }
    bridge.send(ask('d', 'server/discover', { _meta: MODERN }));
    await bridge.finish();
    const names = got.filter(({ body }) => body.method === 'tools/call').map(({ headers }) => headers['mcp-name']);
    const wrapped = (text: string) => `=?base64?${Buffer.from(text).toString('base64')}?=`;
    expect(names.sort()).toEqual(['PLAIN', wrapped('Grüße'), wrapped(' edge'), wrapped('=?base64?eA==?=')].sort());
    const discover = got.find(({ body }) => body.method === 'server/discover');
    expect(discover?.headers).toMatchObject({ 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'server/discover' });
    expect(discover?.url).toBe('/mcp?mode=compact');
  },
);

test('a stream is written line by line, the answer last', async () => {
  answer = ({ body }, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const notice = { jsonrpc: '2.0', method: 'notifications/progress', params: { progress: 1 } };
    response.write(`: hello\n\nevent: message\ndata: ${JSON.stringify(notice)}\n\n`);
    const text = JSON.stringify(result(body.id, { umlaut: 'ü' }));
    for (const byte of Buffer.from(`data: ${text}\r\n\r\n`)) response.write(Buffer.from([byte]));
    response.write(': still here\n\n');
  };
  const bridge = start();
  bridge.send(ask(1, 'tools/call', { name: 'X' }));
  const [notice, last] = await bridge.finish();
  expect([notice.method, last.result.umlaut]).toEqual(['notifications/progress', 'ü']);
});

test('a cancelled request is hung up, and not answered; others go on', async () => {
  let hungUp = false;
  answer = ({ body }, response) => {
    if (body.id !== 1) return json(response, result(body.id));
    response.on('close', () => {
      hungUp = true;
    });
  };
  const bridge = start();
  bridge.send(ask(1, 'tools/call', { name: 'X' }));
  await eventually(async () => got.length === 1);
  bridge.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } });
  await eventually(async () => hungUp);
  bridge.send(ask(2, 'tools/list'));
  expect((await bridge.finish()).map(({ id }) => id)).toEqual([2]);
  expect(got.map(({ body }) => body.method)).toEqual(['tools/call', 'tools/list']);
});

test('no more than 16 at once; what is cancelled in its turn never leaves', async () => {
  const held: (() => void)[] = [];
  answer = ({ body }, response) => void held.push(() => json(response, result(body.id)));
  const bridge = start();
  for (let id = 0; id < 40; id += 1) bridge.send(ask(id, 'tools/call', { name: 'X' }));
  await eventually(async () => held.length === 16);
  bridge.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 39 } });
  const answered = bridge.finish();
  await eventually(async () => {
    for (const one of held.splice(0)) one();
    return bridge.read().length === 39;
  });
  expect((await answered).length).toBe(39);
  expect(got.length).toBe(39);
});

test.each([
  ['{"jsonrpc":', null, -32700],
  ['[{"jsonrpc":"2.0","id":1,"method":"ping"}]', null, -32600],
  ['7', null, -32600],
  ['{"jsonrpc":"2.0","id":1}', 1, -32600],
  ['{"jsonrpc":"2.0","id":null,"method":"ping"}', null, -32600],
])('a line that is no message is answered: %s', async (line, id, code) => {
  const bridge = start();
  bridge.send(line);
  bridge.send('');
  expect(await bridge.finish()).toMatchObject([{ id, error: { code } }]);
  expect(got).toEqual([]);
});

test(verifies('bridge:lost', 'a call whose answer is lost is told so, and made once'), async () => {
  answer = (_got, response) => response.destroy();
  const bridge = start();
  bridge.send(ask(1, 'tools/call', { name: 'CLICKSEND_CREATE_SMS_SEND' }));
  const [{ error }] = await bridge.finish();
  expect(error).toMatchObject({ code: -32000, data: { done: 'unknown' } });
  expect(error.message).toMatch(/not known.*same call again/);
  expect(got.length).toBe(1);
});

test(verifies('bridge:lost', 'also where a stream ends before its answer'), async () => {
  answer = (_got, response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).end(': nothing\n\n');
  const bridge = start();
  bridge.send(ask(1, 'tools/call', { name: 'X' }));
  expect(await bridge.finish()).toMatchObject([{ id: 1, error: { data: { done: 'unknown' } } }]);
});

test.each([
  ['an answer', 'application/json', '{"jsonrpc":"2.0","id":1,"result":"'],
  ['an event', 'text/event-stream', 'data: {"jsonrpc":"2.0","id":1,"result":"'],
  ['an event of many lines', 'text/event-stream', 'data: {\n'],
])(verifies('bridge:lost', 'of %s without an end no more than 16 MiB is read'), async (_, type, begin) => {
  const MOST = 100;
  let sent = 0;
  const piece = begin.endsWith('\n') ? 'data: \n'.repeat(150_000) : 'x'.repeat(1024 * 1024);
  answer = (_got, response) => {
    response.writeHead(200, { 'content-type': type }).write(begin);
    const more = () => {
      if (sent >= MOST) response.end();
      else if (!response.destroyed) {
        sent += 1;
        response.write(piece, more);
      }
    };
    more();
  };
  const bridge = start();
  bridge.send(ask(1, 'tools/call', { name: 'X' }));
  const [{ id, error }] = await bridge.finish();
  expect([id, error.code, error.data]).toEqual([1, -32000, { done: 'unknown' }]);
  expect(error.message).toContain('larger than 16 MiB');
  expect(sent).toBeLessThan(MOST / 2);
});

test('what comes in answer to a notification is not read', async () => {
  let sent = 0;
  answer = ({ body }, response) => {
    if (body.id !== undefined) return json(response, result(body.id));
    const more = () => {
      if (sent >= 100) response.end();
      else if (!response.destroyed) {
        sent += 1;
        response.write('x'.repeat(1024 * 1024), more);
      }
    };
    more();
  };
  const bridge = start();
  bridge.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
  await eventually(async () => sent > 0);
  bridge.send(ask(1, 'tools/list'));
  expect((await bridge.finish()).map(({ id }) => id)).toEqual([1]);
  expect(sent).toBeLessThan(50);
});

test(verifies('bridge:lost', 'where nothing left it says so; only reads are made once more'), async () => {
  server.close();
  await once(server, 'close');
  const bridge = start();
  bridge.send(ask(1, 'tools/call', { name: 'X' }));
  await eventually(async () => bridge.read().length === 1);
  expect(bridge.pauses).toEqual([]);
  bridge.send(ask(2, 'tools/list'));
  const answers = await bridge.finish();
  expect(answers).toMatchObject([1, 2].map((id) => ({ id, error: { code: -32000, data: { done: 'no' } } })));
  expect(answers[0].error.message).toContain('cannot be reached (ECONNREFUSED)');
  expect(bridge.pauses.length).toBe(3);
});

test(verifies('bridge:lost', 'nothing leaves for a port that fetch goes to for nobody'), async () => {
  const bridge = start({ VEREDUS_URL: 'http://127.0.0.1:9' });
  bridge.send(ask(1, 'tools/call', { name: 'X' }));
  const [{ error }] = await bridge.finish();
  expect(error).toMatchObject({ code: -32000, data: { done: 'no' } });
  expect(error.message).toContain('cannot be reached (bad port): nothing was done');
});

test.each([
  [
    401,
    '{"jsonrpc":"2.0","error":{"code":-32000,"message":"This API key is not valid."},"id":null}',
    'no',
    'VEREDUS_AGENT_KEY',
  ],
  [404, '<html>', 'no', 'HTTP 404'],
  [502, 'bad gateway', 'unknown', 'HTTP 502'],
  [200, '<html>', 'unknown', 'no message'],
])('an answer that is none of the protocol, HTTP %i', async (status, text, undone, words) => {
  answer = (_got, response) => response.writeHead(status, { 'content-type': 'application/json' }).end(text);
  const bridge = start();
  bridge.send(ask('x', 'tools/call', { name: 'X' }));
  const [{ id, error }] = await bridge.finish();
  expect([id, error.data.done]).toEqual(['x', undone]);
  expect(error.message).toContain(words);
  expect(JSON.stringify(error)).not.toContain(KEY);
});

test('errors of the protocol pass as they are, with the id of their request', async () => {
  answer = (_got, response) =>
    json(
      response,
      { jsonrpc: '2.0', id: null, error: { code: -32022, message: 'Unsupported', data: { supported: ['x'] } } },
      400,
    );
  const bridge = start();
  bridge.send(ask(5, 'server/discover', { _meta: MODERN }));
  expect(await bridge.finish()).toEqual([
    { jsonrpc: '2.0', id: 5, error: { code: -32022, message: 'Unsupported', data: { supported: ['x'] } } },
  ]);
});

test(verifies('bridge:secret', 'the key follows no redirect'), async () => {
  const elsewhere = createServer((request, response) => {
    got.push({ headers: request.headers, body: { method: 'elsewhere' }, url: request.url ?? '' });
    response.end();
  });
  elsewhere.listen(0, '127.0.0.1');
  await once(elsewhere, 'listening');
  const location = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/mcp`;
  answer = (_got, response) => response.writeHead(307, { location }).end();
  const bridge = start();
  bridge.send(ask(1, 'tools/list'));
  expect(await bridge.finish()).toMatchObject([{ id: 1, error: { code: -32000 } }]);
  expect(got.map(({ body }) => body.method)).toEqual(['tools/list']);
  elsewhere.close();
});

test(verifies('bridge:secret', 'settings that would give the key away are refused, without repeating it'), () => {
  const wrong = [
    {},
    { VEREDUS_URL: 'http://127.0.0.1' },
    { VEREDUS_AGENT_KEY: KEY },
    { VEREDUS_URL: 'http://sms.example.com', VEREDUS_AGENT_KEY: KEY },
    { VEREDUS_URL: 'http://127.0.0.1.example.com', VEREDUS_AGENT_KEY: KEY },
    { VEREDUS_URL: `https://user:${KEY}@sms.example.com`, VEREDUS_AGENT_KEY: KEY },
    { VEREDUS_URL: 'ftp://sms.example.com', VEREDUS_AGENT_KEY: KEY },
    { VEREDUS_URL: 'nowhere', VEREDUS_AGENT_KEY: KEY },
    { VEREDUS_URL: 'https://sms.example.com', VEREDUS_AGENT_KEY: `${KEY}\nx` },
    { VEREDUS_URL: 'https://sms.example.com', VEREDUS_AGENT_KEY: KEY, VEREDUS_MCP_MODE: 'tiny' },
  ];
  for (const env of wrong) {
    const said = readBridgeSettings(env);
    expect(said, JSON.stringify(env)).toEqual(expect.any(String));
    expect(said).not.toContain(KEY);
  }
  const right = (env: object) => {
    const settings = readBridgeSettings({ VEREDUS_AGENT_KEY: KEY, ...env });
    return typeof settings === 'string' ? settings : settings.endpoint.href;
  };
  expect(right({ VEREDUS_URL: 'https://sms.example.com/' })).toBe('https://sms.example.com/mcp');
  expect(right({ VEREDUS_URL: 'https://example.com/sms/mcp' })).toBe('https://example.com/sms/mcp');
  expect(right({ VEREDUS_URL: 'http://[::1]:8080' })).toBe('http://[::1]:8080/mcp');
  expect(right({ VEREDUS_URL: 'http://10.0.0.1', VEREDUS_ALLOW_INSECURE_HTTP: '1' })).toBe('http://10.0.0.1/mcp');
});

test(verifies('bridge:end', 'what is under way is answered when the input ends'), async () => {
  let release = () => {};
  answer = ({ body }, response) => {
    release = () => json(response, result(body.id));
  };
  const bridge = start();
  bridge.send(ask(1, 'tools/call', { name: 'X' }));
  bridge.input.end();
  await eventually(async () => got.length === 1);
  release();
  expect(await bridge.ended).toBe(0);
  expect(bridge.read()).toMatchObject([{ id: 1, result: {} }]);
});

test(verifies('bridge:end', 'a client that reads no more ends it'), async () => {
  const bridge = start();
  bridge.output.destroy(new Error('EPIPE'));
  expect(await bridge.ended).toBe(0);
});

async function* bytes(text: string, size: number) {
  const all = Buffer.from(text);
  for (let at = 0; at < all.length; at += size) yield all.subarray(at, at + size);
}

test('lines and events come out whole, however they arrive', async () => {
  for (const size of [1, 2, 3, 7, 1_000]) {
    const lines: (string | null)[] = [];
    for await (const line of linesOf(bytes('{"a":"ü€😀"}\n\nlast', size))) lines.push(line);
    expect(lines).toEqual(['{"a":"ü€😀"}', '', 'last']);
    const events: string[] = [];
    for await (const event of eventsOf(
      bytes('data: 1\n\n: c\n\ndata:2\r\n\r\nid: x\ndata: a\ndata: b\n\ndata: cut', size),
    )) {
      events.push(event);
    }
    expect(events).toEqual(['1', '2', 'a\nb']);
  }
});

test('a line without an end is not kept', async () => {
  async function* endless() {
    for (let i = 0; i < 40; i += 1) yield Buffer.alloc(1_000_000, 'x');
    yield Buffer.from('\n{"a":1}\n');
  }
  const lines: (string | null)[] = [];
  for await (const line of linesOf(endless())) lines.push(line);
  expect(lines).toEqual([null, '{"a":1}']);
});
