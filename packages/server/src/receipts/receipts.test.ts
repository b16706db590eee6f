import { endpoints } from '@veredus/contract/endpoints';
import { smsReceiptSearch } from '@veredus/contract/endpoints/sms-receipts';
import { readCall } from '@veredus/contract/read-call';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { addAccount, idAt, storeMessages } from '../../../../test/rig/stored-messages.ts';
import type { Caller } from '../accounts/caller.ts';
import { showMessageId } from '../messages/ids.ts';
import { Status } from '../messages/status.ts';
import { COUNTED_RECEIPTS, listReceipts, markReceiptsRead, readReceipt } from './read-receipts.ts';

const NOW = Date.UTC(2026, 5, 1, 10, 30);
const clock = handClock(NOW);

let own: TestDatabase;
let caller: Caller;
let stranger: Caller;
let messages: string[];
let theirs: string[];
const parts = () => ({ db: own.db, clock, publicUrl: () => 'https://msg.example.test' });

beforeAll(async () => {
  own = await openTestDatabase();
  await own.db.enginePool.query(`insert into carriers (name) values ('sandbox')`);
});
afterAll(() => own.close());

beforeEach(async () => {
  const tables = [
    'receipts',
    'messages',
    'statistics_deltas',
    'ledger_balances',
    'users',
    'receipt_rules',
    'lists',
    'accounts',
  ];
  await own.db.enginePool.query(tables.map((table) => `delete from ${table}`).join(';'));
  [caller, stranger] = [await callerOf('caller'), await callerOf('stranger')];
  messages = await store(caller, ['a', 'b', 'c', 'd']);
  theirs = await store(stranger, ['CANARY']);
});

async function callerOf(name: string): Promise<Caller> {
  return { ...(await addAccount(own.db, name)), username: name } as unknown as Caller;
}

const store = (who: Caller, names: string[]) =>
  storeMessages(
    own.db,
    names.map((custom_string, i) => ({
      account_id: who.accountId,
      user_id: who.userId,
      created_at: NOW - 100_000 + i,
      submitted_at: NOW - 90_000 + 500,
      status: Status.submitted,
      custom_string,
    })),
  );

interface Told {
  status?: Status | null;
  error_code?: number;
  read_at?: number;
}

async function tell(who: Caller, messageId: string | undefined, receivedAt: number, told: Told = {}): Promise<void> {
  await own.db.enginePool.query(
    `insert into receipts (id, received_at, read_at, message_id, account_id, carrier_id, state, status, error_code, upstream_id, raw)
     values ($1, $2, $3, $4, $5, (select min(carrier_id) from carriers), 1, $6, $7, 'x', 'x')`,
    [
      idAt(receivedAt),
      receivedAt,
      told.read_at ?? null,
      messageId,
      who.accountId,
      told.status === undefined ? Status.delivered : told.status,
      told.error_code ?? null,
    ],
  );
}

async function list(query: Record<string, string> = {}, who = caller) {
  const read = readCall(endpoints.smsReceipts, { query });
  if (!read.ok) throw new Error(JSON.stringify(read.fields));
  const answer = await listReceipts(parts(), who, read.call.query);
  endpoints.smsReceipts.data.parse(answer.data);
  return answer;
}
const names = async (query: Record<string, string> = {}, who = caller) =>
  (await list(query, who)).data.data.map((row) => row.custom_string);

