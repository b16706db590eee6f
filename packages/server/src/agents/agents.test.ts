import { endpoints } from '@veredus/contract/endpoints';
import { readCall } from '@veredus/contract/read-call';
import { scopes } from '@veredus/contract/scopes';
import { systemRandom } from '@veredus/server/system';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { type HandClock, handClock } from '../../../../test/rig/hand-clock.ts';
import { addAccount } from '../../../../test/rig/stored-messages.ts';
import { Authentication } from '../accounts/authenticate.ts';
import { type Caller, may, permissions } from '../accounts/caller.ts';
import { auditRoutes } from '../audit/routes.ts';
import { Refusal } from '../refusal.ts';
import { MOST_OPEN_KEYS } from './agent-keys.ts';
import { MOST_AGENTS, makeAgent } from './make-agent.ts';
import { agentRoutes } from './routes.ts';
import { findAgent } from './store-agents.ts';

let own: TestDatabase;
let clock: HandClock;
let authentication: Authentication;
let me: Caller;
let other: Caller;
let accounts = 0;

beforeAll(async () => {
  own = await openTestDatabase();
});
afterAll(() => own.close());
beforeEach(async () => {
  clock = handClock();
  authentication = new Authentication({ enginePool: own.db.enginePool, clock, random: systemRandom });
  me = await someone();
  other = await someone();
});

async function someone(): Promise<Caller> {
  const username = `ana${accounts++}`;
  return { ...(await addAccount(own.db, username)), username, keyId: null, scopes: ['*'] } as unknown as Caller;
}

type Id = keyof ReturnType<typeof agentRoutes> | 'auditLog';
// biome-ignore lint/suspicious/noExplicitAny: answers of every shape.
type Answered = any;
async function call(
  id: Id,
  input: { params?: object; query?: object; body?: object } = {},
  by = me,
): Promise<Answered> {
  const parts = { db: own.db, clock, random: systemRandom, publicUrl: () => 'https://msg.example' };
  const forget = (userId: number) => authentication.forget(userId);
  const handlers = { ...agentRoutes({ ...parts, forget }), ...auditRoutes(parts) };
  const read = readCall(endpoints[id], input);
  if (!read.ok) throw Object.assign(new Error('unreadable'), { fields: read.fields });
  const { data } = await (handlers[id] as (call: object) => Promise<{ data: unknown }>)({ ...read.call, caller: by });
  return endpoints[id].data.parse(data);
}

const make = (body: object = {}, by = me) => call('agentCreate', { body: { name: 'Support', ...body } }, by);
const of = (agent_id: number, more: object = {}) => ({ params: { agent_id, ...more } });
const opens = async (key: string) => {
  const verdict = await authentication.authenticateKey(key, '192.0.2.1');
  return verdict instanceof Refusal ? verdict.kind : verdict;
};
const audited = async (by = me) =>
  (await call('auditLog', {}, by)).data.map(({ action }: { action: string }) => action).reverse();

