import { endpoints } from '@veredus/contract/endpoints';
import { readCall } from '@veredus/contract/read-call';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { addAccount } from '../../../../test/rig/stored-messages.ts';
import type { Caller } from '../accounts/caller.ts';
import { messageIds } from '../messages/ids.ts';
import { testReceipt } from '../receipts/test-receipt.ts';
import { systemRandom } from '../system.ts';
import { listInbound } from './list-inbound.ts';
import { testInbound } from './test-inbound.ts';

const NOW = Date.UTC(2026, 5, 1, 10, 30);
const URL_ = 'https://crm.example.test/hooks';
const clock = handClock(NOW);
const newId = messageIds(clock, systemRandom);

let own: TestDatabase;
let caller: Caller;
let woken = 0;
const parts = () => ({
  db: own.db,
  clock,
  newId,
  allowUrls: [],
  publicUrl: () => 'https://msg.example.test',
  wakeWebhooks: () => void woken++,
});

beforeAll(async () => {
  own = await openTestDatabase();
  caller = (await addAccount(own.db, 'ada')) as unknown as Caller;
});
afterAll(() => own.close());
beforeEach(async () => {
  await own.db.enginePool.query(
    'delete from webhook_deliveries; delete from webhook_endpoints; delete from inbound_texts',
  );
  woken = 0;
});

const read = (id: 'smsInboundTest' | 'smsReceiptTest', body: object) => {
  const call = readCall(endpoints[id], { body });
  if (!call.ok) throw Object.assign(new Error('refused'), { kind: 'bad-request', fields: call.fields });
  return call.call.body;
};
async function inbound(body: object, depth = 0) {
  const answer = await testInbound(parts(), caller, read('smsInboundTest', body), depth);
  endpoints.smsInboundTest.data.parse(answer.data);
  return answer;
}
async function receipt(body: object, depth = 0) {
  const answer = await testReceipt(parts(), caller, read('smsReceiptTest', body), depth);
  endpoints.smsReceiptTest.data.parse(answer.data);
  return answer;
}
const deliveries = async () =>
  (
    await own.db.enginePool.query(
      'select d.*, e.url from webhook_deliveries d join webhook_endpoints e using (endpoint_id) order by d.id',
    )
  ).rows;
const inList = async () => {
  const call = readCall(endpoints.smsInbound, { query: {} });
  return call.ok ? (await listInbound(parts(), caller, call.call.query)).data.data : [];
};

describe('a test message', () => {
  test(verifies('inbound:test', 'is pushed to the URL as a form unless told otherwise'), async () => {
    const { data } = await inbound({ url: URL_ }, 2);
    expect(data).toMatchObject({ from: '+61411111111', body: 'This is a test.', timestamp_send: NOW / 1000 });
    const [delivery] = await deliveries();
    expect(delivery).toMatchObject({ url: URL_, kind: 'test', method: 'POST', depth: 2, occurred_at: NOW, state: 0 });
    expect(delivery.content_type).toContain('application/x-www-form-urlencoded');
    const form = Object.fromEntries(new URLSearchParams(delivery.body));
    expect(form).toMatchObject({
      message_id: data.message_id,
      from: data.from,
      sms: data.from,
      originalsenderid: data.to,
      original_message_id: data.original_message_id,
      originalmessageid: data.original_message_id,
      originalmessage: data.original_body,
      customstring: data.custom_string,
      timestamp: String(data.timestamp),
      user_id: String(caller.accountId),
      subaccount_id: String(caller.userId),
    });
    expect(woken).toBe(1);
    expect(await inList()).toEqual([]);
  });

  test(verifies('inbound:test', 'is pushed as JSON or as a query when asked'), async () => {
    const { data } = await inbound({ url: ` ${URL_} `, webhook_type: 'JSON' });
    await inbound({ url: URL_, webhook_type: 'get' });
    const [json, get] = await deliveries();
    expect(JSON.parse(json.body)).toMatchObject({ message_id: data.message_id, timestamp: NOW / 1000 });
    expect(JSON.parse(json.body)).not.toHaveProperty('originalmessage');
    expect([get.method, get.body]).toEqual(['GET', '']);
    expect(new URLSearchParams(get.query).get('originalmessage')).toBe(data.original_body);
  });

  test(verifies('inbound:test', 'stands in the list for "poll", and is pushed nowhere'), async () => {
    const { data } = await inbound({ url: 'Poll' }, 1);
    const { timestamp_send, ...row } = data;
    expect(await inList()).toEqual([row]);
    expect(timestamp_send).toBe(row.timestamp);
    expect([await deliveries(), woken]).toEqual([[], 0]);
    const { rows } = await own.db.enginePool.query('select test, depth, rules_at from inbound_texts');
    expect(rows).toEqual([{ test: true, depth: 1, rules_at: NOW }]);
  });
});

describe('a test receipt', () => {
  test(verifies('receipts:test', 'is pushed to the URL in the words of a real one'), async () => {
    const { data } = await receipt({ url: URL_ }, 1);
    expect(data).toMatchObject({ status_code: 201, custom_string: 'test', message_type: 'sms' });
    const [delivery] = await deliveries();
    expect(delivery).toMatchObject({ url: URL_, kind: 'test', method: 'POST', depth: 1 });
    expect(Object.fromEntries(new URLSearchParams(delivery.body))).toEqual({
      timestamp_send: String(NOW / 1000 - 4),
      timestamp: String(NOW / 1000),
      message_id: data.message_id,
      status: 'Delivered',
      status_code: '201',
      status_text: data.status_text,
      error_code: '',
      error_text: '',
      custom_string: 'test',
      user_id: String(caller.accountId),
      subaccount_id: String(caller.userId),
      message_type: 'sms',
    });
    expect(woken).toBe(1);
  });

  test(verifies('receipts:test', 'is only shown for "poll", and the words say so'), async () => {
    expect((await receipt({ url: 'poll' })).words).toContain('does not list it');
    expect(await deliveries()).toEqual([]);
  });
});

test.each([
  [{}, 'url'],
  [{ url: '' }, 'url'],
  [{ url: 'foo' }, 'url'],
  [{ url: 7 }, 'url'],
  [{ url: 'ftp://crm.example.test/' }, 'url'],
  [{ url: 'http://127.0.0.1/' }, 'url'],
  [{ url: 'https://user:secret@crm.example.test/' }, 'url'],
  [{ url: 'https://crm.example.test:22/' }, 'url'],
  [{ url: `https://crm.example.test/${'a'.repeat(3_000)}` }, 'url'],
  [{ url: URL_, webhook_type: 'xml' }, 'webhook_type'],
])('%j is refused by both calls, and names %s', async (body, field) => {
  for (const call of [inbound, receipt]) {
    await expect(call(body)).rejects.toMatchObject({ fields: { [field]: expect.stringContaining(field) } });
  }
  expect([await deliveries(), woken]).toEqual([[], 0]);
});
