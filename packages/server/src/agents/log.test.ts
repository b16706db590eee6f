import { endpoints } from '@veredus/contract/endpoints';
import { readCall } from '@veredus/contract/read-call';
import { systemRandom } from '@veredus/server/system';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { type HandClock, handClock } from '../../../../test/rig/hand-clock.ts';
import { addAccount, idAt, storeMessages } from '../../../../test/rig/stored-messages.ts';
import type { Caller } from '../accounts/caller.ts';
import { Status } from '../messages/status.ts';
import { insertOrigins } from '../messages/store-origins.ts';
import { forgetExecutions } from './forget.ts';
import { logId, uuidOfLogId } from './log-id.ts';
import { type MadeKey, makeAgent } from './make-agent.ts';
import { agentRoutes } from './routes.ts';
import { endExecution, insertExecution } from './store-executions.ts';

let own: TestDatabase;
let clock: HandClock;
let me: Caller;
let other: Caller;
let agentId: number;
let made: MadeKey;
let accounts = 0;
const DAY = 86_400_000;

beforeAll(async () => {
  own = await openTestDatabase();
});
afterAll(() => own.close());
beforeEach(async () => {
  clock = handClock();
  me = await someone();
  other = await someone();
  const wish = { name: 'Support', description: '', allowedActions: null, ownAccount: true, allowedConnections: null };
  const by = { accountId: me.accountId, userId: me.userId, actor: 'user:ana', scopes: ['*'] };
  const { agent, ...key } = await makeAgent({ db: own.db, clock, random: systemRandom }, by, wish);
  agentId = agent.agentId;
  made = key;
  await own.db.enginePool.query('delete from executions');
});

async function someone(): Promise<Caller> {
  const username = `ana${accounts++}`;
  return { ...(await addAccount(own.db, username)), username, keyId: null } as unknown as Caller;
}

type Id = 'executions' | 'executionShow' | 'smsOrigin';
// biome-ignore lint/suspicious/noExplicitAny: answers of every shape.
type Answered = any;
async function call(id: Id, input: { params?: object; query?: object } = {}, by = me): Promise<Answered> {
  const handlers = agentRoutes({
    ...{ db: own.db, clock, random: systemRandom, publicUrl: () => 'https://msg.example' },
    forget: () => {},
  });
  const read = readCall(endpoints[id], input);
  if (!read.ok) throw Object.assign(new Error('unreadable'), { fields: read.fields });
  const { data } = await (handlers[id] as (call: object) => Promise<{ data: unknown }>)({ ...read.call, caller: by });
  return endpoints[id].data.parse(data);
}

type New = Partial<Parameters<typeof insertExecution>[1]> & {
  ending?: Partial<Parameters<typeof endExecution>[2]> | null;
};
async function log({ ending = {}, ...one }: New = {}): Promise<string> {
  const at = one.at ?? clock.now();
  const row = {
    ...{ executionId: idAt(at), accountId: me.accountId, at, agentId, keyId: made.keyId, runId: null, face: 'mcp' },
    ...{
      userId: null,
      action: 'CLICKSEND_GET_LISTS',
      connectionId: null,
      target: 'local' as const,
      arguments: '{"page":1}',
      currency: 'AUD',
    },
    ...one,
  };
  await insertExecution(own.db.enginePool, row);
  if (ending !== null)
    await endExecution(own.db.enginePool, row, {
      ...{ state: 'done' as const, successful: true, error: null, result: '{"http_code":200}', durationMs: 12 },
      ...{ undone: false, costMicro: null, costCurrency: null, messageIds: [], campaignId: null },
      ...ending,
    });
  clock.advance(1_000);
  return row.executionId;
}
const found = async (q: string, more: object = {}, by = me) =>
  (await call('executions', { query: { q, ...more } }, by)).data.map(({ log_id }: { log_id: string }) =>
    uuidOfLogId(log_id),
  );

describe('ids of executions', () => {
  test('are read in any spelling, and nothing else is', () => {
    const uuid = '019973a2-4e10-7c31-9f0b-6a51d2c48e77';
    expect(logId(uuid)).toBe('log_019973a24e107c319f0b6a51d2c48e77');
    for (const text of [logId(uuid), logId(uuid).toUpperCase(), uuid, ` ${uuid.toUpperCase()} `])
      expect(uuidOfLogId(text)).toBe(uuid);
    for (const text of [
      '',
      'log_',
      'log_1',
      `${logId(uuid)}0`,
      "log_' or true --",
      'log_019973a24e107c319f0b6a51d2c48e7g',
    ]) {
      expect(uuidOfLogId(text)).toBeNull();
    }
  });
});

