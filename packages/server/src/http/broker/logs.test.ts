import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { verifies } from '../../../../../test/conformance/promises.ts';
import { type BrokerDoor, openBrokerDoor } from '../../../../../test/rig/broker-door.ts';
import { openTestDatabase, type TestDatabase } from '../../../../../test/rig/database.ts';
import { idAt } from '../../../../../test/rig/stored-messages.ts';
import type { Caller } from '../../accounts/caller.ts';
import { logId } from '../../agents/log-id.ts';
import { endExecution, insertExecution } from '../../agents/store-executions.ts';

const AT = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;

let database: TestDatabase;
let door: BrokerDoor;
let mine: Caller;
let ids: string[];
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
  mine = await door.add('project', ['broker:use', 'agents:read']);
  await door.add('agent', ['agent:use'], { agentId: 7 }, 'project');
  await door.add('stranger', ['broker:use', 'agents:read']);
  ids = [];
  await executed('CLICKSEND_GET_LISTS', { userId: 'ana', runId: 'run-1' });
  await executed('CLICKSEND_GET_LISTS_CONTACTS', { userId: 'ana.b', agentId: 7 });
  await executed('CLICKSEND_CREATE_SMS_SEND', { connectionId: 'ca_1', agentId: 8 }, 'to: must begin with +.');
});

async function executed(action: string, more: object, error: string | null = null): Promise<void> {
  const at = AT + ids.length * HOUR;
  const executionId = idAt(at);
  const pool = database.db.enginePool;
  await insertExecution(pool, {
    ...{ executionId, accountId: mine.accountId, at, agentId: null, keyId: null, runId: null, face: 'broker' },
    ...{ userId: null, action, connectionId: null, target: 'local', arguments: '{"page":1}', currency: 'AUD' },
    ...more,
  });
  const effects = { undone: error !== null, costMicro: null, costCurrency: null, messageIds: [], campaignId: null };
  const result = '{"http_code":200}';
  await endExecution(
    pool,
    { executionId, accountId: mine.accountId, at },
    {
      ...{ state: 'done', successful: error === null, error, result, durationMs: 12 },
      ...effects,
    },
  );
  ids.push(logId(executionId));
}

const search = (body: object, key = 'project') => door.call('POST', '/logs/tool_execution', { body, key });
const found = async (body: object, key?: string) =>
  (await search(body, key)).body.logs.map((log: { id: string }) => ids.indexOf(log.id));
const filter = (field: string, value: string, operator = '==') => ({ filters: [{ field, operator, value }] });

test(verifies('broker:logs', 'the newest first, by what is asked'), async () => {
  expect(await found({})).toEqual([2, 1, 0]);
  expect(await found(filter('tool_slug', 'clicksend_get_lists'))).toEqual([0]);
  expect(await found(filter('user_id', 'ana'))).toEqual([0]);
  expect(await found(filter('connected_account_id', 'ca_1'))).toEqual([2]);
  expect(await found(filter('run_id', 'run-1'))).toEqual([0]);
  expect(await found(filter('status', 'failed'))).toEqual([2]);
  expect(await found(filter('toolkit_slug', 'gmail'))).toEqual([]);
  expect(await found(filter('user_id', "a' or 1=1 --\u0000"))).toEqual([]);
  expect(await found({ time_range: { from: AT + 1, to: AT + HOUR } })).toEqual([1]);
  for (const body of [
    filter('mood', 'x'),
    filter('status', 'x'),
    filter('user_id', 'x', '>'),
    { limit: 'x' },
    { cursor: '!' },
  ]) {
    expect([body, (await search(body)).status]).toEqual([body, 400]);
  }
});

test(verifies('broker:logs', 'page by page, and one with all of it'), async () => {
  const { body } = await search({ limit: 2 });
  expect(body.logs).toHaveLength(2);
  expect(await found({ cursor: body.next_cursor })).toEqual([0]);
  expect(body.logs[0]).toMatchObject({
    ...{ type: 'tool.execution', status: 'failed', level: 'error', message: 'to: must begin with +.', parent: null },
    metadata: { tool: { slug: 'CLICKSEND_CREATE_SMS_SEND' }, connected_account_id: 'ca_1' },
    metrics: { duration_ms: 12 },
  });
  const one = await door.call('GET', `/logs/tool_execution/${ids[0]}`);
  expect(one.body).toMatchObject({
    ...{ id: ids[0], status: 'success', timings: { startTime: AT, endTime: AT + 12 } },
    data: { request: { page: 1 }, response: { http_code: 200 } },
  });
});

test(verifies('broker:logs', 'broker:foreign', 'nobody else’s, and of an agent its own'), async () => {
  expect(await found({}, 'agent')).toEqual([1]);
  expect(await found({}, 'stranger')).toEqual([]);
  const status = async (id: string | undefined, key: string) =>
    (await door.call('GET', `/logs/tool_execution/${id}`, { key })).status;
  expect(await status(ids[1], 'agent')).toBe(200);
  expect(await status(ids[0], 'agent')).toBe(404);
  expect(await status(ids[0], 'stranger')).toBe(404);
  expect(await status('log_nothing', 'project')).toBe(404);
});
