import { endpoints } from '@veredus/contract/endpoints';
import { smsHistorySearch } from '@veredus/contract/endpoints/sms-history';
import { readCall } from '@veredus/contract/read-call';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { addAccount, type StoredMessageRow, storeMessages } from '../../../../test/rig/stored-messages.ts';
import type { Caller } from '../accounts/caller.ts';
import { showMessageId } from '../messages/ids.ts';
import { Status } from '../messages/status.ts';
import { readHistory } from './read-history.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 5, 1, 10, 30);
const NOW = START + 10 * HOUR;
const clock = handClock(NOW);

let own: TestDatabase;
let caller: Caller;
let stranger: Caller;
let ids: string[];

beforeAll(async () => {
  own = await openTestDatabase();
  caller = callerOf(await addAccount(own.db, 'bakehouse'));
  stranger = callerOf(await addAccount(own.db, 'stranger'));
  ids = await storeMessages(
    own.db,
    FIXTURE.map((message) => ({ ...common(caller), ...message })),
  );
  await storeMessages(
    own.db,
    FIXTURE.map((message) => ({ ...common(stranger), ...message, body: 'CANARY', sender: 'CANARY' })),
  );
  // An MMS is no SMS.
  await storeMessages(own.db, [
    { ...common(caller), created_at: START, status: Status.delivered, channel: 2, body: 'MMS' },
  ]);
});
afterAll(() => own.close());

function callerOf({ accountId, userId }: { accountId: number; userId: number }): Caller {
  return { accountId, userId, username: 'x', scopes: ['*'], via: 'key', keyId: 1 } as unknown as Caller;
}
const common = ({ accountId, userId }: Caller) => ({ account_id: accountId, user_id: userId });

/** In order of acceptance; the name of each is its custom_string. */
const FIXTURE: Omit<StoredMessageRow, 'account_id' | 'user_id'>[] = [
  {
    created_at: START,
    status: Status.delivered,
    custom_string: 'delivered',
    body: '100% rye_bread',
    parts: 2,
    price_micro: 158_400,
  },
  { created_at: START + 1, status: Status.submitted, custom_string: 'submitted', body: '100 rye bread', sender: '' },
  {
    created_at: START + HOUR,
    status: Status.failed,
    custom_string: 'failed',
    error_code: 12,
    recipient: '+61422222222',
  },
  { created_at: START + 2 * HOUR, status: Status.expired, custom_string: 'expired', recipient: '+6142222' },
  { created_at: START + 3 * HOUR, status: Status.unknown, custom_string: 'unknown', country: 'NZ' },
  {
    created_at: START + 4 * HOUR,
    status: Status.refused,
    custom_string: 'refused',
    refusal: 'INVALID_RECIPIENT',
    price_micro: 0,
  },
  { created_at: START + 5 * HOUR, status: Status.partial, custom_string: 'partial', from_email: 'shop@example.test' },
  { created_at: START + 6 * HOUR, status: Status.cancelled, custom_string: 'cancelled', contact_id: '77', list_id: 9 },
  { created_at: START + 7 * HOUR, status: Status.queued, custom_string: 'retrying', attempts: 2 },
  { created_at: START + 8 * HOUR, status: Status.queued, custom_string: 'scheduled', schedule_at: NOW + 60_000 },
  { created_at: START + 9 * HOUR, status: Status.claimed, custom_string: 'claimed', schedule_at: NOW - 60_000 },
  { created_at: NOW, status: Status.queued, custom_string: 'fresh' },
];
const ALL = FIXTURE.map(({ custom_string }) => custom_string ?? '');

async function ask(query: Record<string, string>, who = caller) {
  const read = readCall(endpoints.smsHistory, { query });
  if (!read.ok) throw new Error(JSON.stringify(read.fields));
  const parts = { db: own.db, clock, publicUrl: () => 'https://msg.example.test' };
  const answer = await readHistory(parts, who, read.call.query);
  endpoints.smsHistory.data.parse(answer.data);
  return answer;
}

