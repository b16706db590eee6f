import { endpoints } from '@veredus/contract/endpoints';
import { smsInboundSearch } from '@veredus/contract/endpoints/sms-inbound';
import { readCall } from '@veredus/contract/read-call';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { addAccount, idAt, storeMessages } from '../../../../test/rig/stored-messages.ts';
import type { Caller } from '../accounts/caller.ts';
import { showMessageId } from '../messages/ids.ts';
import { Status } from '../messages/status.ts';
import { COUNTED_TEXTS, listInbound, markInboundRead, markOneRead, readReply } from './list-inbound.ts';

const NOW = Date.UTC(2026, 5, 1, 10, 30);
const clock = handClock(NOW);

let own: TestDatabase;
let caller: Caller;
let stranger: Caller;
const parts = () => ({ db: own.db, clock, publicUrl: () => 'https://msg.example.test' });

beforeAll(async () => {
  own = await openTestDatabase();
});
afterAll(() => own.close());

let names = 0;
beforeEach(async () => {
  await own.db.enginePool.query('delete from inbound_texts; delete from messages; delete from inbound_rules');
  names += 1;
  [caller, stranger] = [await callerOf(`caller${names}`), await callerOf(`stranger${names}`)];
});

async function callerOf(name: string): Promise<Caller> {
  const made = await addAccount(own.db, name);
  await own.db.enginePool.query(
    `insert into inbound_rules (account_id, rule_name, action) values ($1, 'Poll', 'POLL')`,
    [made.accountId],
  );
  return { ...made, username: name } as unknown as Caller;
}

interface Text {
  at?: number;
  sender?: string;
  recipient?: string;
  answers_id?: string | null;
  polled?: boolean;
  read_at?: number | null;
}

/** Keeps a text as a POLL rule would; answers its id. */
async function kept(body: string, text: Text = {}, who = caller): Promise<string> {
  const { at = NOW - 1_000, sender = '+61411111111', recipient = '+61422222222', answers_id = null } = text;
  const id = idAt(at);
  await own.db.enginePool.query(
    `insert into inbound_texts (id, account_id, received_at, sender, recipient, body, answers_id, rules_at, polled, read_at)
     values ($1, $2, $3, $4, $5, $6, $7, $3, $8, $9)`,
    [id, who.accountId, at, sender, recipient, body, answers_id, text.polled ?? true, text.read_at ?? null],
  );
  return id;
}

const sent = async (custom_string: string, who = caller) => {
  const row = { account_id: who.accountId, user_id: who.userId, created_at: NOW - 9_000, status: Status.delivered };
  const [id] = await storeMessages(own.db, [{ ...row, body: 'Rye or wheat?', custom_string }]);
  return id!;
};

async function list(query: Record<string, string> = {}, who = caller) {
  const read = readCall(endpoints.smsInbound, { query });
  if (!read.ok) throw Object.assign(new Error('refused'), { fields: read.fields });
  const answer = await listInbound(parts(), who, read.call.query);
  endpoints.smsInbound.data.parse(answer.data);
  return answer;
}
const bodies = async (query: Record<string, string> = {}, who = caller) =>
  (await list(query, who)).data.data.map((row) => row.body);