describe('the log', () => {
  test('shows an execution whole', async () => {
    const messageIds = [idAt(clock.now(), 1), idAt(clock.now(), 2)];
    const id = await log({ runId: 'run-1', userId: 'kim', ending: { costMicro: 64_400, messageIds, campaignId: 7 } });
    const shown = await call('executionShow', { params: { log_id: logId(id) } });
    expect(shown).toMatchObject({
      log_id: logId(id),
      ...{ agent_id: agentId, agent_name: 'Support', key_id: made.keyId, run_id: 'run-1', face: 'mcp', user_id: 'kim' },
      ...{ action: 'CLICKSEND_GET_LISTS', connection_id: null, target: 'local', state: 'done', successful: true },
      ...{ error: null, took_ms: 12, cost: '0.064400', messages: 2, campaign_id: 7, replays: 0 },
      ...{ arguments: { page: 1 }, result: { http_code: 200 } },
      message_ids: messageIds.map((one) => one.toUpperCase()),
    });
    const running = await log({ ending: null });
    expect(await call('executionShow', { params: { log_id: running } })).toMatchObject({
      state: 'running',
      result: null,
    });
  });

  test(verifies('agents:log', 'is searched by what one knows, the newest first'), async () => {
    const message = idAt(clock.now(), 5);
    const start = Math.floor(clock.now() / 1000);
    const a = await log({ action: 'CLICKSEND_CREATE_SMS_SEND', runId: 'run-1', ending: { messageIds: [message] } });
    const b = await log({
      agentId: null,
      face: 'broker',
      connectionId: 'ca_one',
      target: 'cloud',
      ending: { successful: false, error: 'No 100% such list' },
    });
    const c = await log({ runId: 'run-1', userId: 'kim', ending: { state: 'unknown', successful: false } });
    expect(await found('')).toEqual([c, b, a]);
    const searches: [string, string[]][] = [
      [`agent_id:${agentId}`, [c, a]],
      ['agent_id:999999', []],
      ['agent_id:99999999999999999999', []],
      ['agent:supp', [c, a]],
      ['agent_name:SUPPORT', [c, a]],
      ["agent:' or true --", []],
      ['agent:%', []],
      ['action:sms_send', [a]],
      ['run_id:run-1', [c, a]],
      ['run_id:run', []],
      ['connection_id:ca_one', [b]],
      ['connected_account_id:ca_one', [b]],
      ['successful:true', [a]],
      ['successful:false', [c, b]],
      ['face:broker', [b]],
      ['target:cloud', [b]],
      ['state:unknown', [c]],
      ['user_id:kim', [c]],
      ['error:100% such', [b]],
      ['error:1__% such', []],
      [`message_id:${message}`, [a]],
      [`message_id:${message.toUpperCase()}`, [a]],
      ['message_id:x', []],
      ['run_id:run-1,successful:false', [c]],
      [`date:${start}`, [a]],
      ["action:' or true --", []],
      ['action:\u0000', []],
    ];
    for (const [q, wanted] of searches) expect(await found(q), q).toEqual(wanted);
    expect(await found('face:broker,user_id:kim', { operator: 'OR' })).toEqual([c, b]);
    expect(await found('', { date_from: start + 1, date_to: start + 1 })).toEqual([b]);
    await expect(found('date:yesterday')).rejects.toMatchObject({ fields: { q: expect.any(String) } });
    await expect(found('agent_id:Support')).rejects.toMatchObject({
      fields: { q: expect.stringMatching(/agent_id takes the number.*agent:… finds/) },
    });
    await expect(found('successful:perhaps')).rejects.toMatchObject({ fields: { q: expect.any(String) } });
    await expect(found('colour:red')).rejects.toMatchObject({ fields: { q: expect.stringContaining('agent_id') } });
    const page = await call('executions', { query: { q: 'run_id:run-1', limit: 1 } });
    expect(page).toMatchObject({ total: 2, last_page: 2, from: 1, to: 1 });
    expect(page.next_page_url).toContain('q=run_id%3Arun-1');
    expect((await call('executions', { query: { page: 9 } })).data).toEqual([]);
  });

  test(verifies('agents:private', 'is nobody else’s'), async () => {
    const message = idAt(clock.now());
    const id = await log({ runId: 'run-1', ending: { messageIds: [message] } });
    for (const q of ['', 'run_id:run-1', 'agent:Support', `agent_id:${agentId}`, `message_id:${message}`])
      expect(await found(q, {}, other)).toEqual([]);
    for (const log_id of [logId(id), 'log_0', logId(idAt(1))]) {
      await expect(call('executionShow', { params: { log_id } }, other)).rejects.toMatchObject({ kind: 'not-found' });
    }
  });
});

