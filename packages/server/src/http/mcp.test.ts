import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { actions } from '@veredus/tools/catalogue';
import type { ToolAnswer, ToolHost, ToolProgress } from '@veredus/tools/host';
import { failed, succeeded } from '@veredus/tools/result';
import type { FastifyRequest } from 'fastify';
import { afterEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { DOOR_KEY, type McpDoor, openMcpDoor } from '../../../../test/rig/mcp-door.ts';
import { eventually } from '../../../../test/rig/server.ts';
import type { Caller } from '../accounts/caller.ts';

let door: McpDoor;
afterEach(() => door.close());

const SEND = 'CLICKSEND_CREATE_SMS_SEND';
const MODERN = '2026-07-28';
const envelope = {
  'io.modelcontextprotocol/protocolVersion': MODERN,
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};
const done: ToolAnswer = { ...succeeded({ http_code: 200 }), logId: 'log_1', replayed: false };

interface Post {
  headers?: Record<string, string>;
  query?: string;
  key?: string | null;
  signal?: AbortSignal;
}

/** One POST of a whole body, as text; the answer with its JSON, from a stream too. */
async function post(body: unknown, { headers = {}, query = '', key = DOOR_KEY, signal }: Post = {}) {
  const response = await fetch(`${door.url}/mcp${query}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...(signal && { signal }),
  });
  const text = await response.text();
  const sent = text.match(/^data: .+$/gm)?.map((line) => JSON.parse(line.slice(6)));
  const messages = sent ?? (text === '' ? [] : [JSON.parse(text)]);
  return { status: response.status, headers: response.headers, messages, message: messages.at(-1) };
}

const legacy = (method: string, params: object = {}) => ({ jsonrpc: '2.0', id: 1, method, params });
const call = (name: string, args: object = {}, meta: object = {}) =>
  legacy('tools/call', { name, arguments: args, _meta: meta });

/** The same call of the newer era, with the headers it must carry. */
function modern(method: string, params: { name?: string; _meta?: object } & Record<string, unknown> = {}) {
  const body = { jsonrpc: '2.0', id: 'one', method, params: { ...params, _meta: { ...envelope, ...params._meta } } };
  const headers: Record<string, string> = { 'mcp-protocol-version': MODERN, 'mcp-method': method };
  if (params.name) headers['mcp-name'] = params.name;
  return [body, { headers }] as const;
}

describe('who may come in', () => {
  test(verifies('mcp:door', 'nobody without a key, whatever he asks for'), async () => {
    door = await openMcpDoor();
    for (const key of [null, 'wrong', '']) {
      const { status, headers, message } = await post(legacy('tools/list'), { key });
      expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="veredus"']);
      expect(message).toMatchObject({ jsonrpc: '2.0', error: { code: -32000 }, id: null });
    }
    const inQuery = await post(legacy('tools/list'), { key: null, query: `?key=${DOOR_KEY}&x-api-key=${DOOR_KEY}` });
    expect(inQuery.status).toBe(401);
    expect((await fetch(`${door.url}/mcp`)).status).toBe(401);
    expect((await post(legacy('tools/list'), { key: null, headers: { 'x-api-key': DOOR_KEY } })).status).toBe(200);
    expect(door.calls).toEqual([]);
  });

  test(verifies('mcp:rebinding', 'no page of a stranger, under whatever name'), async () => {
    door = await openMcpDoor();
    for (const origin of [
      'https://evil.example',
      'null',
      'http://localhost.evil.example',
      'http://127.0.0.1.evil.example',
      'http://evil.example@127.0.0.1',
    ]) {
      expect((await post(legacy('ping'), { headers: { origin } })).status, origin).toBe(403);
    }
    for (const origin of [door.url, 'http://localhost:3000', 'http://[::1]:9']) {
      expect((await post(legacy('ping'), { headers: { origin } })).status, origin).toBe(200);
    }
  });

  test(
    verifies('mcp:rebinding', 'bound to loopback it answers to names of this machine and its public one'),
    async () => {
      const { checkOrigin } = await import('./mcp-origin.ts');
      door = await openMcpDoor();
      const local = { publicUrl: () => 'https://sms.example.com', boundTo: '127.0.0.1' };
      for (const host of ['127.0.0.1:8080', 'localhost', '[::1]:1', 'sms.example.com']) checkOrigin(local, { host });
      for (const host of [
        ...['evil.example:8080', '', 'localhost.evil.example', '127.0.0.1.evil.example', undefined],
        ...['evil.example@127.0.0.1', 'evil.example:x@localhost:8080', '127.0.0.1/evil', 'localhost#evil.example'],
      ]) {
        expect(() => checkOrigin(local, host === undefined ? {} : { host }), host).toThrow(/Host header/);
      }
      const open = { ...local, boundTo: '0.0.0.0' };
      checkOrigin(open, { host: 'anything.example', origin: 'https://sms.example.com' });
      expect(() => checkOrigin(open, { origin: 'http://localhost' })).toThrow(/origin/);
      expect(() => checkOrigin(open, { origin: 'http://sms.example.com' })).toThrow(/origin/);
    },
  );

  test('sessions and metadata of OAuth are not there, and said so in JSON', async () => {
    door = await openMcpDoor();
    const headers = { authorization: `Bearer ${DOOR_KEY}` };
    for (const method of ['GET', 'DELETE']) {
      const response = await fetch(`${door.url}/mcp`, { method, headers });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
      expect(await response.json()).toMatchObject({ error: { code: -32000 } });
    }
    for (const path of [
      'oauth-protected-resource',
      'oauth-protected-resource/mcp',
      'oauth-authorization-server',
      'openid-configuration',
    ]) {
      const response = await fetch(`${door.url}/.well-known/${path}`);
      expect([response.status, response.headers.get('content-type')]).toEqual([404, 'application/json; charset=utf-8']);
      expect(await response.json()).toMatchObject({ response_code: 'NOT_FOUND' });
    }
  });

  test('one key has only so many requests under way', async () => {
    const release: (() => void)[] = [];
    const run = () => new Promise<ToolAnswer>((resolve) => release.push(() => resolve(done)));
    door = await openMcpDoor({ run }, { most: 2 });
    const held = [post(call(SEND)), post(call(SEND))];
    await eventually(async () => release.length === 2);
    const third = await post(legacy('tools/list'));
    expect([third.status, third.headers.get('retry-after')]).toEqual([429, '1']);
    for (const let_go of release) let_go();
    await Promise.all(held);
    await eventually(async () => (await post(legacy('tools/list'))).status === 200);
  });
});

test(verifies('mcp:places', 'large bodies are read one at a time, and small ones go on'), async () => {
  const release: (() => void)[] = [];
  const run = () => new Promise<ToolAnswer>((resolve) => release.push(() => resolve(done)));
  door = await openMcpDoor({ run });
  const large = call(SEND, { messages: [{ to: '+61411111111', body: 'x'.repeat(300_000) }] });
  const first = post(large);
  await eventually(async () => release.length === 1);
  const second = await post(large);
  expect([second.status, second.headers.get('retry-after'), second.message.error.code]).toEqual([503, '5', -32000]);
  expect((await post(legacy('tools/list'))).status).toBe(200);
  release[0]!();
  expect((await first).status).toBe(200);
});

describe('a client that hangs up', () => {
  test.each(['CLICKSEND_CREATE_SMS_SEND', 'CLICKSEND_GET_ACCOUNT'])(
    verifies('mcp:places', 'frees no place while %s is at work for him'),
    async (slug) => {
      const release: (() => void)[] = [];
      const run = () => new Promise<ToolAnswer>((resolve) => release.push(() => resolve(done)));
      door = await openMcpDoor({ run }, { most: 2 });
      const gone = new AbortController();
      const held = [1, 2].map(() => post(call(slug), { signal: gone.signal }).catch(() => 'gone'));
      await eventually(async () => release.length === 2);
      gone.abort();
      expect(await Promise.all(held)).toEqual(['gone', 'gone']);
      await eventually(async () => door.hungUp() === 2);
      expect((await post(legacy('tools/list'))).status).toBe(429);
      for (const let_go of release) let_go();
      await eventually(async () => (await post(legacy('tools/list'))).status === 200);
      expect(door.logged).toEqual([]);
    },
  );

  test(verifies('mcp:places', 'keeps none where he goes before he was looked up'), async () => {
    const waiting: (() => void)[] = [];
    let slow = true;
    const admit = async () => {
      if (slow) await new Promise<void>((resolve) => waiting.push(resolve));
      return { keyId: 1, userId: 1 } as Caller;
    };
    door = await openMcpDoor({}, { most: 2, admit });
    const gone = new AbortController();
    const held = [1, 2].map(() => post(legacy('tools/list'), { signal: gone.signal }).catch(() => 'gone'));
    await eventually(async () => waiting.length === 2);
    gone.abort();
    expect(await Promise.all(held)).toEqual(['gone', 'gone']);
    await eventually(async () => door.hungUp() === 2);
    slow = false;
    for (const look of waiting) look();
    for (let i = 0; i < 3; i++) expect((await post(legacy('tools/list'))).status).toBe(200);
    expect(door.logged).toEqual([]);
  });

  test.each([
    ['while it is found out what he may run', 0],
    ['before the answer begins', 1],
    ['when it begins', 1],
    ['in the middle of it', 1],
  ])('is no bug: %s', async (when, runs) => {
    let socket: Socket | null = null;
    let ran = 0;
    let looked = 0;
    let goOn = () => {};
    const hold = (here: boolean) => {
      if (!here) return null;
      looked += 1;
      return new Promise<void>((resolve) => {
        goOn = resolve;
      });
    };
    const host: ToolHost = {
      actions: () => actions,
      ownAccount: true,
      connections: async () => [],
      async run() {
        ran += 1;
        await hold(when === 'before the answer begins');
        return done;
      },
      async progress() {
        if (when === 'when it begins') socket?.destroy();
        return { done: ++looked, total: 9, words: 'rows', finished: false };
      },
    };
    const hostOf = async () => {
      await hold(when.startsWith('while'));
      return host;
    };
    const admit = async (request: FastifyRequest) => {
      socket = request.raw.socket;
      return { keyId: 1, userId: 1 } as Caller;
    };
    door = await openMcpDoor({}, { hostOf, admit });
    const gone = new AbortController();
    const answer = post(call(SEND, {}, { progressToken: 1 }), { signal: gone.signal }).catch(() => 'gone');
    await eventually(async () => looked > (when === 'in the middle of it' ? 1 : 0));
    gone.abort();
    expect(await answer).toBe('gone');
    await eventually(async () => door.hungUp() === 1);
    goOn();
    await door.close();
    expect([ran, door.logged]).toEqual([runs, []]);
    door = await openMcpDoor();
  });
});

describe('what is no message', () => {
  test.each([
    ['no JSON', '{"jsonrpc":', 400, -32700],
    ['deep JSON', `${'['.repeat(5_000)}${']'.repeat(5_000)}`, 400, -32700],
    ['nothing', '', 400, -32600],
    ['a batch', [legacy('ping')], 400, -32600],
    ['a number', 7, 400, -32600],
    ['a null', 'null', 400, -32600],
    ['no method', { jsonrpc: '2.0', id: 1 }, 400, -32600],
    ['another version of JSON-RPC', { id: 1, method: 'ping' }, 400, -32600],
  ])('%s', async (_name, body, status, code) => {
    door = await openMcpDoor();
    const answer = await post(body);
    expect([answer.status, answer.message.error.code]).toEqual([status, code]);
    expect(door.logged).toEqual([]);
  });

  test('a body that is too large is not read', async () => {
    door = await openMcpDoor();
    expect((await post(call(SEND, { body: 'x'.repeat(1_100_000) }))).status).toBe(413);
  });
});

describe('tools', () => {
  test(verifies('mcp:list', 'by slug, each with its schema and all four hints, in both eras alike'), async () => {
    door = await openMcpDoor();
    const { result } = (await post(legacy('tools/list'))).message;
    expect(result.tools.map(({ name }: { name: string }) => name)).toEqual(actions.map(({ slug }) => slug).sort());
    for (const tool of result.tools) {
      const { annotations } = tool;
      expect(Object.keys(annotations).sort()).toEqual(
        ['destructiveHint', 'idempotentHint', 'openWorldHint', 'readOnlyHint', 'title'].sort(),
      );
      expect(tool).toMatchObject({
        inputSchema: { type: 'object' },
        outputSchema: { required: ['data', 'error', 'successful'] },
      });
      expect(tool.inputSchema.properties).not.toHaveProperty('connected_account_id');
    }
    const newer = (await post(...modern('tools/list'))).message;
    expect(newer.result).toMatchObject({
      tools: result.tools,
      resultType: 'complete',
      ttlMs: 60_000,
      cacheScope: 'private',
    });
  });

  test(verifies('mcp:list', 'pages of 50, and no cursor but ours'), async () => {
    const many = Array.from({ length: 120 }, (_, i) => ({ ...actions[0]!, slug: `A_${String(i).padStart(3, '0')}` }));
    door = await openMcpDoor({ actions: () => [...many].reverse() });
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const { result } = (await post(legacy('tools/list', cursor === undefined ? {} : { cursor }))).message;
      expect(result.tools.length).toBeLessThanOrEqual(50);
      names.push(...result.tools.map(({ name }: { name: string }) => name));
      cursor = result.nextCursor;
    } while (cursor !== undefined);
    expect(names).toEqual(many.map(({ slug }) => slug));
    for (const wrong of ['', 'abc', 'A_001', btoa('after:'), btoa('after:;drop'), `${btoa('after:A_001')}=`]) {
      expect((await post(legacy('tools/list', { cursor: wrong }))).message.error.code, wrong).toBe(-32602);
    }
  });

  test(verifies('mcp:call', 'the envelope as structure and as text, an error where it failed'), async () => {
    let answer: ToolAnswer = done;
    door = await openMcpDoor({ run: async () => answer });
    const right = (await post(call(SEND, { to: '+61400000001' }))).message.result;
    expect(right).toMatchObject({
      isError: false,
      structuredContent: { data: { http_code: 200 }, error: null, successful: true },
    });
    expect(JSON.parse(right.content[0].text)).toEqual(right.structuredContent);
    expect(right._meta['veredus/log-id']).toBe('log_1');
    answer = { ...failed('to: must begin with +.'), logId: null, replayed: false };
    const wrong = (await post(...modern('tools/call', { name: SEND, arguments: {} }))).message.result;
    expect(wrong).toMatchObject({
      isError: true,
      resultType: 'complete',
      structuredContent: { error: 'to: must begin with +.' },
    });
    answer = { ...done, replayed: true };
    expect((await post(call(SEND))).message.result.structuredContent.data).toEqual({ http_code: 200, replayed: true });
  });

  test(verifies('mcp:call', 'an action that the key may not run is as unknown as one that is none'), async () => {
    door = await openMcpDoor({ actions: () => actions.filter(({ slug }) => slug !== SEND) });
    const words = await Promise.all(
      [SEND, 'CLICKSEND_NOTHING'].map(async (name) => (await post(call(name))).message.error),
    );
    const unknown = (name: string) => `There is no tool ${name} for this key; tools/list has those there are.`;
    expect(words).toEqual([SEND, 'CLICKSEND_NOTHING'].map((name) => ({ code: -32602, message: unknown(name) })));
    expect(door.calls).toEqual([]);
    const near = async (name: string) => (await post(call(name))).message.error.message;
    for (const name of ['get_account', 'CLICKSEND_GET_ACOUNT', 'CLICKSEND_GETACCOUNT']) {
      expect(await near(name)).toBe(`${unknown(name)} Did you mean CLICKSEND_GET_ACCOUNT?`);
    }
    // What is taken away is suggested to nobody.
    expect(await near('CREATE_SMS_SENT')).not.toContain(SEND);
    expect((await near('x'.repeat(5_000))).length).toBeLessThan(200);
  });

  test('a name is found in any case of letters, and run by its own', async () => {
    door = await openMcpDoor();
    const { result } = (await post(call(SEND.toLowerCase(), { body: 'x' }))).message;
    expect(result.structuredContent.successful).toBe(true);
    const [body, options] = modern('tools/call', { name: 'Clicksend_Create_SMS_Send', arguments: { body: 'x' } });
    expect((await post(body, options)).message.result.structuredContent.successful).toBe(true);
    expect(door.calls.map(({ slug }) => slug)).toEqual([SEND, SEND]);
  });

  test('where there is more than one place to act, it is asked for, and said what is taken else', async () => {
    const sales = { id: 'ca_1', label: 'Sales' };
    const asked = async (host: Parameters<typeof openMcpDoor>[0], query = '') => {
      await door?.close();
      door = await openMcpDoor(host);
      const { tools } = (await post(legacy('tools/list'), { query })).message.result;
      return tools[0].inputSchema.properties.connected_account_id;
    };
    const one = async () => [sales];
    const two = async () => [sales, { id: 'ca_2', label: 'Support' }];
    for (const query of ['', '?mode=compact']) {
      expect(await asked({ ownAccount: true, connections: one }, query)).toEqual({
        type: 'string',
        enum: ['ca_1'],
        description: 'Which connection to act on: ca_1 (Sales). Left out: this account itself.',
      });
      expect((await asked({ ownAccount: false, connections: two }, query)).description).toMatch(
        /Left out: the newest of them\.$/,
      );
      expect(await asked({ ownAccount: false, connections: one }, query)).toBeUndefined();
      expect(await asked({ ownAccount: true }, query)).toBeUndefined();
    }
  });

  test(
    verifies('mcp:names-of-a-call', 'key and run from _meta, the run from a header too, the connection from arguments'),
    async () => {
      const connections = async () => [
        { id: 'ca_1', label: 'Sales' },
        { id: 'ca_2', label: 'Support' },
      ];
      door = await openMcpDoor({ connections });
      const { tools } = (await post(legacy('tools/list'))).message.result;
      expect(tools[0].inputSchema.properties.connected_account_id).toMatchObject({ enum: ['ca_1', 'ca_2'] });
      await post(
        call(
          SEND,
          { connected_account_id: 'ca_2', body: 'x' },
          { 'veredus/idempotency-key': 'k', 'veredus/run-id': 'r' },
        ),
        {
          headers: { 'x-run-id': 'other' },
        },
      );
      await post(call(SEND, { idempotency_key: 'in arguments' }), { headers: { 'x-run-id': 'other' } });
      expect(door.calls).toMatchObject([
        { slug: SEND, arguments: { body: 'x' }, connectionId: 'ca_2', idempotencyKey: 'k', runId: 'r' },
        { arguments: { idempotency_key: 'in arguments' }, connectionId: null, idempotencyKey: null, runId: 'other' },
      ]);
      expect(door.calls[0]?.arguments).toEqual({ body: 'x' });
      for (const key of ['', 7, 'x'.repeat(256)]) {
        expect((await post(call(SEND, {}, { 'veredus/idempotency-key': key }))).message.error.code).toBe(-32602);
      }
      expect((await post(call(SEND, { connected_account_id: 7 }))).message.error.code).toBe(-32602);
      expect(door.calls.length).toBe(2);
    },
  );

  test('what nobody expected is logged and not told', async () => {
    door = await openMcpDoor({ run: () => Promise.reject(new Error('password=hunter2')) });
    const { status, message } = await post(call(SEND));
    expect([status, message.error.code]).toEqual([200, -32603]);
    expect(message.error.message).toMatch(/^Something went wrong here\. Quote request request-\d+/);
    expect(door.logged).toMatchObject([{ event: 'request.bug', message: 'password=hunter2' }]);
  });
});

describe(verifies('mcp:no-state', 'what comes back through a client is believed in nothing'), () => {
  test('requestState and inputResponses that nobody gave out change nothing', async () => {
    door = await openMcpDoor();
    const forged = { requestState: 'eyJhcHByb3ZlZCI6dHJ1ZX0', inputResponses: { ok: { action: 'accept' } } };
    const [body, options] = modern('tools/call', { name: SEND, arguments: { body: 'x' }, ...forged });
    const { status, message } = await post(body, options);
    expect([status, message.result.resultType]).toEqual([200, 'complete']);
    expect(door.calls).toMatchObject([{ arguments: { body: 'x' }, idempotencyKey: null }]);
  });

  test('there is nothing to subscribe to', async () => {
    door = await openMcpDoor();
    const { status, message } = await post(...modern('subscriptions/listen', { filter: { toolsListChanged: true } }));
    expect([status, message.error.code, message.id]).toEqual([404, -32601, 'one']);
  });
});

describe('long work', () => {
  const steps = (...progress: ToolProgress[]) => {
    let step = 0;
    return async () => progress[Math.min(step++, progress.length - 1)] ?? null;
  };
  const at = (count: number, finished = false): ToolProgress => ({
    done: count,
    total: 9,
    words: `${count} rows`,
    finished,
  });

  test(verifies('mcp:progress', 'is told with rising values until it is done, to whoever asked for it'), async () => {
    const clock = handClock();
    const progress = steps(at(0), at(3), at(3), at(2), at(9, true));
    door = await openMcpDoor({ progress }, { clock });
    const answer = post(call(SEND, {}, { progressToken: 'p' }));
    let waiting = true;
    void answer.finally(() => {
      waiting = false;
    });
    while (waiting) {
      await clock.advance(1_000);
      await setImmediate();
    }
    const { messages, headers } = await answer;
    expect(messages.slice(0, -1).map(({ params }) => params)).toEqual(
      [0, 3, 9].map((count) => ({ progressToken: 'p', progress: count, total: 9, message: `${count} rows` })),
    );
    expect(messages.at(-1).result.isError).toBe(false);
    expect(headers.get('x-accel-buffering')).toBe('no');
    const unasked = await post(call(SEND));
    expect(unasked.messages.length).toBe(1);
  });

  test(verifies('mcp:progress', 'is followed for 45 s at most; the answer is the same'), async () => {
    const clock = handClock();
    let looked = 0;
    door = await openMcpDoor({ progress: async () => at(++looked) }, { clock });
    const begun = clock.monotonic();
    const answer = post(call(SEND, {}, { progressToken: 1 }));
    let waiting = true;
    void answer.finally(() => {
      waiting = false;
    });
    while (waiting) {
      await clock.advance(1_000);
      await setImmediate();
    }
    expect(looked).toBeGreaterThan(40);
    expect(looked).toBeLessThanOrEqual(46);
    expect(clock.monotonic() - begun).toBeGreaterThanOrEqual(45_000);
    expect((await answer).message.result.structuredContent.successful).toBe(true);
  });

  test(verifies('mcp:cancel', 'hanging up ends the following and undoes nothing'), async () => {
    let looked = 0;
    let finished = false;
    const run = async () => {
      await setImmediate();
      finished = true;
      return done;
    };
    door = await openMcpDoor({ run, progress: async () => at(++looked) });
    const gone = new AbortController();
    const answer = post(call(SEND, {}, { progressToken: 1 }), { signal: gone.signal }).catch(() => 'gone');
    await eventually(async () => looked > 0);
    gone.abort();
    expect(await answer).toBe('gone');
    expect(finished).toBe(true);
    const before = looked;
    await door.close();
    expect(looked).toBeLessThanOrEqual(before + 1);
    expect(door.calls[0]?.signal).toBeUndefined();
    door = await openMcpDoor();
  });

  test('a server that stops lets nobody wait', async () => {
    let looked = 0;
    door = await openMcpDoor({ progress: async () => at(++looked) });
    const answer = post(call(SEND, {}, { progressToken: 1 }));
    await eventually(async () => looked > 0);
    await door.close();
    expect((await answer).message.result.isError).toBe(false);
    door = await openMcpDoor();
  });
});

describe(verifies('mcp:compact', 'three tools lead to everything'), () => {
  const compact = { query: '?mode=compact' };
  const use = async (name: string, args: object) => (await post(call(name, args), compact)).message.result;

  test('search, describe, call', async () => {
    door = await openMcpDoor();
    const { tools } = (await post(legacy('tools/list'), compact)).message.result;
    expect(tools.map(({ name }: { name: string }) => name)).toEqual([
      'call_action',
      'describe_action',
      'search_actions',
    ]);
    expect(tools[0].annotations).toMatchObject({
      readOnlyHint: false,
      destructiveHint: true,
      idempotentHint: false,
      openWorldHint: true,
    });
    const found = (await use('search_actions', { query: 'send an SMS message' })).structuredContent.data;
    expect(found.actions[0].slug).toBe(SEND);
    expect(found.actions.length).toBeLessThanOrEqual(10);
    const all = (await use('search_actions', { limit: 100 })).structuredContent.data;
    expect([all.actions.length, all.total]).toEqual([actions.length, actions.length]);
    expect((await use('search_actions', { query: 'xyzzy' })).structuredContent.data).toEqual({ actions: [], total: 0 });
    const described = (await use('describe_action', { slug: SEND.toLowerCase() })).structuredContent.data;
    expect(described).toMatchObject({ slug: SEND, spends: true, hints: { read_only: false, open_world: true } });
    expect(described.input_schema.properties).toHaveProperty('messages');
    const ran = await use('call_action', { slug: SEND, arguments: { body: 'x' }, idempotency_key: 'k' });
    expect(ran.structuredContent.successful).toBe(true);
    expect(door.calls).toMatchObject([{ slug: SEND, arguments: { body: 'x' }, idempotencyKey: 'k' }]);
  });

  test.each([
    ['call_action', { arguments: {} }, 'Nothing was done. slug is required.'],
    ['call_action', { action: SEND }, 'Nothing was done. slug is required. action is not known; did you mean slug?'],
    [
      'call_action',
      { slug: SEND.toLowerCase(), messages: [], idempotency_key: 'k' },
      `Nothing was done. Put messages into arguments, not beside slug: {"slug": "${SEND}", "arguments": {"messages": …}}.`,
    ],
    ['call_action', { slug: SEND, args: {} }, 'Nothing was done. args is not known; did you mean arguments?'],
    ['call_action', { slug: SEND, idempotency_key: [] }, 'Nothing was done. idempotency_key must be text, not a list.'],
    [
      'call_action',
      { slug: 'CREATE_SMS_SEND' },
      `There is no action CREATE_SMS_SEND for this key; search_actions finds those there are. Did you mean ${SEND}?`,
    ],
    ['describe_action', { name: SEND }, 'Nothing was done. slug is required. name is not known; there are slug.'],
    ['search_actions', { limit: 1000 }, 'Nothing was done. limit must be from 1 to 100.'],
    ['search_actions', { query: {} }, 'Nothing was done. query must be text, not an object.'],
  ])('%s with %j is told in words, and nothing runs', async (name, args, words) => {
    door = await openMcpDoor();
    const result = await use(name, args);
    expect([result.isError, result.structuredContent.error]).toEqual([true, words]);
    expect(door.calls).toEqual([]);
  });

  test('what is written beside the type is taken as it was meant', async () => {
    door = await openMcpDoor();
    const found = await use('search_actions', { query: null, limit: '3' });
    expect(found.structuredContent.data.actions.length).toBe(3);
    const arguments_ = '{"messages":[]}';
    await use('call_action', { slug: SEND, arguments: arguments_, idempotency_key: null, connected_account_id: null });
    await use('call_action', { slug: SEND });
    expect(door.calls).toMatchObject([
      { arguments: arguments_, idempotencyKey: null, connectionId: null },
      { arguments: {}, idempotencyKey: null, connectionId: null },
    ]);
  });

  test('what a model gets wrong is told for it to mend, and nothing runs', async () => {
    door = await openMcpDoor({ actions: () => actions.filter(({ hints }) => hints.readOnly) });
    const { tools } = (await post(legacy('tools/list'), compact)).message.result;
    expect(tools[0].annotations).toMatchObject({ readOnlyHint: true, destructiveHint: false });
    for (const [name, args] of [
      ['call_action', { slug: SEND, arguments: {} }],
      ['describe_action', { slug: SEND }],
      ['call_action', { arguments: {} }],
      ['search_actions', { query: [] }],
    ] as const) {
      const result = await use(name, args);
      expect([result.isError, result.structuredContent.successful]).toEqual([true, false]);
      expect(result.structuredContent.error).not.toBe('');
    }
    expect((await post(call(SEND), compact)).message.error.code).toBe(-32602);
    expect((await post(legacy('ping'), { query: '?mode=tiny' })).status).toBe(400);
    expect(door.calls).toEqual([]);
  });
});