describe('the list', () => {
  test(verifies('receipts:price', 'shows a receipt with the types and words of the contract'), async () => {
    await tell(caller, messages[0], NOW - 5500);
    expect((await list()).data).toMatchObject({ total: 1, from: 1, to: 1, last_page: 1 });
    expect((await list()).data.data[0]).toEqual({
      timestamp_send: Math.floor((NOW - 90_000 + 500) / 1000),
      timestamp: Math.floor((NOW - 5500) / 1000),
      message_id: showMessageId(messages[0] ?? ''),
      status_code: 201,
      status_text: 'Success: Message received on handset.',
      error_code: null,
      error_text: null,
      custom_string: 'a',
      subaccount_id: caller.userId,
      message_type: 'sms',
      digits: null,
      message_price: '0.0792',
    });
  });

  test('says why a message failed', async () => {
    await tell(caller, messages[0], NOW, { status: Status.failed, error_code: 12 });
    expect((await list()).data.data[0]).toMatchObject({
      status_code: 301,
      status_text: 'Error: Delivery failure.',
      error_code: 12,
      error_text: 'Subscriber absent for 12 hours or more',
    });
  });

  test('[sms:receipts] holds what moved a message of the account and is unread, newest last', async () => {
    await tell(caller, messages[2], NOW - 3000);
    await tell(caller, messages[0], NOW - 2000);
    await tell(caller, messages[1], NOW - 1000, { status: null });
    await tell(caller, messages[3], NOW - 1000, { read_at: NOW });
    await tell(stranger, theirs[0], NOW - 2500);
    expect(await names()).toEqual(['c', 'a']);
    expect(await names({ order_by: 'timestamp:desc' })).toEqual(['a', 'c']);
    expect(await names({}, stranger)).toEqual(['CANARY']);
    expect(await names()).toEqual(['c', 'a']);
  });

  test('is empty without an enabled POLL rule', async () => {
    await tell(caller, messages[0], NOW);
    await own.db.enginePool.query('update receipt_rules set enabled = false where account_id = $1', [caller.accountId]);
    expect((await list()).data).toMatchObject({ total: 0, data: [], from: null, to: null });
    await own.db.enginePool.query(`update receipt_rules set enabled = true, action = 'URL' where account_id = $1`, [
      caller.accountId,
    ]);
    expect((await list()).words).toContain('no enabled POLL');
    expect((await list()).data.total).toBe(0);
  });

  test('pages', async () => {
    for (const [i, id] of messages.entries()) await tell(caller, id, NOW - 10_000 + i * 1000);
    expect(await names({ limit: '3' })).toEqual(['a', 'b', 'c']);
    const second = (await list({ limit: '3', page: '2' })).data;
    expect(second.data.map((row) => row.custom_string)).toEqual(['d']);
    expect(second).toMatchObject({ total: 4, from: 4, to: 4, last_page: 2, next_page_url: null });
    expect(second.prev_page_url).toBe('https://msg.example.test/v3/sms/receipts?limit=3&page=1');
    expect(await names({ limit: '3', page: '3' })).toEqual([]);
  });

  test.each(smsReceiptSearch.fields)('can be sorted by %s', async (field) => {
    for (const [i, id] of messages.entries()) {
      await tell(caller, id, NOW + i * 1000, i % 2 ? { status: Status.failed, error_code: 8 + i } : {});
    }
    const up = (await list({ order_by: `${field}:asc` })).data.data;
    const values = up.map((row) => row[field]).filter((value) => value !== null);
    expect(values).toEqual([...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
    expect(up).toHaveLength(4);
    const paged = [
      ...(await names({ order_by: `${field}:asc`, limit: '3' })),
      ...(await names({ order_by: `${field}:asc`, limit: '3', page: '2' })),
    ];
    expect(paged).toEqual(up.map((row) => row.custom_string));
  });

  test('counts no further than it must', async () => {
    await own.db.enginePool.query(
      `insert into receipts (id, received_at, message_id, account_id, carrier_id, state, status, upstream_id, raw)
       select gen_random_uuid(), $1, $2, $3, (select min(carrier_id) from carriers), 1, 3, 'x', 'x' from generate_series(1, $4::integer)`,
      [NOW, messages[0], caller.accountId, COUNTED_RECEIPTS + 5],
    );
    const { data, words } = await list();
    expect(data.total).toBe(COUNTED_RECEIPTS);
    expect(words).toContain('mark them as read');
  });
});

describe('one receipt', () => {
  const one = (message_id: string | undefined, who = caller) =>
    readReceipt(parts(), who, { message_id: message_id ?? '' });

  test('[sms:receipts] is the newest that moved the message, read or not', async () => {
    await tell(caller, messages[0], NOW - 3000, { status: Status.expired, error_code: 20, read_at: NOW });
    await tell(caller, messages[0], NOW - 2000, { read_at: NOW });
    await tell(caller, messages[0], NOW - 1000, { status: null });
    const { data } = await one(showMessageId(messages[0] ?? ''));
    endpoints.smsReceipt.data.parse(data);
    expect(data).toMatchObject({ status_code: 201, timestamp: NOW / 1000 - 2, message_price: '0.0792' });
  });

  test.each(['nonsense', `' or 1=1 --`, '019973A2-4E10-7C31-9F0B-6A51D2C48E77'])('%s is not found', async (id) => {
    await expect(one(id)).rejects.toMatchObject({ kind: 'not-found' });
  });

  test('without a receipt, or of another account, is not found', async () => {
    await tell(stranger, theirs[0], NOW);
    await expect(one(messages[0])).rejects.toMatchObject({ kind: 'not-found' });
    await expect(one(theirs[0])).rejects.toMatchObject({ kind: 'not-found' });
    expect((await one(theirs[0], stranger)).data.custom_string).toBe('CANARY');
  });
});

describe('marking as read', () => {
  test('hides all of the account, and no one else’s', async () => {
    await tell(caller, messages[0], NOW - 2000);
    await tell(caller, messages[1], NOW - 1000);
    await tell(stranger, theirs[0], NOW - 1000);
    expect(await markReceiptsRead(parts(), caller, null)).toMatchObject({ data: null });
    expect(await names()).toEqual([]);
    expect(await names({}, stranger)).toEqual(['CANARY']);
    const { rows } = await own.db.enginePool.query('select read_at from receipts where account_id = $1', [
      caller.accountId,
    ]);
    expect(rows).toEqual([{ read_at: NOW }, { read_at: NOW }]);
  });

  test('[sms:receipts] can stop at a time, which it leaves', async () => {
    await tell(caller, messages[0], NOW - 3000);
    await tell(caller, messages[1], NOW - 2000);
    await tell(caller, messages[2], NOW - 1999);
    await markReceiptsRead(parts(), caller, { date_before: NOW / 1000 - 2 });
    expect(await names()).toEqual(['b', 'c']);
    await markReceiptsRead(parts(), caller, { date_before: null });
    expect(await names()).toEqual([]);
  });
});
