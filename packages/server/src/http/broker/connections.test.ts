import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../../test/conformance/promises.ts';
import { type BrokerDoor, openBrokerDoor, RIGHT } from '../../../../../test/rig/broker-door.ts';
import { openTestDatabase, type TestDatabase } from '../../../../../test/rig/database.ts';

let database: TestDatabase;
let door: BrokerDoor;
let key: string;
let keys = 0;
beforeAll(async () => {
  database = await openTestDatabase();
  door = await openBrokerDoor(database);
});
afterAll(async () => {
  expect(door.logged).toEqual([]);
  await door.close();
  await database.close();
});
beforeEach(async () => {
  key = `project-${keys++}`;
  await door.add(key, ['broker:use', 'agents:read', 'agents:write']);
});

const call = (method: string, path: string, body?: unknown, as = key) => door.call(method, path, { key: as, body });
const get = (path: string, as?: string) => call('GET', path, undefined, as);
const MANAGED = {
  toolkit: { slug: 'clicksend' },
  auth_config: { type: 'use_composio_managed_auth', name: 'ClickSend Auth Config' },
};
const usual = async () => (await call('POST', '/auth_configs', MANAGED)).body.auth_config.id as string;
const connect = async (userId: string, val: object = RIGHT, more: object = {}) => {
  const state = { authScheme: 'BASIC', val: { status: 'ACTIVE', ...val } };
  const connection = { user_id: userId, state, ...more };
  door.clock.advance(1);
  return (await call('POST', '/connected_accounts', { auth_config: { id: await usual() }, connection })).body;
};
const ids = async (query: string, as?: string) =>
  (await get(`/connected_accounts?${query}`, as)).body.items.map((one: { id: string }) => one.id);

describe('auth configs', () => {
  test(
    verifies('broker:auth-configs', 'the managed one is the account’s default, however often it is made'),
    async () => {
      const { status, body } = await call('POST', '/auth_configs', MANAGED);
      expect([status, body]).toEqual([
        201,
        {
          toolkit: { slug: 'clicksend' },
          auth_config: { id: expect.stringMatching(/^ac_/), auth_scheme: 'BASIC', is_composio_managed: true },
        },
      ]);
      expect(await usual()).toBe(body.auth_config.id);
      expect((await call('POST', '/auth_configs', { toolkit: { slug: 'clicksend' } })).body.auth_config.id).toBe(
        body.auth_config.id,
      );
      const { body: list } = await get('/auth_configs?toolkit_slug=clicksend');
      expect(list).toMatchObject({ total_items: 1, total_pages: 1, next_cursor: null });
      expect(list.items[0]).toMatchObject({
        id: body.auth_config.id,
        type: 'default',
        status: 'ENABLED',
        no_of_connections: 0,
      });
    },
  );

  test(verifies('broker:auth-configs', 'one of its own, from its making to its end'), async () => {
    const wish = {
      ...{ type: 'use_custom_auth', authScheme: 'BASIC', name: 'Shop', target: 'cloud' },
      tool_access_config: { tools_available_for_execution: ['clicksend_get_lists'] },
    };
    const { body } = await call('POST', '/auth_configs', { toolkit: { slug: 'CLICKSEND' }, auth_config: wish });
    const { id } = body.auth_config;
    const path = `/auth_configs/${id}`;
    expect((await get(path)).body).toMatchObject({
      ...{
        name: 'Shop',
        target: 'cloud',
        is_composio_managed: false,
        type: 'custom',
        restrict_to_following_tools: ['CLICKSEND_GET_LISTS'],
      },
      tool_access_config: { tools_available_for_execution: ['CLICKSEND_GET_LISTS'] },
    });
    const tools = (await get(`/tools?auth_config_ids=${id}`)).body;
    expect(tools.items.map((one: { slug: string }) => one.slug)).toEqual(['CLICKSEND_GET_LISTS']);
    expect(
      (
        await call('PATCH', path, {
          type: 'custom',
          tool_access_config: { tools_available_for_execution: ['CLICKSEND_GET_ACCOUNT'] },
        })
      ).body,
    ).toEqual({});
    expect((await get(path)).body.restrict_to_following_tools).toEqual(['CLICKSEND_GET_ACCOUNT']);
    const all = { tool_access_config: { tools_available_for_execution: null } };
    expect((await call('PATCH', path, all)).body).toEqual({});
    expect((await get(path)).body).not.toHaveProperty('restrict_to_following_tools');
    const managed = await usual();
    expect((await get('/auth_configs?is_composio_managed=true')).body.items).toHaveLength(1);
    expect((await get('/auth_configs?search=sho')).body.items).toHaveLength(1);
    expect((await call('PATCH', `${path}/DISABLED`)).body).toEqual({});
    expect((await get('/auth_configs')).body.items.map((one: { id: string }) => one.id)).toEqual([managed]);
    expect((await get('/auth_configs?show_disabled=true')).body.items.map((one: { id: string }) => one.id)).toEqual([
      managed,
      id,
    ]);
    expect((await call('PATCH', `${path}/ENABLED`)).status).toBe(200);
    expect((await call('PATCH', `${path}/PERHAPS`)).status).toBe(400);
    expect((await call('DELETE', path)).body).toEqual({});
    expect((await get(path)).status).toBe(404);
  });

  test(verifies('broker:auth-configs', 'what is not taken is named'), async () => {
    const make = (auth_config: object, slug = 'clicksend') =>
      call('POST', '/auth_configs', { toolkit: { slug }, auth_config });
    expect((await make({ type: 'use_custom_auth', authScheme: 'OAUTH2' })).body.error.message).toMatch(
      /authScheme must be BASIC/,
    );
    expect((await make({ type: 'use_custom_auth', target: 'moon' })).body.error.message).toMatch(
      /target must be local or cloud/,
    );
    expect((await make({ type: 'use_custom_auth' }, 'gmail')).status).toBe(400);
  });
});

