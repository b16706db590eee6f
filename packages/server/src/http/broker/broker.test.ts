import type { ToolAnswer } from '@veredus/tools/host';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../../test/conformance/promises.ts';
import { type BrokerDoor, openBrokerDoor } from '../../../../../test/rig/broker-door.ts';
import { openTestDatabase, type TestDatabase } from '../../../../../test/rig/database.ts';
import { NoConnection } from '../../connections/no-connection.ts';
import { Refusal } from '../../refusal.ts';

let database: TestDatabase;
let door: BrokerDoor;
const usual: ToolAnswer = { data: { http_code: 200 }, error: null, successful: true, logId: 'log_1', replayed: false };

beforeAll(async () => {
  database = await openTestDatabase();
  door = await openBrokerDoor(database);
  await door.add('project', ['broker:use', 'agents:read', 'agents:write']);
  await door.add('looker', ['broker:use', 'agents:read'], null, 'project');
  await door.add('caller', ['broker:use'], null, 'project');
  await door.add('agent', ['agent:use'], { allowedActions: ['CLICKSEND_GET_LISTS'] }, 'project');
  await door.add('dashboard', ['statistics:read'], null, 'project');
});
afterAll(async () => {
  await door.close();
  await database.close();
});
beforeEach(() => {
  door.runs.length = 0;
  door.answer = () => usual;
});
afterEach(() => expect(door.logged.splice(0)).toEqual([]));

const RUN = '/tools/execute/CLICKSEND_GET_LISTS';
const ASKED = { arguments: { page: 1 }, user_id: 'ana' };
const execute = (body: unknown = ASKED, more: object = {}, path = RUN) => door.call('POST', path, { body, ...more });

describe('every call', () => {
  test(verifies('broker:auth', 'none, two, wrong, not for this'), async () => {
    const look = (key: string | null, headers = {}) => door.call('GET', '/toolkits', { key, headers });
    expect(await look(null)).toMatchObject({
      status: 401,
      body: { error: { code: 10401, slug: 'HTTP_Unauthorized' } },
    });
    expect((await look('nobody')).status).toBe(401);
    expect((await look('project', { 'x-user-api-key': 'uak_1' })).status).toBe(401);
    expect((await look('project', { authorization: 'Bearer agent' })).status).toBe(401);
    expect((await look('dashboard')).status).toBe(403);
    expect((await look('project')).status).toBe(200);
    expect((await look(null, { authorization: 'Bearer agent' })).status).toBe(200);
    expect(String((await look(null)).headers['www-authenticate'])).toMatch(/^Bearer/);
    expect((await door.call('GET', '/toolkits?x-api-key=project', { key: null })).status).toBe(401);
  });

  test.each(['/api/v3', '/api/v3.1'])(verifies('broker:envelope', 'unknown routes under %s'), async (prefix) => {
    for (const [method, path] of [
      ['GET', '/nothing'],
      ['PUT', '/tools'],
      ['GET', '/'],
      ['POST', '/triggers/x/y'],
    ] as const) {
      const { status, body, headers } = await door.call(method, path, { prefix });
      expect([method, path, status]).toEqual([method, path, 404]);
      expect(body.error).toMatchObject({ status: 404, code: 10404, request_id: 'req_r1', message: expect.any(String) });
      expect(headers['content-type']).toMatch(/^application\/json/);
    }
  });

  const HOSTILE: [string, unknown, number][] = [
    ['10 MB', `{"a":"${'x'.repeat(10_000_000)}"}`, 413],
    ['100,000 levels', '['.repeat(100_000), 400],
    ['half of JSON', '{"a":', 400],
    ['a number', '7', 400],
    ['null', 'null', 400],
    ['a list', '[]', 400],
    [
      'numbers for objects',
      { toolkit: 1, auth_config: 2, connection: 3, auth_config_id: 4, user_id: 5, arguments: 6 },
      400,
    ],
    [
      'lists for texts',
      { toolkit: { slug: [] }, auth_config: { id: {} }, connection: [], user_id: [], enabled: 'yes' },
      400,
    ],
    ['prototypes', '{"__proto__":{"user_id":"x"},"constructor":{"prototype":{}}}', 400],
  ];
  test.each(HOSTILE)(verifies('broker:envelope', '%s as a body'), async (_, body, status) => {
    for (const path of ['/auth_configs', '/connected_accounts', '/connected_accounts/link', RUN]) {
      const answer = await door.call('POST', path, { body });
      expect([path, answer.status]).toEqual([path, status]);
      expect(answer.body.error).toMatchObject({ status, code: 10_000 + status, message: expect.any(String) });
      if (path === RUN) expect(answer.headers['x-should-retry']).toBe('false');
    }
    expect(door.runs).toEqual([]);
  });

  test.each(['/api/v3', '/api/v3.1'])(
    verifies('broker:envelope', 'addresses that cannot be read, under %s'),
    async (prefix) => {
      for (const path of [
        `/connected_accounts/${'x'.repeat(300)}/revoke`,
        '/tools/%zz',
        `/tools/execute/${'x'.repeat(300)}`,
      ]) {
        const { status, body, headers } = await door.call('POST', path, { prefix, body: {} });
        expect([path, status]).toEqual([path, 400]);
        expect(body.error).toMatchObject({ code: 10400, request_id: 'req_r1' });
        expect(headers['x-should-retry']).toBe('false');
      }
    },
  );

  test(verifies('broker:envelope', 'a fault of ours is logged, and nothing of it is told'), async () => {
    door.answer = () => {
      throw new Error('the inside');
    };
    const { status, body, headers } = await execute();
    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toContain('inside');
    expect(headers['x-should-retry']).toBe('false');
    expect(door.logged.splice(0)).toEqual([expect.stringContaining('the inside')]);
  });

  test(verifies('broker:agents', 'neither agents nor keys without the permission change anything'), async () => {
    const changes: [string, string][] = [
      ['POST', '/auth_configs'],
      ['PATCH', '/auth_configs/ac_x'],
      ['DELETE', '/auth_configs/ac_x'],
      ['PATCH', '/auth_configs/ac_x/DISABLED'],
      ['POST', '/connected_accounts'],
      ['POST', '/connected_accounts/link'],
      ['PATCH', '/connected_accounts/ca_x'],
      ['PATCH', '/connected_accounts/ca_x/status'],
      ['POST', '/connected_accounts/ca_x/refresh'],
      ['POST', '/connected_accounts/ca_x/revoke'],
      ['DELETE', '/connected_accounts/ca_x'],
    ];
    for (const [method, path] of changes) {
      for (const key of ['agent', 'looker', 'caller']) {
        const { status, body } = await door.call(method, path, { key, body: {} });
        expect([method, path, key, status]).toEqual([method, path, key, 403]);
        expect(body.error.message).toMatch(key === 'agent' ? /agent’s key/ : /agents:write/);
      }
    }
    for (const path of ['/auth_configs', '/connected_accounts']) {
      expect((await door.call('GET', path, { key: 'caller' })).status).toBe(403);
      expect((await door.call('GET', path, { key: 'looker' })).status).toBe(200);
      expect((await door.call('GET', path, { key: 'agent' })).status).toBe(200);
    }
  });
});