/** The custom_strings found, once it is sure that the total says the same and every way of paging shows the same. */
async function found(query: Record<string, string>): Promise<string[]> {
  const { data } = await ask({ ...query, limit: '100' });
  const names = data.data.map((row) => row.custom_string ?? '');
  expect(data.total).toBe(names.length);
  const paged: string[] = [];
  for (let page = 1; page <= Math.max(1, Math.ceil(data.total / 2)); page++) {
    const piece = await ask({ ...query, limit: '2', page: String(page) });
    expect(piece.data.total).toBe(data.total);
    paged.push(...piece.data.data.map((row) => row.custom_string ?? ''));
  }
  expect(paged).toEqual(names);
  return names;
}

describe('a row', () => {
  test('has the types and words of the contract', async () => {
    const { data } = await ask({ q: `message_id:${ids[2]}` });
    expect(data.data[0]).toEqual({
      direction: 'out',
      date: (START + HOUR) / 1000,
      to: '+61422222222',
      body: 'Your bread is baked.',
      status: 'Failed',
      from: 'Bakehouse',
      schedule: String((START + HOUR) / 1000),
      status_code: '301',
      status_text: 'Delivery failure.',
      error_code: '12',
      error_text: 'Subscriber absent for 12 hours or more',
      message_id: showMessageId(ids[2] ?? ''),
      message_parts: 1,
      message_price: '0.079200',
      from_email: null,
      list_id: null,
      custom_string: 'failed',
      contact_id: null,
      user_id: caller.accountId,
      subaccount_id: caller.userId,
      country: 'AU',
      carrier: '',
      first_name: null,
      last_name: null,
      _api_username: 'bakehouse',
    });
  });
});