describe('where a message came from', () => {
  async function message(by = me): Promise<string> {
    const id = idAt(clock.now(), 9);
    const row = { account_id: by.accountId, user_id: by.userId, created_at: clock.now(), status: Status.submitted, id };
    await storeMessages(own.db, [row]);
    return id;
  }
  const origin = (message_id: string, by = me) => call('smsOrigin', { params: { message_id } }, by);
  const from = (executionId: string, runId: string | null = null, agent: number | null = agentId) => {
    return { accountId: me.accountId, executionId, agentId: agent, runId };
  };

  test(verifies('agents:origin', 'is told as long as the message is, whatever became of the execution'), async () => {
    const id = await message();
    const execution = await log({ action: 'CLICKSEND_CREATE_SMS_SEND', runId: 'run-1' });
    await insertOrigins(own.db.enginePool, [{ accountId: me.accountId, id }], from(execution, 'run-1'));
    const known = { agent_id: agentId, agent_name: 'Support', run_id: 'run-1', log_id: logId(execution) };
    const expected = { message_id: id.toUpperCase(), ...known, action: 'CLICKSEND_CREATE_SMS_SEND', face: 'mcp' };
    expect(await origin(id)).toMatchObject(expected);
    expect(await found(`message_id:${id}`)).toEqual([execution]);
    await own.db.enginePool.query('delete from executions where execution_id = $1', [execution]);
    expect(await origin(id.toUpperCase())).toMatchObject({ ...known, action: null, face: null, date: null });
  });

  test(verifies('agents:origin', 'is that of its campaign'), async () => {
    const id = await message();
    const execution = await log();
    const { rows } = await own.db.enginePool.query(
      `insert into lists (account_id, list_name, list_email_id, created_at) values ($1, 'l', $2, 0) returning list_id`,
      [me.accountId, `list${me.accountId}`],
    );
    expect(rows[0].list_id).toEqual(expect.any(Number));
    const campaign = await insertCampaign(rows[0].list_id, execution);
    await own.db.enginePool.query('update messages set campaign_id = $2 where id = $1', [id, campaign]);
    expect(await origin(id)).toMatchObject({ agent_id: agentId, run_id: 'run-9', campaign_id: campaign });
    expect(await found(`message_id:${id}`)).toEqual([execution]);
  });

  test(verifies('agents:private', 'is not found where no agent sent it, or for another account'), async () => {
    const id = await message();
    await expect(origin(id)).rejects.toMatchObject({ kind: 'not-found' });
    const execution = await log();
    await insertOrigins(own.db.enginePool, [{ accountId: me.accountId, id }], from(execution));
    await expect(origin(id, other)).rejects.toMatchObject({ kind: 'not-found' });
    await expect(origin("x' or true")).rejects.toMatchObject({ kind: 'not-found' });
  });

  test(verifies('agents:private', 'names no agent of another account that held the credentials'), async () => {
    const id = await message(other);
    const execution = await log();
    await insertOrigins(own.db.enginePool, [{ accountId: other.accountId, id }], from(execution));
    await expect(origin(id, other)).rejects.toMatchObject({ kind: 'not-found' });
  });

  async function insertCampaign(listId: number, execution: string): Promise<number> {
    const { rows: columns } = await own.db.enginePool.query(
      `select column_name as name, data_type as type from information_schema.columns
       where table_name = 'campaigns' and is_nullable = 'NO' and column_default is null and is_identity = 'NO'`,
    );
    const known: Record<string, unknown> = { account_id: me.accountId, user_id: me.userId, list_id: listId };
    const row: Record<string, unknown> = { execution_id: execution, agent_id: agentId, run_id: 'run-9' };
    for (const { name, type } of columns)
      row[name] = known[name] ?? (type === 'text' ? '' : type === 'boolean' ? false : 0);
    const names = Object.keys(row);
    const { rows } = await own.db.enginePool.query(
      `insert into campaigns (${names.join(', ')}) values (${names.map((_, i) => `$${i + 1}`).join(', ')}) returning campaign_id`,
      Object.values(row),
    );
    return rows[0].campaign_id;
  }
});

test(verifies('agents:kept', 'what is older is forgotten, a chunk at a time, and nothing else'), async () => {
  const now = clock.now() + 200 * DAY;
  const old = [await log({ at: now - 91 * DAY }), await log({ at: now - 90 * DAY - 1_000 })];
  const kept = await log({ at: now - 89 * DAY });
  const insertKey = (key: string, explicit: boolean, at: number) =>
    own.db.enginePool.query(`insert into execution_keys values ($1, 's', $2, '\\x00', $3, $4, $5)`, [
      ...[me.accountId, key, explicit, kept, at],
    ]);
  await insertKey('derived, old', false, now - DAY - 1);
  await insertKey('derived', false, now - DAY + 1);
  await insertKey('chosen, old', true, now - 7 * DAY - 1);
  await insertKey('chosen', true, now - 7 * DAY + 1);
  const endKey = (ago: number) =>
    own.db.enginePool.query('update api_keys set revoked_at = $2 where key_id = $1', [made.keyId, now - ago]);
  const keys = async () =>
    (await own.db.enginePool.query('select key from execution_keys where account_id = $1 order by 1', [me.accountId]))
      .rows;
  await endKey(89 * DAY);
  expect(await forgetExecutions(own.db.enginePool, now, 1)).toBe(1);
  expect(await found('')).toEqual([kept, old[1]]);
  expect(await forgetExecutions(own.db.enginePool, now)).toBe(1);
  expect(await forgetExecutions(own.db.enginePool, now)).toBe(0);
  expect(await found('')).toEqual([kept]);
  expect(await keys()).toEqual([{ key: 'chosen' }, { key: 'derived' }]);
  const left = () => own.db.enginePool.query('select 1 from api_keys where key_id = $1', [made.keyId]);
  expect((await left()).rows).toHaveLength(1);
  await endKey(91 * DAY);
  await forgetExecutions(own.db.enginePool, now);
  expect((await left()).rows).toHaveLength(0);
});