describe('an agent', () => {
  test(verifies('agents:made', 'agents:key', 'is made with a key that opens the doors of agents alone'), async () => {
    const { key, key_id, ...made } = await make({ allowed_actions: ['clicksend_get_lists', 'CLICKSEND_GET_ACCOUNT'] });
    expect(made).toMatchObject({
      name: 'Support',
      enabled: true,
      allowed_actions: ['CLICKSEND_GET_ACCOUNT', 'CLICKSEND_GET_LISTS'],
      own_account: true,
      allowed_connections: null,
      last_used_at: null,
    });
    const caller = (await opens(key)) as Caller;
    expect(caller).toMatchObject({ agentId: made.agent_id, keyId: key_id, accountId: me.accountId, via: 'key' });
    expect(permissions.filter((one) => may(caller, one))).toEqual(['agent:use']);
    expect(await call('agentShow', of(made.agent_id))).toEqual(made);
    expect(await call('agents')).toMatchObject({ total: 1, data: [made] });
    const dump = JSON.stringify([
      ...(await own.db.enginePool.query('select * from api_keys where user_id = $1', [me.userId])).rows,
      ...(await own.db.enginePool.query('select * from audit_events where account_id = $1', [me.accountId])).rows,
    ]);
    expect(dump).not.toContain(key);
    expect(await findAgent(own.db.enginePool, me.accountId, made.agent_id)).toMatchObject({ userId: me.userId });
    expect(await findAgent(own.db.enginePool, other.accountId, made.agent_id)).toBeNull();
  });

  test.each<[string, object, string, string]>([
    ['without a name', { name: ' ' }, 'name', '1 to 64'],
    ['with a long name', { name: 'ü'.repeat(65) }, 'name', '1 to 64'],
    ['with a line in its name', { name: 'a\nb' }, 'name', 'control'],
    [
      'with an action there is not',
      { allowed_actions: ['CLICKSEND_CREATE_SMS_SENT'] },
      'allowed_actions',
      'CLICKSEND_CREATE_SMS_SEND?',
    ],
    ['with nonsense', { allowed_actions: ["\u0000%_'"] }, 'allowed_actions', 'There is no action'],
    [
      'with a connection there is not',
      { allowed_connections: ["ca_\u0000'"] },
      'allowed_connections',
      'There is no connection',
    ],
  ])(verifies('agents:made', 'is not made %s'), async (_, body, field, words) => {
    await expect(make(body)).rejects.toMatchObject({ fields: { [field]: expect.stringContaining(words) } });
    expect(await call('agents')).toMatchObject({ total: 0 });
    expect(await audited()).toEqual([]);
  });

  test(verifies('agents:made', 'has its name alone in its account, of several at once too'), async () => {
    const made = await Promise.allSettled(['Desk', 'desk', 'DESK'].map((name) => make({ name })));
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(make({ name: ' deSK ' })).rejects.toMatchObject({
      fields: { name: expect.stringContaining('has this name') },
    });
    await make({ name: 'desk' }, other);
    const second = await make({ name: 'Second' });
    await expect(call('agentUpdate', { ...of(second.agent_id), body: { name: 'desk' } })).rejects.toMatchObject({
      fields: {},
    });
    expect((await call('agentUpdate', { ...of(second.agent_id), body: { name: 'second' } })).name).toBe('second');
  });

  test('takes connections of its account alone', async () => {
    const connection = async (caller: Caller, id: string) => {
      const config = `ac_${id}`;
      await own.db.enginePool.query(
        `insert into auth_configs (auth_config_id, account_id, target, name, created_at, updated_at) values ($1, $2, 'local', 'x', 0, 0)`,
        [config, caller.accountId],
      );
      await own.db.enginePool.query(
        `insert into connections (connection_id, account_id, auth_config_id, target, user_id, word_id, status, created_at, updated_at)
         values ($1, $2, $3, 'local', 'u', 'w', 'ACTIVE', 0, 0)`,
        [id, caller.accountId, config],
      );
      return id;
    };
    const mine = await connection(me, `ca_${'a'.repeat(20)}${me.accountId}`);
    const theirs = await connection(other, `ca_${'b'.repeat(20)}${other.accountId}`);
    expect(await make({ allowed_connections: [mine, mine] })).toMatchObject({ allowed_connections: [mine] });
    await expect(make({ name: 'B', allowed_connections: [theirs] })).rejects.toMatchObject({
      fields: { allowed_connections: expect.stringContaining(theirs) },
    });
  });

  test('is one of so many', async () => {
    await own.db.enginePool.query(
      `insert into agents (account_id, user_id, name, created_at, updated_at)
       select $1, $2, 'agent ' || n, 0, 0 from generate_series(2, $3::integer) n`,
      [me.accountId, me.userId, MOST_AGENTS],
    );
    const made = await Promise.allSettled([make({ name: 'a' }), make({ name: 'b' })]);
    expect(made.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(make({ name: 'c' })).rejects.toThrow('at most 500');
  });
});

describe('a change', () => {
  test(
    verifies('agents:audit', 'keeps what it does not name, and stands in the audit log as it was made'),
    async () => {
      const { agent_id } = await make({ description: 'first', allowed_actions: ['CLICKSEND_GET_LISTS'] });
      clock.advance(5_000);
      expect(await call('agentUpdate', { ...of(agent_id), body: { description: 'second' } })).toMatchObject({
        description: 'second',
        allowed_actions: ['CLICKSEND_GET_LISTS'],
        date_updated: Math.floor(clock.now() / 1000),
      });
      const all = await call('agentUpdate', { ...of(agent_id), body: { allowed_actions: null, own_account: false } });
      expect(all).toMatchObject({ allowed_actions: null, own_account: false });
      expect((await call('agentUpdate', { ...of(agent_id), body: { allowed_actions: [] } })).allowed_actions).toEqual(
        [],
      );
      await call('agentUpdate', { ...of(agent_id), body: { allowed_actions: [] } });
      await expect(call('agentUpdate', { ...of(agent_id), body: { allowed_actions: ['NO'] } })).rejects.toThrow();
      expect(await audited()).toEqual(['agent.created', 'agent.changed', 'agent.changed', 'agent.changed']);
      const [, , first] = (await call('auditLog', { query: { q: 'action:agent.changed' } })).data;
      expect(first).toMatchObject({
        actor: `user:${me.username}`,
        facts: { agent_id, changes: { description: { from: 'first', to: 'second' } } },
      });
    },
  );

  test('disables and enables it, with its keys as they were', async () => {
    const { agent_id, key } = await make();
    const off = await call('agentUpdate', { ...of(agent_id), body: { enabled: false } });
    expect(off).toMatchObject({ enabled: false, disabled_at: Math.floor(clock.now() / 1000) });
    clock.advance(60_000);
    const again = await call('agentUpdate', { ...of(agent_id), body: { enabled: false } });
    expect(again.disabled_at).toBe(off.disabled_at);
    // The key still says whose it is, so that its holder can be told why nothing runs.
    expect(await opens(key)).toMatchObject({ agentId: agent_id });
    expect(await call('agentUpdate', { ...of(agent_id), body: { enabled: true } })).toMatchObject({ enabled: true });
    expect(await audited()).toEqual(['agent.created', 'agent.disabled', 'agent.enabled']);
  });
});

describe(verifies('agents:power', 'who hands on what an agent may do'), () => {
  const SEND = 'CLICKSEND_CREATE_SMS_SEND';
  const LISTS = 'CLICKSEND_GET_LISTS';
  /** A key of the same user that holds no more than this. */
  const holding = (...scopes: string[]): Caller => ({
    ...me,
    via: 'key',
    keyId: 1,
    scopes: ['agents:write', ...scopes],
  });
  const update = (agent_id: number, body: object, by = me) => call('agentUpdate', { ...of(agent_id), body }, by);
  const lacking = (scope: string) => ({ kind: 'forbidden', message: expect.stringContaining(scope) });

  test('makes none that could do what he may not', async () => {
    await expect(make({}, holding())).rejects.toMatchObject(lacking('sms:send'));
    await expect(make({ allowed_actions: null }, holding('sms:send'))).rejects.toMatchObject(lacking('contacts:write'));
    await expect(make({ allowed_actions: [SEND, LISTS] }, holding('sms:send'))).rejects.toMatchObject({
      message: expect.stringMatching(/permission contacts:read,/),
    });
    // Channels that only the cloud has: to send there is to send.
    await expect(make({ allowed_actions: ['CLICKSEND_CREATE_MMS_SEND'] }, holding())).rejects.toMatchObject(
      lacking('sms:send'),
    );
    expect(await call('agents')).toMatchObject({ total: 0 });
    expect(await audited()).toEqual([]);
    await make({ allowed_actions: [] }, holding());
    await make({ name: 'B', allowed_actions: [SEND, LISTS] }, holding('sms:send', 'contacts:read'));
    await make({ name: 'C' }, holding(...Object.keys(scopes)));
  });

  test('takes no key of one that may do more', async () => {
    const { agent_id, key } = await make({ allowed_actions: [SEND] });
    await expect(call('agentKeyRotate', of(agent_id), holding('contacts:read'))).rejects.toMatchObject(
      lacking('sms:send'),
    );
    expect(await opens(key)).toMatchObject({ agentId: agent_id });
    expect(await audited()).toEqual(['agent.created']);
    const { key_id } = await call('agentKeyRotate', of(agent_id), holding('sms:send'));
    await call('agentKeyRevoke', of(agent_id, { key_id }), holding());
  });

  test.each([
    ['another action', { allowed_actions: [LISTS] }, { allowed_actions: [SEND, LISTS] }],
    ['every action', { allowed_actions: [] }, { allowed_actions: null }],
    ['the account itself', { allowed_actions: [SEND], own_account: false }, { own_account: true }],
    ['every connection', { allowed_actions: [SEND], allowed_connections: [] }, { allowed_connections: null }],
  ])('does not let one have %s', async (_, had, body) => {
    const { agent_id } = await make(had);
    await expect(update(agent_id, body, holding('contacts:read'))).rejects.toMatchObject(lacking('sms:send'));
    expect(await call('agentShow', of(agent_id))).toMatchObject(had);
    expect(await audited()).toEqual(['agent.created']);
    expect(await update(agent_id, body)).toMatchObject(body);
  });

  test('does not enable again what somebody disabled', async () => {
    const { agent_id } = await make({ allowed_actions: [SEND] });
    await update(agent_id, { enabled: false });
    await expect(update(agent_id, { enabled: true }, holding())).rejects.toMatchObject(lacking('sms:send'));
    expect(await update(agent_id, { enabled: true }, holding('sms:send'))).toMatchObject({ enabled: true });
  });

  test('may always take away: by name, action, connection, the account, and the agent', async () => {
    const { agent_id } = await make();
    for (const body of [
      { name: 'Less', description: 'x', enabled: true },
      { allowed_actions: [SEND, LISTS] },
      { allowed_actions: [SEND], own_account: false, allowed_connections: [] },
      { enabled: false },
    ]) {
      expect(await update(agent_id, body, holding())).toMatchObject(body);
    }
    await call('agentDelete', of(agent_id), holding());
  });
});

describe('keys', () => {
  test(verifies('agents:rotation', 'the one before stops at once, on this node too'), async () => {
    const { agent_id, key } = await make();
    expect(await opens(key)).toMatchObject({ agentId: agent_id });
    const next = await call('agentKeyRotate', of(agent_id));
    expect(next.key).not.toBe(key);
    expect(await opens(key)).toBe('invalid-credentials');
    expect(await opens(next.key)).toMatchObject({ agentId: agent_id, keyId: next.key_id });
    const { total, data } = await call('agentKeys', of(agent_id));
    expect([total, data.map(({ state }: { state: string }) => state)]).toEqual([2, ['open', 'ended']]);
    expect(JSON.stringify(data)).not.toContain(next.key.slice(0, 8));
    expect(data[0].key.slice(-4)).toBe(next.key.slice(-4));
  });

  test(verifies('agents:rotation', 'or after the overlap, which a later one does not draw out'), async () => {
    const { agent_id, key } = await make();
    const second = await call('agentKeyRotate', { ...of(agent_id), body: { overlap_minutes: 10 } });
    expect(second.others_end_at).toBe(Math.floor(clock.now() / 1000) + 600);
    const third = await call('agentKeyRotate', { ...of(agent_id), body: { overlap_minutes: 1_440 } });
    clock.advance(599_999);
    for (const one of [key, second.key, third.key]) expect(await opens(one)).toMatchObject({ agentId: agent_id });
    clock.advance(1);
    expect(await opens(key)).toBe('invalid-credentials');
    for (const one of [second.key, third.key]) expect(await opens(one)).toMatchObject({ agentId: agent_id });
    expect((await call('agentKeys', of(agent_id))).data.map(({ state }: { state: string }) => state)).toEqual([
      ...['open', 'ending', 'ended'],
    ]);
    await call('agentKeyRevoke', of(agent_id, { key_id: second.key_id }));
    expect(await opens(second.key)).toBe('invalid-credentials');
    await expect(call('agentKeyRevoke', of(agent_id, { key_id: second.key_id }))).rejects.toThrow('no open key');
    await expect(call('agentKeyRotate', { ...of(agent_id), body: { overlap_minutes: 1_441 } })).rejects.toThrow();
  });

  test('are open by so many at a time', async () => {
    const { agent_id } = await make();
    const rotate = () => call('agentKeyRotate', { ...of(agent_id), body: { overlap_minutes: 60 } });
    for (let open = 1; open < MOST_OPEN_KEYS; open++) await rotate();
    await expect(rotate()).rejects.toMatchObject({ fields: { overlap_minutes: expect.any(String) } });
    await call('agentKeyRotate', of(agent_id));
    await rotate();
  });

  test('of an agent are not ended through another', async () => {
    const first = await make();
    const second = await make({ name: 'Second' });
    await expect(call('agentKeyRevoke', of(first.agent_id, { key_id: second.key_id }))).rejects.toMatchObject({
      kind: 'not-found',
    });
    expect(await opens(second.key)).toMatchObject({ agentId: second.agent_id });
  });
});

describe('the end of an agent', () => {
  test(verifies('agents:ended', 'takes its keys with it, leaves its log and frees its name'), async () => {
    const { agent_id, key } = await make();
    const other = await call('agentKeyRotate', { ...of(agent_id), body: { overlap_minutes: 60 } });
    expect(await opens(key)).toMatchObject({ agentId: agent_id });
    await call('agentDelete', of(agent_id));
    for (const one of [key, other.key]) expect(await opens(one)).toBe('invalid-credentials');
    expect(await findAgent(own.db.enginePool, me.accountId, agent_id)).toBeNull();
    for (const id of ['agentShow', 'agentDelete', 'agentKeys', 'agentKeyRotate'] as const)
      await expect(call(id, of(agent_id))).rejects.toMatchObject({ kind: 'not-found' });
    await expect(call('agentUpdate', { ...of(agent_id), body: { enabled: true } })).rejects.toMatchObject({
      kind: 'not-found',
    });
    expect(await call('agents')).toMatchObject({ total: 0, data: [] });
    expect((await make()).agent_id).not.toBe(agent_id);
    expect(await audited()).toEqual(['agent.created', 'agent.key_rotated', 'agent.deleted', 'agent.created']);
  });
});

test(verifies('agents:private', 'another account finds no agent, no key and no audit event'), async () => {
  const { agent_id, key_id, key } = await make();
  const calls: [Id, object][] = [
    ['agentShow', of(agent_id)],
    ['agentUpdate', { ...of(agent_id), body: { name: 'x' } }],
    ['agentDelete', of(agent_id)],
    ['agentKeys', of(agent_id)],
    ['agentKeyRotate', of(agent_id)],
    ['agentKeyRevoke', of(agent_id, { key_id })],
  ];
  for (const [id, input] of calls)
    await expect(call(id, input, other), id).rejects.toMatchObject({ kind: 'not-found' });
  expect(await call('agents', {}, other)).toMatchObject({ total: 0 });
  expect(await audited(other)).toEqual([]);
  expect(await opens(key)).toMatchObject({ agentId: agent_id });
});

test(verifies('agents:audit', 'what is rolled back leaves no event'), async () => {
  const { agent_id } = await make();
  const broken = {
    ...systemRandom,
    bytes: () => {
      throw new RangeError('no randomness');
    },
  };
  const by = { accountId: me.accountId, userId: me.userId, actor: 'user:x', scopes: ['*'] };
  const wish = { name: 'Late', description: '', allowedActions: null, ownAccount: true, allowedConnections: null };
  await expect(makeAgent({ db: own.db, clock, random: broken }, by, wish)).rejects.toThrow('no randomness');
  expect(await call('agents')).toMatchObject({ total: 1, data: [{ agent_id }] });
  expect(await audited()).toEqual(['agent.created']);
});

test('the catalogue shows every action with its schema', async () => {
  const catalogue = await call('actionCatalogue');
  expect(catalogue).toHaveLength(26);
  const send = catalogue.find(({ slug }: { slug: string }) => slug === 'CLICKSEND_CREATE_SMS_SEND');
  expect(send).toMatchObject({ read_only: false, spends: true, open_world: true, input_schema: { type: 'object' } });
  expect(send.input_schema.properties.messages).toBeDefined();
});