describe('the list', () => {
  test(verifies('inbound:list', 'shows a message with the types and words of the contract'), async () => {
    const answered = await sent('order-8841');
    const id = await kept('Rye, PLEASE!', { at: NOW - 5_500, answers_id: answered });
    const { data, words } = await list();
    expect(data).toMatchObject({ total: 1, from: 1, to: 1, last_page: 1 });
    expect(data.data).toEqual([
      {
        timestamp: Math.floor((NOW - 5_500) / 1000),
        from: '+61411111111',
        to: '+61422222222',
        body: 'Rye, PLEASE!',
        original_body: 'Rye or wheat?',
        original_message_id: showMessageId(answered),
        message_id: showMessageId(id),
        custom_string: 'order-8841',
        _keyword: 'rye,',
      },
    ]);
    expect(words).toBe('Inbound messages.');
  });

  test(verifies('inbound:list', 'holds what is kept and unread of the account, oldest first'), async () => {
    await kept('second', { at: NOW - 2_000 });
    await kept('first', { at: NOW - 3_000 });
    await kept('read', { read_at: NOW });
    await kept('no rule', { polled: false });
    await kept('CANARY', {}, stranger);
    expect(await bodies()).toEqual(['first', 'second']);
    expect(await bodies({ order_by: 'date:desc' })).toEqual(['second', 'first']);
    expect(await bodies({}, stranger)).toEqual(['CANARY']);
    expect(await bodies()).toEqual(['first', 'second']);
  });

  test('says that no POLL rule is there, and still shows what was kept', async () => {
    await kept('kept');
    await own.db.enginePool.query(`update inbound_rules set enabled = false where account_id = $1`, [caller.accountId]);
    expect((await list()).words).toContain('no enabled POLL');
    await own.db.enginePool.query(`update inbound_rules set enabled = true, action = 'poll'`);
    expect((await list()).words).not.toContain('POLL');
    await own.db.enginePool.query(`update inbound_rules set action = 'URL' where account_id = $1`, [caller.accountId]);
    expect((await list()).words).toContain('no enabled POLL');
    expect(await bodies()).toEqual(['kept']);
  });

  test(verifies('inbound:list', 'pages, and its links stay within the search'), async () => {
    for (let i = 0; i < 5; i++) await kept(`text ${i}`, { at: NOW - 10_000 + i * 1_000 });
    await kept('other', { at: NOW - 20_000 });
    const { data } = await list({ q: 'body:text', limit: '2', page: '2' });
    expect(data.data.map(({ body }) => body)).toEqual(['text 2', 'text 3']);
    expect(data).toMatchObject({ total: 5, from: 3, to: 4, last_page: 3 });
    const url = 'https://msg.example.test/v3/sms/inbound?q=body%3Atext&limit=2&page=';
    expect([data.prev_page_url, data.next_page_url]).toEqual([`${url}1`, `${url}3`]);
    expect(await bodies({ q: 'body:text', limit: '2', page: '4' })).toEqual([]);
  });

  test(verifies('inbound:bounded', 'counts no further than it must, and says so'), async () => {
    await own.db.enginePool.query(
      `insert into inbound_texts (id, account_id, received_at, sender, recipient, body, rules_at, polled)
       select gen_random_uuid(), $1, $2, 'x', 'y', 'many', $2, true from generate_series(1, $3::integer)`,
      [caller.accountId, NOW, COUNTED_TEXTS + 5],
    );
    for (const query of [{}, { q: 'body:many' }, { order_by: 'date:desc' }, { order_by: 'body:asc' }]) {
      const { data, words } = await list(query as Record<string, string>);
      expect([data.total, data.data.length]).toEqual([COUNTED_TEXTS, 15]);
      expect(words).toContain('mark them as read');
    }
    const none = await list({ q: 'body:none' });
    expect(none.data.total).toBe(0);
    expect(none.words).toContain('mark them as read');
  });
});

