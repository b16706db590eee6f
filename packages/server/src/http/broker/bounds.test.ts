import { request } from 'node:http';
import type { ToolAnswer } from '@veredus/tools/host';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../../test/conformance/promises.ts';
import { type BrokerDoor, openBrokerDoor } from '../../../../../test/rig/broker-door.ts';
import { openTestDatabase, type TestDatabase } from '../../../../../test/rig/database.ts';
import { eventually } from '../../../../../test/rig/server.ts';

let database: TestDatabase;
let door: BrokerDoor;
let url: string;
/** Executions that wait to be let go. */
let held: (() => void)[];
const done: ToolAnswer = { data: { http_code: 200 }, error: null, successful: true, logId: null, replayed: false };

beforeAll(async () => {
  database = await openTestDatabase();
  door = await openBrokerDoor(database);
  url = await door.listen();
  for (const name of ['project', 'second', 'third'])
    await door.add(name, ['broker:use', 'agents:read', 'agents:write']);
});
afterAll(async () => {
  expect(door.logged).toEqual([]);
  await door.close();
  await database.close();
});
beforeEach(() => {
  held = [];
  door.runs.length = 0;
  door.answer = () => new Promise((resolve) => held.push(() => resolve(done)));
});
const release = () => {
  for (const let_go of held.splice(0)) let_go();
};

const EXECUTE = '/api/v3/tools/execute/CLICKSEND_CREATE_SMS_SEND';
const SMALL = JSON.stringify({ user_id: 'ana', arguments: { messages: [] } });
/** Little to send, much to hold. */
const LARGE = `{"user_id":"ana","arguments":{"messages":[${'{},'.repeat(1_300_000)}{}]}}`;

async function post(body: string, key = 'project', headers: Record<string, string> = {}) {
  const answer = await fetch(url + EXECUTE, {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': 'application/json', ...headers },
    body,
  });
  await answer.text();
  return {
    status: answer.status,
    retry: answer.headers.get('retry-after'),
    again: answer.headers.get('x-should-retry'),
  };
}

describe('bodies', () => {
  test(verifies('broker:bounded', 'forty large ones at once: one is read, and small ones go on'), async () => {
    const before = process.memoryUsage.rss();
    let answered = 0;
    const all = Array.from({ length: 40 }, async () => {
      const answer = await post(LARGE);
      answered += 1;
      return answer;
    });
    await eventually(async () => answered === 39 && held.length === 1);
    expect(process.memoryUsage.rss() - before).toBeLessThan(1_500 * 1024 * 1024);
    const small = post(SMALL);
    await eventually(async () => held.length === 2);
    release();
    expect((await small).status).toBe(200);
    const statuses = await Promise.all(all);
    expect(statuses.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const away of statuses.filter(({ status }) => status !== 200))
      expect(away).toEqual({ status: 503, retry: '5', again: 'false' });
    // And the turn is given back.
    const later = post(LARGE);
    await eventually(async () => held.length === 1);
    release();
    expect((await later).status).toBe(200);
  });

  test(verifies('broker:bounded', 'two in all, whoever sends them, also without their length'), async () => {
    const first = post(LARGE);
    await eventually(async () => held.length === 1);
    const second = request(url + EXECUTE, { method: 'POST', headers: { 'x-api-key': 'second' } });
    const answer = new Promise<number | undefined>((resolve) => {
      second.on('response', (got) => resolve(got.resume().statusCode));
    });
    // In pieces, as its length is not said.
    second.write(SMALL.slice(0, 9));
    second.end(SMALL.slice(9));
    await eventually(async () => held.length === 2);
    expect((await post(LARGE, 'third')).status).toBe(503);
    release();
    expect([(await first).status, await answer]).toEqual([200, 200]);
  });

  test('beyond 4 MB are refused', async () => {
    expect((await post(`${LARGE}${' '.repeat(1_000_000)}`)).status).toBe(413);
    expect(door.runs).toEqual([]);
  });
});

test(verifies('broker:bounded', 'one key has 32 calls under way, also where their clients have gone'), async () => {
  const gone = new AbortController();
  const headers = { 'x-api-key': 'project', 'content-type': 'application/json' };
  const calls = Array.from({ length: 32 }, () =>
    fetch(url + EXECUTE, { method: 'POST', headers, body: SMALL, signal: gone.signal }).catch(() => 'gone'),
  );
  await eventually(async () => held.length === 32);
  expect(await post(SMALL)).toEqual({ status: 503, retry: '1', again: 'false' });
  const theirs = post(SMALL, 'second');
  await eventually(async () => held.length === 33);
  gone.abort();
  expect(new Set(await Promise.all(calls))).toEqual(new Set(['gone']));
  expect((await post(SMALL)).status).toBe(503);
  release();
  expect((await theirs).status).toBe(200);
  door.answer = () => done;
  await eventually(async () => (await post(SMALL)).status === 200);
});