describe('searches', () => {
  test.each<[string, string[]]>([
    ['', ALL],
    ['status:Sent', ['delivered', 'submitted']],
    ['status:sent,status_code:201', ['delivered']],
    ['status:Failed', ['failed', 'expired', 'refused', 'partial']],
    ['status:Completed', ['unknown', 'claimed']],
    ['status:Queued', ['retrying', 'fresh']],
    ['status:Scheduled', ['scheduled']],
    ['status:Cancelled', ['cancelled']],
    ['status:WaitApproval', []],
    ['status:', ALL],
    ['status:Sent,status:Failed', []],
    ['status_code:200', ['submitted', 'scheduled', 'claimed', 'fresh']],
    ['status_code:300', ['unknown', 'retrying']],
    ['status_text:received on HANDSET', ['delivered']],
    ['status_text:INVALID_rec', ['refused']],
    ['status_text:not accepted', ['refused']],
    ['error_code:12', ['failed']],
    ['error_code:16', ['retrying']],
    ['error_code:20', ['expired']],
    ['error_text:absent', ['failed']],
    ['error_text:cancel', ['cancelled']],
    ['body:100%', ['delivered']],
    ['body:rye_bread', ['delivered']],
    ['body:RYE', ['delivered', 'submitted']],
    ['body:\\', []],
    ['to:+61422222222', ['failed']],
    ['to: 61422222222', ['failed']],
    ['to:2222', ['failed', 'expired']],
    ['from:bake', ALL.filter((name) => name !== 'submitted')],
    ['country:nz', ['unknown']],
    ['custom_string:failed', ['failed']],
    ['custom_string:FAIL', ['failed']],
    ['custom_string:ed', ALL.filter((name) => name.includes('ed'))],
    ['custom_string:refused,status:Failed', ['refused']],
    ['custom_string:refused,status:Sent', []],
    ['message_parts:2', ['delivered']],
    ['message_price:0.1584', ['delivered']],
    ['message_price:0', ['refused']],
    ['message_parts:99999999999', []],
    ['message_parts:x', []],
    ['list_id:9', ['cancelled']],
    ['contact_id:77', ['cancelled']],
    ['from_email:@EXAMPLE', ['partial']],
    ['direction:out', ALL],
    ['direction:in', []],
    ['carrier:x', []],
    ['first_name:x', []],
    ['_api_username:BAKE', ALL],
    ['username:stranger', []],
    ['message_id:nonsense', []],
    [`date:${START / 1000}`, ['delivered', 'submitted']],
    [`timestamp:${(START + HOUR) / 1000}`, ['failed']],
    [`schedule:${(NOW + 60_000) / 1000}`, ['scheduled']],
  ])('[sms:history] %s', async (q, names) => {
    expect(await found({ q })).toEqual(names);
  });

  test('by user and account', async () => {
    expect(await found({ q: `user_id:${caller.accountId}` })).toEqual(ALL);
    expect(await found({ q: `user_id:${stranger.accountId}` })).toEqual([]);
    expect(await found({ q: `subaccount_id:${caller.userId}` })).toEqual(ALL);
    expect(await found({ q: `subaccount_id:${stranger.userId}` })).toEqual([]);
  });

  test.each(smsHistorySearch.fields)('[search:q] by %s, each row is found by the value it shows', async (field) => {
    const rows = (await ask({ limit: '100' })).data.data;
    const values = new Set(rows.map((row) => row[field]).filter((value) => value !== null && value !== ''));
    for (const value of values) {
      const { data } = await ask({ q: `${field}:${value}`, limit: '100' });
      const shown = rows.filter((row) => row[field] === value);
      expect(data.data, String(value)).toEqual(expect.arrayContaining(shown));
    }
    expect((await ask({ q: `${field}:4000000000` })).data.total).toBe(0);
  });

  test('[search:operator] with OR', async () => {
    const two = `message_id:${ids[1]},message_id:${ids[4]?.toUpperCase()}`;
    expect(await found({ q: two, operator: 'OR' })).toEqual(['submitted', 'unknown']);
    expect(await found({ q: two })).toEqual([]);
    expect(await found({ q: 'status:Sent,status:Cancelled', operator: 'OR' })).toEqual([
      'delivered',
      'submitted',
      'cancelled',
    ]);
    expect(await found({ q: 'status:Queued,body:100', operator: 'OR' })).toEqual([
      'delivered',
      'submitted',
      'retrying',
      'fresh',
    ]);
    expect(await found({ q: 'body:nothing,status:', operator: 'OR' })).toEqual(ALL);
    expect(await found({ q: 'message_id:x,message_id:y', operator: 'OR' })).toEqual([]);
    expect(await found({ q: `message_id:x,custom_string:fresh`, operator: 'OR' })).toEqual(['fresh']);
    expect(await found({ q: 'error_code:12,message_parts:2,schedule:1,status_text:INVALID', operator: 'OR' })).toEqual([
      'delivered',
      'failed',
      'refused',
    ]);
  });

  test('[sms:history] by time, both bounds inclusive to the second', async () => {
    const at = (hours: number) => String((START + hours * HOUR) / 1000);
    const between = (from: number, to: number) => ({ date_from: at(from), date_to: at(to) });
    expect(await found(between(1, 3))).toEqual(['failed', 'expired', 'unknown']);
    expect(await found({ date_from: at(8) })).toEqual(['scheduled', 'claimed', 'fresh']);
    expect(await found({ date_to: at(0) })).toEqual(['delivered', 'submitted']);
    expect(await found({ ...between(0, 9), q: 'status:Sent' })).toEqual(['delivered', 'submitted']);
    expect(await found({ ...between(7, 12), q: 'status:Queued' })).toEqual(['retrying', 'fresh']);
    expect(await found({ ...between(0.1, 0.2) })).toEqual([]);
    expect(await found({ ...between(0.6, 1.2) })).toEqual(['failed']);
    expect(await found({ ...between(5, 2) })).toEqual([]);
    expect(await found({ ...between(0, 4), q: 'status:Failed,status:Sent', operator: 'OR' })).toEqual([
      'delivered',
      'submitted',
      'failed',
      'expired',
      'refused',
    ]);
  });

  test('by time, where a burst fills an hour', async () => {
    const burst = callerOf(await addAccount(own.db, 'burst'));
    const hour = Math.floor(START / HOUR) * HOUR;
    // 9,000 messages between minute 10 and minute 40, a third of them failed.
    const rows = Array.from({ length: 9_000 }, (_, i) => ({
      ...common(burst),
      created_at: hour + 600_000 + i * 200,
      status: i % 3 === 0 ? Status.failed : Status.delivered,
    }));
    await storeMessages(own.db, rows);
    const within = (from: number, to: number, failed: boolean) =>
      rows.filter(
        ({ created_at, status }) =>
          created_at >= hour + from * 1000 &&
          created_at < hour + (to + 1) * 1000 &&
          (!failed || status === Status.failed),
      ).length;
    for (const [from, to] of [
      [0, 3599],
      [1, 3599],
      [-4000, 3000],
      [900, 9000],
      [1500, 3598],
      [1500, 2000],
      [599, 2500],
      [601, 2300],
      [2500, 3000],
      [0, 605],
    ] as const) {
      const bounds = { date_from: String(hour / 1000 + from), date_to: String(hour / 1000 + to) };
      expect((await ask(bounds, burst)).data.total, `${from} ${to}`).toBe(within(from, to, false));
      expect((await ask({ ...bounds, q: 'status:Failed' }, burst)).data.total).toBe(within(from, to, true));
    }
  });

  test.each(smsHistorySearch.fields)('by %s take numbers of any size, or refuse them in a sentence', async (field) => {
    for (const value of ['-1', '0', '2147483648', '9223372036854775808', '1e400', '0.0000001', '9'.repeat(40)]) {
      const answer = await ask({ q: `${field}:${value}` }).catch((error: unknown) => error);
      if (answer instanceof Error)
        expect(answer, value).toMatchObject({ kind: 'bad-request', fields: expect.anything() });
    }
  });

  test('refuse a time in milliseconds and say the right one', async () => {
    await expect(ask({ q: 'date:1790000000000' })).rejects.toMatchObject({
      kind: 'bad-request',
      fields: { q: 'date is in milliseconds; it takes unix seconds: use 1790000000.' },
    });
  });
});