describe('a search', () => {
  test(verifies('inbound:search', 'takes every field, in any case, with AND and OR'), async () => {
    const answered = await sent('order-8841');
    const id = await kept('Rye', { sender: '+61400000001', recipient: '+61400000009', answers_id: answered });
    const other = await kept('Wheat 100%', { at: NOW + 5_000 });
    for (const q of [
      'from:+61400000001',
      'from: 61400000001',
      'to:000009',
      'body:rYE',
      `message_id:${id}`,
      `original_message_id:${showMessageId(answered)}`,
      'custom_string:ORDER-88',
      `timestamp:${Math.floor((NOW - 1_000) / 1000)}`,
    ]) {
      expect(await bodies({ q }), q).toEqual(['Rye']);
    }
    expect(await bodies({ q: `message_id:${id},message_id:${other}`, operator: 'OR' })).toEqual(['Rye', 'Wheat 100%']);
    expect(await bodies({ q: 'body:rye,from:+61400000002' })).toEqual([]);
    expect(await bodies({ q: 'custom_string:' })).toEqual(['Rye', 'Wheat 100%']);
    expect(await bodies({ q: 'body:0%' })).toEqual(['Wheat 100%']);
    for (const q of ['body:\u0000', 'body:_', "body:' or true --", 'timestamp:soon', 'message_id:\ud800']) {
      expect(await bodies({ q }), q).toEqual([]);
    }
    await expect(list({ q: 'account_id:1' })).rejects.toMatchObject({ fields: { q: expect.stringContaining('from') } });
  });

  test.each(smsInboundSearch.fields)(verifies('inbound:search', 'can be sorted by %s'), async (field) => {
    const answered = [await sent('b'), await sent('a')];
    for (let i = 0; i < 4; i++) {
      const numbers = { sender: `+6140000000${3 - i}`, recipient: `+6140000001${i % 2}` };
      await kept(`text ${i % 3}`, { at: NOW + i * 1_000, ...numbers, answers_id: answered[i] ?? null });
    }
    const up = (await list({ order_by: `${field}:asc` })).data.data;
    const values = up.map((row) => row[field]).filter((value) => value !== null && value !== '');
    expect(values).toEqual([...values].sort((a, b) => (a! < b! ? -1 : a! > b! ? 1 : 0)));
    expect(up).toHaveLength(4);
    const paged = [
      ...(await bodies({ order_by: `${field}:asc`, limit: '3' })),
      ...(await bodies({ order_by: `${field}:asc`, limit: '3', page: '2' })),
    ];
    expect(paged).toEqual(up.map((row) => row.body));
  });
});

describe('the first answer', () => {
  const reply = (original_message_id: string, who = caller) => readReply(parts(), who, { original_message_id });

  test(verifies('inbound:reply', 'to a message is found, read or not and whatever the rules'), async () => {
    const answered = await sent('one');
    await kept('later', { at: NOW - 100, answers_id: answered });
    await kept('first', { at: NOW - 200, answers_id: answered, polled: false, read_at: NOW });
    const { data } = await reply(answered);
    endpoints.smsInboundReply.data.parse(data);
    expect(data).toMatchObject({ body: 'first', original_message_id: showMessageId(answered), custom_string: 'one' });
    expect((await reply(showMessageId(answered))).data.body).toBe('first');
  });

  test('is not found to what nobody answered, to what is no message, or to that of another', async () => {
    const theirs = await sent('theirs', stranger);
    await kept('CANARY', { answers_id: theirs }, stranger);
    for (const id of [await sent('mine'), theirs, 'nonsense', "' or 1=1 --"]) {
      await expect(reply(id), id).rejects.toMatchObject({ kind: 'not-found' });
    }
    expect((await reply(theirs, stranger)).data.body).toBe('CANARY');
  });
});

describe('marking as read', () => {
  test(verifies('inbound:read', 'hides all of the account, or those before a time'), async () => {
    await kept('first', { at: NOW - 3_000 });
    await kept('second', { at: NOW - 2_000 });
    await kept('third', { at: NOW - 1_999 });
    await kept('CANARY', {}, stranger);
    expect(await markInboundRead(parts(), caller, { date_before: NOW / 1000 - 2 })).toMatchObject({ data: null });
    expect(await bodies()).toEqual(['second', 'third']);
    await markInboundRead(parts(), caller, null);
    expect([await bodies(), await bodies({}, stranger)]).toEqual([[], ['CANARY']]);
  });

  test(verifies('inbound:read', 'takes one by its id, and answers how many it hid'), async () => {
    const [id, theirs] = [await kept('mine'), await kept('CANARY', {}, stranger)];
    const mark = (message_id: string) => markOneRead(parts(), caller, { message_id });
    await kept('other', { at: NOW - 500 });
    expect((await mark(showMessageId(id))).data).toBe(1);
    expect((await mark(id)).data).toBe(0);
    expect(await bodies()).toEqual(['other']);
    for (const wrong of [theirs, 'nonsense', '019973A2-4E10-7C31-9F0B-6A51D2C48E77']) {
      await expect(mark(wrong), wrong).rejects.toMatchObject({ kind: 'not-found' });
    }
    expect(await bodies({}, stranger)).toEqual(['CANARY']);
  });
});