test(verifies('broker:slips', 'a limit, a callback or a filter that is misspelt does not go missing'), async () => {
  const own = (more: object) => ({ toolkit: { slug: 'clicksend' }, auth_config: { type: 'use_custom_auth', ...more } });
  const SLIPS: [string, object, string][] = [
    [
      '/auth_configs',
      own({ tool_acces_config: {} }),
      'auth_config.tool_acces_config is not known; did you mean auth_config.tool_access_config?',
    ],
    [
      '/auth_configs',
      own({ restrictToFollowingTools: ['X'] }),
      'did you mean auth_config.restrict_to_following_tools?',
    ],
    [
      '/auth_configs',
      own({ tool_access_config: { tools_available_for_executions: ['X'] } }),
      'did you mean auth_config.tool_access_config.tools_available_for_execution?',
    ],
    [
      '/connected_accounts/link',
      { auth_config_id: await usual(), user_id: 'a', calback_url: 'https://a.example' },
      'did you mean callback_url?',
    ],
    ['/logs/tool_execution', { filter: [] }, 'filter is not known; did you mean filters?'],
  ];
  for (const [path, body, words] of SLIPS) {
    const answer = await call('POST', path, body);
    expect([path, answer.status, answer.body.error.message]).toEqual([path, 400, expect.stringContaining(words)]);
  }
  expect((await get('/auth_configs')).body.total_items).toBe(1);
  // As clients send them, with fields of theirs beside.
  const more = { is_enabled_for_tool_router: true, shared_credentials: {}, credentials: {} };
  expect((await call('POST', '/auth_configs', own(more))).status).toBe(201);
  const val = { status: 'ACTIVE', ...RIGHT, state: 'x', generic_id: 'y' };
  const connection = { user_id: 'a', data: {}, experimental: {}, state: { authScheme: 'BASIC', val } };
  const made = await call('POST', '/connected_accounts', { auth_config: { id: await usual() }, connection });
  expect([made.status, made.body.status]).toEqual([201, 'ACTIVE']);
});

