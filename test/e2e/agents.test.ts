import { rm } from 'node:fs/promises';
import { endpoints } from '@veredus/contract/endpoints';
import { actions } from '@veredus/tools/catalogue';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifies } from '../conformance/promises.ts';
import { temporaryFolder } from '../rig/engine.ts';
import { mcpClientsAreInstalled, openMcp } from '../rig/mcp-clients.ts';
import { peer } from '../rig/peers.ts';
import { type Answered, eventually, type RunningServer, restOf, startServer } from '../rig/server.ts';
import { veredus } from '../rig/veredus.ts';

/** What an agent may not do, it can do over no face; and nobody reaches another account's connection. */
const withMcp = peer('MCP clients in test/clients', mcpClientsAreInstalled);
const MAY = 'CLICKSEND_GET_LISTS';
const MAY_NOT = 'CLICKSEND_CREATE_LISTS';
const LIST = { list_name: 'Made by nobody' };

let folder: string;
let server: RunningServer;
let reader: string;

beforeAll(async () => {
  folder = await temporaryFolder('veredus-agents-');
  server = await startServer(folder);
  const { body } = await server.call('POST', '/v3/agents', { name: 'Reader', allowed_actions: [MAY] });
  reader = body.data.key;
}, 60_000);
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

const post = async (path: string, key: string, body: unknown, method = 'POST') => {
  const response = await fetch(server.url + path, {
    method,
    headers: {
      'x-api-key': key,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    ...(method === 'GET' ? {} : { body: JSON.stringify(body ?? {}) }),
  });
  const text = await response.text();
  return { status: response.status, text, body: (text.startsWith('{') ? JSON.parse(text) : null) as Answered };
};

describe('an agent with one action', () => {
  const madeNothing = async () => {
    const { body } = await server.call('GET', '/v3/lists?limit=100');
    expect(body.data.data.map((list: Answered) => list.list_name)).not.toContain(LIST.list_name);
  };

  for (const era of ['legacy', 'modern', 'stdio'] as const) {
    withMcp(verifies('run:allowed', `over MCP, ${era}, it is listed and runs, and no other`), async () => {
      const mcp = await openMcp(era, { url: server.url, key: reader });
      try {
        expect(await mcp.list()).toEqual([MAY]);
        expect(await mcp.call(MAY, {})).toMatchObject({ successful: true });
        await expect(mcp.call(MAY_NOT, LIST)).rejects.toThrow(/32602|[Uu]nknown|no (tool|action)/);
      } finally {
        await mcp.close();
      }
      await madeNothing();
    });
  }

  test(verifies('run:allowed', 'in compact MCP it finds, describes and calls no other'), async () => {
    const call = async (name: string, args: object) =>
      (
        await post('/mcp?mode=compact', reader, {
          jsonrpc: '2.0',
          id: 1,
          method: 'tools/call',
          params: { name, arguments: args },
        })
      ).text;
    const found = await call('search_actions', { query: 'list' });
    expect(found).toContain(MAY);
    for (const { slug } of actions) if (slug !== MAY) expect(found).not.toContain(`"${slug}`);
    expect(await call('describe_action', { slug: MAY_NOT })).not.toContain('list_name');
    expect(await call('call_action', { slug: MAY_NOT, arguments: LIST })).not.toContain('"successful":true');
    await madeNothing();
  });

  test.each(['/api/v3', '/api/v3.1'])(verifies('run:allowed', 'over the broker’s REST under %s'), async (prefix) => {
    const get = (path: string) => post(`${prefix}${path}`, reader, null, 'GET');
    const listed = await get('/tools?toolkit_slug=clicksend&limit=9999');
    expect(listed.body.items.map((tool: Answered) => tool.slug)).toEqual([MAY]);
    expect((await get(`/tools/${MAY}`)).status).toBe(200);
    expect((await get(`/tools/${MAY_NOT}`)).status).toBe(404);
    const run = (slug: string) =>
      post(`${prefix}/tools/execute/${slug}`, reader, { user_id: 'ana', arguments: slug === MAY ? {} : LIST });
    expect((await run(MAY)).body).toMatchObject({ successful: true });
    expect(await run(MAY_NOT)).toMatchObject({ status: 404 });
    await madeNothing();
  });

  test(verifies('run:allowed', 'its key opens nothing of /v3, nor does it connect anybody'), async () => {
    const { username } = server.credentials;
    const authorization = `Basic ${Buffer.from(`${username}:${reader}`).toString('base64')}`;
    for (const path of ['/v3/account', '/v3/lists', '/v3/sms/history', '/v3/agents', '/v3/executions']) {
      const { status, body } = await server.call('GET', path, undefined, { authorization });
      const words = 'This is an agent’s key: it opens /mcp and /api/v3 only.';
      expect([path, status, body.response_msg]).toEqual([path, 403, words]);
    }
    const connect = { user_id: 'ana', username, password: reader };
    expect((await server.call('POST', '/v3/connections', connect)).body.data?.connection?.status).not.toBe('ACTIVE');
    expect((await post('/api/v3/auth_configs', reader, { toolkit: { slug: 'clicksend' } })).status).toBe(403);
  });

  test('its key ends at once, on every face', async () => {
    const made = (await server.call('POST', '/v3/agents', { name: 'Brief' })).body.data;
    const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    const statuses = async () => [
      (await post('/mcp', made.key, list)).status,
      (await post('/api/v3/tools', made.key, null, 'GET')).status,
    ];
    expect(await statuses()).toEqual([200, 200]);
    await server.call('PUT', `/v3/agents/${made.agent_id}`, { enabled: false });
    expect(await statuses()).toEqual([403, 403]);
    await server.call('DELETE', `/v3/agents/${made.agent_id}`);
    expect(await statuses()).toEqual([401, 401]);
  });
});

describe('another account', () => {
  test(verifies('run:others', 'cannot see, change or use a connection: it is 404 everywhere'), async () => {
    const { username, api_key } = server.credentials;
    const made = await server.call('POST', '/v3/connections', { user_id: 'ana', username, password: api_key });
    const own = made.body.data.connection;
    expect(own.status).toBe('ACTIVE');
    const { out } = await veredus(folder, ['account', 'create', 'eve']);
    const key = /^api key (.+)$/m.exec(out)?.[1] ?? '';
    const rest = restOf(server.url, { username: 'eve', api_key: key });

    const ways = Object.values(endpoints).filter(({ path }) => path.includes('{connection_id}'));
    expect(ways.length).toBeGreaterThanOrEqual(5);
    for (const { method, path } of ways) {
      // Fields that are not known are refused before anything is looked for: each gets what it takes.
      const body = method === 'PUT' ? { alias: 'mine' } : method === 'GET' ? undefined : {};
      const { status } = await rest(method, path.replace('{connection_id}', own.connection_id), body);
      expect(status, `${method} ${path}`).toBe(404);
    }
    const broker: [string, string, unknown?][] = [
      ['GET', `/connected_accounts/${own.connection_id}`],
      ['PATCH', `/connected_accounts/${own.connection_id}`, { alias: 'mine' }],
      ['PATCH', `/connected_accounts/${own.connection_id}/status`, { enabled: false }],
      ['POST', `/connected_accounts/${own.connection_id}/refresh`],
      ['POST', `/connected_accounts/${own.connection_id}/revoke`],
      ['DELETE', `/connected_accounts/${own.connection_id}`],
    ];
    for (const [method, path, body] of broker) {
      expect((await post(`/api/v3${path}`, key, body, method)).status, `${method} ${path}`).toBe(404);
    }
    const execute = { connected_account_id: own.connection_id, arguments: {} };
    const executed = await post('/api/v3/tools/execute/CLICKSEND_GET_ACCOUNT', key, execute);
    expect(executed).toMatchObject({ body: { error: { code: 1803 } } });
    expect(executed.status).toBeGreaterThanOrEqual(400);
    const params = { name: 'CLICKSEND_GET_ACCOUNT', arguments: { connected_account_id: own.connection_id } };
    const called = await post('/mcp', key, { jsonrpc: '2.0', id: 1, method: 'tools/call', params });
    expect(called.text).not.toContain('"successful":true');
    expect(called.text).not.toContain(`"username":"${username}"`);
    expect((await post('/api/v3/connected_accounts?limit=100', key, null, 'GET')).body.items).toEqual([]);
    const listed = (await server.call('GET', `/v3/connections/${own.connection_id}`)).body.data;
    expect(listed).toMatchObject({ status: 'ACTIVE', alias: own.alias, enabled: true });
  });
});

describe('what an agent sent', () => {
  test(verifies('run:origin', 'names it and its run: single messages, and those of its campaign'), async () => {
    const call = (name: string, args: object) =>
      post('/mcp', server.credentials.agent_key, {
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: `CLICKSEND_${name}`, arguments: args, _meta: { 'veredus/run-id': 'night shift' } },
      }).then(({ text }) => JSON.parse(/\{"result".*\}/.exec(text)![0]).result.structuredContent.data.data as Answered);
    const originOf = async (id: string) => (await server.call('GET', `/v3/sms/messages/${id}/origin`)).body;

    const { messages } = await call('CREATE_SMS_SEND', { messages: [{ to: '+61400990001', body: 'From an agent' }] });
    const origin = await originOf(messages[0].message_id);
    expect(origin.data).toMatchObject({
      agent_name: 'agent',
      run_id: 'night shift',
      action: 'CLICKSEND_CREATE_SMS_SEND',
      face: 'mcp',
    });
    const log = (await server.call('GET', `/v3/executions/${origin.data.log_id}`)).body.data;
    expect(log).toMatchObject({ run_id: 'night shift', successful: true, cost: expect.stringMatching(/^0\.079/) });

    const { list_id } = await call('CREATE_LISTS', { list_name: 'Night' });
    await call('CREATE_LISTS_CONTACTS', { list_id, phone_number: '+61400990002' });
    await call('CREATE_SMS_CAMPAIGNS_SEND', { list_id, name: 'Night', body: 'Hello. Reply STOP to opt out.' });
    const id = await eventually(async () => {
      const { body } = await server.call('GET', '/v3/sms/history?q=to:%2B61400990002');
      return body.data.data[0]?.message_id as string | undefined;
    });
    expect((await originOf(id)).data).toMatchObject({
      agent_name: 'agent',
      run_id: 'night shift',
      campaign_id: expect.any(Number),
    });

    const byHand = await server.call('POST', '/v3/sms/send', { messages: [{ to: '+61400990003', body: 'By hand' }] });
    expect((await originOf(byHand.body.data.messages[0].message_id)).http_code).toBe(404);
  });
});