describe('executions', () => {
  test(verifies('broker:execute', 'what is asked, and what is answered'), async () => {
    const headers = { 'idempotency-key': 'k1', 'x-run-id': 'run-7', 'x-stainless-retry-count': '1' };
    const {
      status,
      body,
      headers: told,
    } = await execute({ ...ASKED, version: 'latest' }, { headers }, RUN.toLowerCase());
    expect(status).toBe(200);
    expect(body).toEqual({ data: { http_code: 200 }, error: null, successful: true, log_id: 'log_1' });
    expect(told['idempotent-replayed']).toBeUndefined();
    expect(door.runs).toEqual([
      {
        slug: 'CLICKSEND_GET_LISTS',
        arguments: { page: 1 },
        face: 'broker',
        connection: { connectionId: null, userId: 'ana', needed: true },
        idempotencyKey: 'k1',
        repetition: true,
        runId: 'run-7',
        depth: 0,
      },
    ]);
    await execute({ arguments: '{"page":2}', entity_id: 'eve', connected_account_id: 'ca_1' });
    expect(door.runs[1]).toMatchObject({
      arguments: '{"page":2}',
      connection: { connectionId: 'ca_1', userId: 'eve', needed: true },
      repetition: false,
      idempotencyKey: null,
    });
    await execute({}, { key: 'agent' });
    expect(door.runs[2]?.connection).toEqual({ connectionId: null, userId: null, needed: false });
  });

  test(verifies('broker:execute', 'failures are results, and replays say so'), async () => {
    door.answer = () => ({ ...usual, error: 'to: must begin with +.', successful: false, logId: null });
    expect((await execute()).body).toEqual({
      data: { http_code: 200 },
      error: 'to: must begin with +.',
      successful: false,
    });
    door.answer = () => ({ ...usual, replayed: true });
    const { body, headers } = await execute();
    expect(body.data).toEqual({ http_code: 200, replayed: true });
    expect(headers['idempotent-replayed']).toBe('true');
  });

  test(verifies('broker:no-retry', 'what may follow an effect is a result'), async () => {
    for (const kind of ['in-progress', 'too-many-requests', 'key-reused', 'insufficient-credit'] as const) {
      door.answer = () => Promise.reject(new Refusal(kind, `${kind} in words`));
      const { status, body } = await execute();
      expect([kind, status, body.successful, body.error]).toEqual([kind, 200, false, `${kind} in words`]);
    }
    door.answer = () => Promise.reject(new Refusal('unavailable', 'Away.', { retryAfter: 2 }));
    const { status, headers } = await execute();
    expect([status, headers['x-should-retry']]).toEqual([503, 'false']);
    for (const more of [{ key: null }, { key: 'nobody' }, { key: 'dashboard' }]) {
      expect((await execute(ASKED, more)).headers['x-should-retry']).toBe('false');
    }
  });

  test(verifies('broker:no-connection', 'in words and by its code'), async () => {
    door.answer = () => Promise.reject(new NoConnection('There is no connection for user "ana".'));
    const { status, body, headers } = await execute();
    expect([status, headers['x-should-retry']]).toEqual([400, 'false']);
    const message = 'There is no connection for user "ana".';
    expect(body.error).toMatchObject({
      code: 1803,
      status: 400,
      message,
      suggested_fix: expect.stringMatching(/link/),
    });
    const FIXES = [
      ['being-tried', /^Wait until it is ACTIVE/],
      ['invited', /open its link/],
      ['over', /^Connect it again/],
      ['unknown', /GET connected_accounts lists/],
      ['disabled', /^Enable/],
      ['not-allowed', /^Allow the tool/],
    ] as const;
    for (const [lack, fix] of FIXES) {
      door.answer = () => Promise.reject(new NoConnection('Connection ca_1 is not ACTIVE.', false, lack));
      expect((await execute()).body.error).toMatchObject({ code: 1803, suggested_fix: expect.stringMatching(fix) });
    }
  });

  test(verifies('broker:credentials', 'and whoever does not say for whom is asked'), async () => {
    const refused = async (body: object, field: string) => {
      const answer = await execute({ ...ASKED, ...body });
      expect([answer.status, answer.headers['x-should-retry']]).toEqual([400, 'false']);
      expect(answer.body.error.errors.join()).toMatch(field);
      expect(JSON.stringify(answer.body)).not.toContain('hunter2');
    };
    const val = { username: 'a', password: 'hunter2' };
    await refused(
      { custom_connection_data: { authScheme: 'BASIC', toolkitSlug: 'clicksend', val } },
      'custom_connection_data',
    );
    await refused(
      { custom_auth_params: { parameters: [{ in: 'header', name: 'a', value: 'hunter2' }] } },
      'custom_auth_params',
    );
    await refused({ text: 'send a text to bob' }, 'text');
    await refused({ user_id: null }, 'user_id');
    expect(door.runs).toEqual([]);
  });

  test(verifies('broker:slips', 'in an execution: arguments, the user and the connection'), async () => {
    const SLIPS: [object, string][] = [
      [{ user_id: 'ana', argument: { page: 1 } }, 'argument is not known; did you mean arguments?'],
      [{ user_id: 'ana', params: { page: 1 } }, 'params is not known; did you mean arguments?'],
      [{ arguments: {}, userId: 'ana' }, 'userId is not known; did you mean user_id?'],
      [
        { arguments: {}, user_id: 'ana', connected_account: 'ca_1' },
        'connected_account is not known; did you mean connected_account_id?',
      ],
    ];
    for (const [body, words] of SLIPS) {
      const answer = await execute(body);
      expect([answer.status, answer.body.error.message]).toEqual([400, words]);
    }
    expect(door.runs).toEqual([]);
    // What clients send beside is nobody's slip.
    const beside = { argument: 1, allow_tracing: true, context: {}, session: 'x', custom_description: '' };
    expect((await execute({ ...ASKED, ...beside })).status).toBe(200);
    expect(door.runs).toHaveLength(1);
  });

  test(verifies('broker:agents', 'a tool that is not the agent’s is not there to run'), async () => {
    const other = await execute({}, { key: 'agent' }, '/tools/execute/CLICKSEND_CREATE_SMS_SEND');
    const none = await execute({}, { key: 'agent' }, '/tools/execute/CLICKSEND_CREATE_SMS_SENT');
    expect([other.status, none.status]).toEqual([404, 404]);
    expect(other.body.error.message.replace('SMS_SEND', 'SMS_SENT')).toBe(none.body.error.message);
    expect((await execute({ ...ASKED, version: '20200101_00' })).status).toBe(404);
    expect(door.runs).toEqual([]);
  });

  test('headers that cannot be taken are refused by name', async () => {
    expect((await execute(ASKED, { headers: { 'x-run-id': 'a b' } })).body.error.message).toMatch('x-run-id');
    expect((await execute(ASKED, { headers: { 'idempotency-key': 'k'.repeat(256) } })).body.error.message).toMatch(
      '255',
    );
  });

  test(verifies('broker:not-served', 'in words that lead on'), async () => {
    const upload = await door.call('POST', '/files/upload/request', { body: {} });
    expect([upload.status, upload.body.error.message]).toEqual([400, expect.stringContaining('/v3/uploads')]);
    for (const [method, path] of [
      ['POST', ''],
      ['GET', '/trs_1/tools'],
      ['POST', '/trs_1/execute'],
      ['DELETE', '/trs_1'],
    ] as const) {
      const { status, body, headers } = await door.call(method, `/tool_router/session${path}`, { body: {} });
      expect([status, headers['x-should-retry']]).toEqual([400, 'false']);
      expect(body.error.message).toContain('http://veredus.test/mcp');
    }
  });
});