describe('connections', () => {
  test(verifies('broker:connect', 'broker:secrets', 'with right credentials and with wrong ones'), async () => {
    const right = await connect('ana');
    expect(right).toMatchObject({
      id: expect.stringMatching(/^ca_/),
      status: 'ACTIVE',
      redirect_url: null,
      connectionData: { authScheme: 'BASIC', val: { status: 'ACTIVE' } },
    });
    expect(right.connectionData.val.redirectUrl).toBeUndefined();
    const wrong = await connect('ana', { ...RIGHT, password: 'wrong-secret-77' });
    expect(wrong).toMatchObject({ status: 'FAILED', status_reason: expect.any(String) });
    const shown = [
      right,
      wrong,
      (await get(`/connected_accounts/${right.id}`)).body,
      (await get('/connected_accounts')).body,
    ];
    expect(JSON.stringify(shown)).not.toMatch(/right-secret|wrong-secret/);
    expect(shown[2]).toMatchObject({
      ...{
        status: 'ACTIVE',
        status_reason: null,
        is_disabled: false,
        user_id: 'ana',
        toolkit: { slug: 'clicksend' },
        params: {},
      },
      auth_config: { auth_scheme: 'BASIC', is_disabled: false, is_composio_managed: true },
      state: { authScheme: 'BASIC', val: { status: 'ACTIVE', username: RIGHT.username, password: '••••••••' } },
    });
    const half = {
      auth_config: { id: await usual() },
      connection: { user_id: 'a', state: { authScheme: 'BASIC', val: { username: 'x' } } },
    };
    expect((await call('POST', '/connected_accounts', half)).body.error.message).toMatch(/password is required/);
  });

  test(verifies('broker:connect', 'by a link'), async () => {
    const auth_config_id = await usual();
    const { status, body } = await call('POST', '/connected_accounts/link', {
      auth_config_id,
      user_id: 'bob',
      callback_url: 'https://app.example.com/done?x=1',
    });
    expect(status).toBe(201);
    expect(body.redirect_url).toBe(`http://veredus.test/connect/${body.link_token}`);
    expect(body.link_token).toMatch(/^ln_/);
    expect(Date.parse(body.expires_at)).not.toBeNaN();
    expect((await get(`/connected_accounts/${body.connected_account_id}`)).body.status).toBe('INITIATED');
    const { body: initiated } = await call('POST', '/connected_accounts', {
      auth_config: { id: auth_config_id },
      connection: { user_id: 'bob' },
    });
    expect(initiated.connectionData.val).toMatchObject({ status: 'INITIATED', redirectUrl: initiated.redirect_url });
    const refused = async (more: object) =>
      (await call('POST', '/connected_accounts/link', { auth_config_id, user_id: 'bob', ...more })).status;
    expect(await refused({ callback_url: 'https://evil.example.net/' })).toBe(400);
    expect(await refused({ connection_data: { username: 'x' } })).toBe(400);
    expect(await refused({ user_id: '' })).toBe(400);
    expect(await refused({ auth_config_id: 'ac_nothing' })).toBe(404);
    expect(await refused({ connection_data: {} })).toBe(201);
  });

  test(verifies('broker:accounts', 'filters filter'), async () => {
    const [ana, bob] = [(await connect('ana')).id, (await connect('bob')).id];
    const failed = (await connect('ana', { ...RIGHT, password: 'no' })).id;
    expect(await ids('')).toEqual([failed, bob, ana]);
    expect(await ids('order_by=created_at&order_direction=asc')).toEqual([ana, bob, failed]);
    expect(await ids('user_ids=ana&statuses=ACTIVE')).toEqual([ana]);
    expect(await ids('user_ids=ana,bob&statuses=active')).toEqual([bob, ana]);
    expect(await ids('user_ids=ana&user_ids=bob&statuses=FAILED')).toEqual([failed]);
    expect(await ids(`connected_account_ids=${bob}`)).toEqual([bob]);
    expect(await ids(`auth_config_ids=${await usual()}&toolkit_slugs=clicksend`)).toHaveLength(3);
    for (const query of ['auth_config_ids=ac_none', 'toolkit_slugs=gmail', 'user_ids=eve', 'account_type=SHARED']) {
      expect([query, await ids(query)]).toEqual([query, []]);
    }
    expect((await get('/connected_accounts?statuses=HAPPY')).status).toBe(400);
    const first = (await get('/connected_accounts?limit=2')).body;
    expect(first).toMatchObject({ total_items: 3, total_pages: 2, current_page: 1 });
    expect(await ids(`limit=2&cursor=${first.next_cursor}`)).toEqual([ana]);
  });

  test(verifies('broker:accounts', 'from its making to its end'), async () => {
    const { id } = await connect('ana');
    const path = `/connected_accounts/${id}`;
    expect((await call('PATCH', path, { alias: 'Shop' })).body).toEqual({ success: true, id, status: 'ACTIVE' });
    expect((await get(path)).body.alias).toBe('Shop');
    const state = (password: string) => ({
      connection: { state: { authScheme: 'BASIC', val: { username: 'new@example.com', password } } },
    });
    expect((await call('PATCH', path, state('wrong-secret'))).status).toBe(400);
    expect((await get(path)).body.state.val.username).toBe(RIGHT.username);
    expect((await call('PATCH', path, state(RIGHT.password))).body.success).toBe(true);
    expect((await get(path)).body.state.val.username).toBe('new@example.com');
    expect((await call('PATCH', path, {})).status).toBe(400);
    expect((await call('PATCH', path, { experimental: { account_type: 'SHARED' } })).status).toBe(400);
    expect((await call('PATCH', `${path}/status`, { enabled: false })).body).toEqual({ success: true });
    expect((await get(path)).body).toMatchObject({ status: 'INACTIVE', is_disabled: true });
    expect((await call('PATCH', `${path}/status`, { enabled: true })).body).toEqual({ success: true });
    expect((await call('POST', `${path}/refresh`)).body).toEqual({ id, status: 'ACTIVE', redirect_url: null });
    expect((await call('POST', `${path}/revoke`)).body).toEqual({
      revoked_tokens: ['credential'],
      connected_account: { id, status: 'REVOKED' },
    });
    expect((await get(path)).body.state.val).toMatchObject({
      status: 'REVOKED',
      username: expect.any(String),
      password: expect.any(String),
    });
    expect((await call('POST', `${path}/refresh`)).body).toMatchObject({
      status: 'INITIATED',
      redirect_url: expect.stringContaining('/connect/ln_'),
    });
    expect((await call('DELETE', `${path}?revoke_on_delete=true`)).body).toEqual({ success: true });
    expect((await get(path)).status).toBe(404);
  });

  test(verifies('broker:agents', 'an agent sees the connections it may use'), async () => {
    const [mine, other] = [(await connect('ana')).id, (await connect('bob')).id];
    await door.add(`agent-${key}`, ['agent:use'], { allowedConnections: [mine] }, key);
    expect(await ids('', `agent-${key}`)).toEqual([mine]);
    expect(await ids(`connected_account_ids=${other}`, `agent-${key}`)).toEqual([]);
    expect((await get(`/connected_accounts/${mine}`, `agent-${key}`)).status).toBe(200);
    expect((await get(`/connected_accounts/${other}`, `agent-${key}`)).status).toBe(404);
    await door.add(`none-${key}`, ['agent:use'], { allowedConnections: [] }, key);
    expect(await ids('', `none-${key}`)).toEqual([]);
  });

  test(verifies('broker:foreign', 'on every call with an id'), async () => {
    const { id } = await connect('ana');
    const config = await usual();
    await door.add('stranger', ['broker:use', 'agents:read', 'agents:write']);
    const rotate = { connection: { state: { authScheme: 'BASIC', val: RIGHT } } };
    const calls: [string, string, unknown?][] = [
      ...(
        [
          ['GET', `/connected_accounts/${id}`],
          ['PATCH', `/connected_accounts/${id}`, rotate],
          ['DELETE', `/connected_accounts/${id}`],
        ] as const
      ).map((one) => [...one] as [string, string, unknown?]),
      ['PATCH', `/connected_accounts/${id}`, { alias: 'Mine' }],
      ['PATCH', `/connected_accounts/${id}/status`, { enabled: false }],
      ['POST', `/connected_accounts/${id}/refresh`],
      ['POST', `/connected_accounts/${id}/revoke`],
      ['GET', `/auth_configs/${config}`],
      ['PATCH', `/auth_configs/${config}`, { name: 'Mine' }],
      ['PATCH', `/auth_configs/${config}/DISABLED`],
      ['DELETE', `/auth_configs/${config}`],
      ['POST', '/connected_accounts/link', { auth_config_id: config, user_id: 'x' }],
      [
        'POST',
        '/connected_accounts',
        { auth_config: { id: config }, connection: { user_id: 'x', state: rotate.connection.state } },
      ],
    ];
    for (const [method, path, body] of calls) {
      expect([method, path, (await call(method, path, body, 'stranger')).status]).toEqual([method, path, 404]);
    }
    expect(await ids(`connected_account_ids=${id}`, 'stranger')).toEqual([]);
    expect((await get(`/tools?auth_config_ids=${config}`, 'stranger')).body.items).toEqual([]);
    expect((await get(`/connected_accounts/${id}`)).body.status).toBe('ACTIVE');
  });

  test(verifies('broker:envelope', 'texts that no database takes'), async () => {
    const id = await usual();
    const odd = 'a\u0000\ud800';
    const answers = [
      await get('/connected_accounts?user_ids=a%00b&auth_config_ids=%00&connected_account_ids=%00&toolkit_slugs=%00'),
      await get('/auth_configs?search=%00&toolkit_slug=clicksend'),
      await get('/connected_accounts/ca_%00'),
      await get('/auth_configs/ac_%00'),
      await get('/tools/%00'),
      await get('/tools?search=%00&tool_slugs=%00&auth_config_ids=%00&tags=%00'),
      await get('/tools?toolkit_versions[__proto__]=1&__proto__=2&limit[]=3'),
      await call('POST', '/connected_accounts/link', { auth_config_id: id, user_id: odd, alias: odd }),
      await call('POST', '/connected_accounts', { auth_config: { id: odd }, connection: { user_id: odd } }),
      await call('POST', '/connected_accounts', {
        auth_config: { id },
        connection: { user_id: 'x', state: { authScheme: 'BASIC', val: { username: odd, password: odd } } },
      }),
      await call('POST', '/auth_configs', { toolkit: { slug: odd } }),
      await call('PATCH', `/auth_configs/${id}`, {
        name: odd,
        tool_access_config: { tools_available_for_execution: [odd] },
      }),
      await call('POST', '/logs/tool_execution', { filters: [{ field: 'user_id', value: odd }], cursor: odd }),
    ];
    expect(answers.map(({ status }) => status).filter((status) => status >= 500)).toEqual([]);
  });
});