describe('order', () => {
  test('by date, from either end', async () => {
    expect(await found({ order_by: 'date:desc' })).toEqual([...ALL].reverse());
    expect(await found({ order_by: 'date:desc', q: 'status:Failed' })).toEqual([
      'partial',
      'refused',
      'expired',
      'failed',
    ]);
  });

  test.each([...smsHistorySearch.fields, 'username', 'timestamp'])(
    '[search:q] by %s, whole and without overlap',
    async (field) => {
      const up = await found({ order_by: `${field}:asc` });
      expect([...up].sort()).toEqual([...ALL].sort());
      expect(await found({ order_by: `${field}:desc` })).toEqual([...up].reverse());
      const { data } = await ask({ order_by: `${field}:asc`, limit: '100' });
      const key = ({ username: '_api_username', timestamp: 'date' }[field] ??
        field) as keyof (typeof data.data)[number];
      const numeric = ['date', 'schedule', 'message_parts', 'message_price', 'error_code', 'list_id'].includes(key);
      const values = data.data.map((row) => row[key]).filter((value) => value !== null);
      const rank = (value: string | number) => (numeric ? Number(value) : value);
      expect(values).toEqual([...values].sort((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0)));
    },
  );
});

describe('pages', () => {
  test('count from 1 and link to each other', async () => {
    const { data } = await ask({ page: '2', limit: '5' });
    expect(data).toMatchObject({ total: 12, per_page: 5, current_page: 2, last_page: 3, from: 6, to: 10 });
    expect(data.next_page_url).toBe('https://msg.example.test/v3/sms/history?limit=5&page=3');
    expect(data.prev_page_url).toBe('https://msg.example.test/v3/sms/history?limit=5&page=1');
  });

  test('[sms:history] link to pages of the same search', async () => {
    const query = { q: 'status:Failed,to:+614', operator: 'OR', order_by: 'date:desc', date_from: '0', limit: '1' };
    const whole = await ask({ ...query, limit: '100' });
    const walked: string[] = [];
    for (let at: Record<string, string> | null = query; at; ) {
      const { data } = await ask(at);
      walked.push(...data.data.map((row) => row.message_id));
      at = data.next_page_url === null ? null : Object.fromEntries(new URL(data.next_page_url).searchParams);
    }
    expect(walked).toEqual(whole.data.data.map((row) => row.message_id));
    expect(walked).toHaveLength(12);
  });

  test('behind the last are empty', async () => {
    const { data } = await ask({ page: '9', limit: '5' });
    expect(data).toMatchObject({ total: 12, last_page: 3, from: null, to: null, data: [] });
  });
});
