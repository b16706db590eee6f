import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../../test/conformance/promises.ts';
import { openAccount, PRICE, setPrice } from '../../../../../test/faults/rig/pipeline.ts';
import { openTestDatabase, type TestDatabase } from '../../../../../test/rig/database.ts';
import { handClock } from '../../../../../test/rig/hand-clock.ts';
import { addContacts, listCalls } from '../../../../../test/rig/lists.ts';
import { type Answered, openSmsCalls, type SmsCalls } from '../../../../../test/rig/sms-calls.ts';
import type { Caller } from '../../accounts/caller.ts';
import type { ContactValues } from '../../lists/contact-fields.ts';
import { optOut } from '../../suppression/opt-out.ts';

const DAY = 86_400_000;
const clock = handClock();
let own: TestDatabase;
let caller: Caller;
let calls: SmsCalls;

beforeAll(async () => {
  own = await openTestDatabase();
  caller = await openAccount(own.db);
  await setPrice(own.db, PRICE);
  calls = await openSmsCalls(own.db, clock);
});
afterAll(async () => {
  calls.close();
  await own.close();
});
beforeEach(async () => {
  clock.advance(3_600_000);
  calls.jobs.length = 0;
  await own.db.enginePool.query('delete from links');
});

const phone = (n: number) => `+614${String(30_000_000 + n)}`;
const LINK = /acme\.link\/(\w{8})/g;
const codesIn = (body: string) => [...body.matchAll(LINK)].map(([, code]) => code);
const bodies = (answer: Answered): string[] => answer.messages.map(({ body }: Answered) => body);
const statuses = (answer: Answered): string[] => answer.messages.map(({ status }: Answered) => status);
const links = async () => (await own.db.enginePool.query('select * from links order by recipient, kind')).rows;
const send = (messages: object[], more: object = {}, { key, who = caller }: { key?: string; who?: Caller } = {}) =>
  calls.send(who, { messages, ...more }, key);
const shorten = { shorten_urls: true };

async function makeList(contacts: Partial<ContactValues>[]): Promise<number> {
  const { call } = listCalls(own.db, clock);
  const { list_id: listId } = await call('listCreate', caller, { body: { list_name: 'Regulars' } });
  await addContacts(own.db, caller, listId, contacts);
  return listId;
}

describe('links of single messages', () => {
  test(verifies('sms:links', 'sms:shorten-urls', 'each recipient gets his own, kept with his message'), async () => {
    const body = 'Bread: https://shop.example.test/rye?a=1. Enough? http://StopMsg.me/xxxxx or stopmsg.me/XXXXX';
    const answer = await send(
      [1, 2].map((n) => ({ to: phone(n), body })),
      shorten,
    );
    expect(statuses(answer)).toEqual(['SUCCESS', 'SUCCESS']);
    const [first, second] = bodies(answer).map((text) => {
      expect(text).toMatch(/^Bread: acme\.link\/\w{8}\. Enough\? https:\/\/(acme\.link\/\w{8}) or \1$/);
      return codesIn(text);
    });
    const now = clock.now();
    const row = { account_id: caller.accountId, channel: 1, campaign_id: null, contact_id: null, list_id: null };
    const times = { created_at: now, expires_at: now + 365 * DAY };
    const url = 'https://shop.example.test/rye?a=1';
    expect(await links()).toEqual([
      { ...row, ...times, recipient: phone(1), code: first![0], kind: 1, url },
      { ...row, ...times, recipient: phone(1), code: first![1], kind: 2, url: null },
      { ...row, ...times, recipient: phone(2), code: second![0], kind: 1, url },
      { ...row, ...times, recipient: phone(2), code: second![1], kind: 2, url: null },
    ]);
    const { rows } = await own.db.enginePool.query('select body from messages where id = any($1::uuid[]) order by id', [
      answer.messages.map(({ message_id }: Answered) => message_id),
    ]);
    expect(rows.map((message) => message.body)).toEqual(bodies(answer));
  });

  test('of a scheduled message work for their time from when it goes', async () => {
    const schedule = Math.floor(clock.now() / 1000) + 30 * 86_400;
    await send([{ to: phone(1), body: 'StopMsg.me/xxxxx', schedule }]);
    expect(await links()).toMatchObject([{ expires_at: schedule * 1000 + 365 * DAY }]);
  });

  test.each([
    ['smsg.io/xxxxx', 'a slot with nothing to lead to'],
    ['https://smsg.io/xxxxx', 'a slot with a scheme'],
    [`https://a.example/${'x'.repeat(233)}`, 'an address of 251 characters'],
    ['https://ana:secret@a.example', 'a password'],
    ['https://a.example:99999/ then http://b.example', 'no address, and the second is not the first'],
    ['shop.example.test/rye', 'no scheme'],
  ])(verifies('sms:shorten-urls', '%j stays: %s'), async (body) => {
    expect(bodies(await send([{ to: phone(1), body }], shorten))).toEqual([body]);
    expect(await links()).toEqual([]);
    expect(calls.jobs[0]).not.toHaveProperty('within');
  });

  test('an address is left alone unless that was asked for', async () => {
    const body = 'https://shop.example.test/rye';
    for (const more of [{}, { shorten_urls: false }, { shorten_urls: null }]) {
      clock.advance(3_600_000);
      expect(bodies(await send([{ to: phone(1), body }], more))).toEqual([body]);
    }
    expect(calls.jobs.filter((job) => 'within' in job)).toEqual([]);
  });

  test(
    verifies('sms:links', 'are counted and priced at the length they have, and a price stores nothing'),
    async () => {
      // acme.link/ and eight letters are 18: of 143 and 142 others, one takes two parts, the other one.
      const messages = [143, 142].map((others, n) => ({
        to: phone(n),
        body: `${'x'.repeat(others)}https://a.example/${'y'.repeat(200)}`,
      }));
      const spaced = messages.map(({ to, body }) => ({ to, body: body.replace('xhttps', ' https') }));
      const priced = await calls.price(caller, { messages: spaced, ...shorten });
      expect(await links()).toEqual([]);
      const sent = await send(spaced, shorten);
      for (const answer of [priced, sent]) {
        expect(answer.messages.map(({ message_parts }: Answered) => message_parts)).toEqual([2, 1]);
        expect(bodies(answer).map((body) => body.length)).toEqual([161, 160]);
        expect(answer.total_price).toBeCloseTo((3 * PRICE) / 1e6, 6);
      }
      expect(await links()).toHaveLength(2);
    },
  );

  test('belong to accepted messages only; one that is refused at once shows what was asked for', async () => {
    const body = 'Rye: https://a.example/b StopMsg.me/xxxxx';
    const at = clock.now();
    const request = {
      accountId: caller.accountId,
      channel: 1,
      address: phone(7),
      at,
      how: 'user',
      words: null,
    } as const;
    await optOut(own.db.enginePool as never, request);
    const answer = await send(
      [
        { to: '+6100', body },
        { to: phone(7), body },
        { to: phone(8), body },
        { to: phone(8), body },
        { to: phone(9), body: '' },
      ],
      shorten,
    );
    expect(statuses(answer)).toEqual([
      'INVALID_RECIPIENT',
      'INVALID_RECIPIENT',
      'SUCCESS',
      'THROTTLED',
      'EMPTY_MESSAGE',
    ]);
    expect(bodies(answer)[0]).toBe(body);
    expect((await links()).map(({ recipient, kind }) => [recipient, kind])).toEqual([
      [phone(8), 1],
      [phone(8), 2],
    ]);
  });

  test(
    verifies('sms:throttle', 'the same text is the same, whatever codes it got; another address is another text'),
    async () => {
      const to = phone(1);
      expect(statuses(await send([{ to, body: 'https://a.example/1' }], shorten))).toEqual(['SUCCESS']);
      expect(statuses(await send([{ to, body: 'https://a.example/1' }], shorten))).toEqual(['THROTTLED']);
      expect(statuses(await send([{ to, body: 'https://a.example/2' }], shorten))).toEqual(['SUCCESS']);
    },
  );
});

describe('links of messages to a list', () => {
  test(verifies('sms:links', 'sms:shorten-urls', 'belong to the contact, and none is made of a field'), async () => {
    const listId = await makeList([
      { phone_number: phone(1), first_name: 'Ana', custom_1: 'StopMsg.me/xxxxx' },
      { phone_number: phone(2), first_name: 'https://evil.example', custom_1: 'StopMsg.' },
    ]);
    const body = 'Hi (First Name): https://a.example/b (Cust. 1) (Cust. 1)me/xxxxx StopMsg.me/xxxxx';
    const answer = await send([{ list_id: listId, body }], shorten);
    expect(bodies(answer).map((text) => text.replaceAll(LINK, '#'))).toEqual([
      'Hi Ana: # StopMsg.me/xxxxx StopMsg.me/xxxxxme/xxxxx #',
      'Hi https://evil.example: # StopMsg. StopMsg.me/xxxxx #',
    ]);
    const [first, second] = answer.messages.map(({ contact_id }: Answered) => Number(contact_id));
    const url = 'https://a.example/b';
    expect(await links()).toMatchObject([
      { recipient: phone(1), contact_id: first, list_id: listId, kind: 1, url },
      { recipient: phone(1), contact_id: first, list_id: listId, kind: 2 },
      { recipient: phone(2), contact_id: second, list_id: listId, kind: 1, url },
      { recipient: phone(2), contact_id: second, list_id: listId, kind: 2 },
    ]);
  });

  test('are not made of what a field completes, nor of an address that a field goes on', async () => {
    const listId = await makeList([{ phone_number: phone(1), custom_1: 'ps://evil.example' }]);
    const body = 'htt(Cust. 1) https://a.example/?c=(Cust. 1)';
    const answer = await send([{ list_id: listId, body }], shorten);
    expect(bodies(answer)).toEqual(['https://evil.example https://a.example/?c=ps://evil.example']);
    expect(await links()).toEqual([]);
  });

  test('go beside messages to numbers, of which only the contact_id is echoed', async () => {
    const listId = await makeList([{ phone_number: phone(1) }]);
    const messages = [
      { to: phone(2), body: 'StopMsg.me/xxxxx', contact_id: '77' },
      { list_id: listId, body: 'plain' },
    ];
    expect(bodies(await send(messages))[1]).toBe('plain');
    expect(await links()).toMatchObject([{ recipient: phone(2), contact_id: null, list_id: null }]);
  });
});

describe('a text that is cut', () => {
  const cutter = () => ({ ...caller, account: { ...caller.account, truncateLong: true, maxParts: 1 } });
  const cut = async (body: string) => {
    clock.advance(3_600_000);
    const { messages } = await send([{ to: phone(1), body }], {}, { who: cutter() });
    return messages[0];
  };

  test(verifies('sms:links', 'is refused where a link would be lost or cut in two'), async () => {
    for (const before of [160, 159, 150, 143]) {
      const body = `${'x'.repeat(before - 1)} StopMsg.me/xxxxx`;
      expect(await cut(body), String(before)).toMatchObject({ status: 'SOMETHING_IS_WRONG', message_price: '0.0000' });
    }
    const { rows } = await own.db.enginePool.query(
      'select body, words from messages where account_id = $1 and refusal is not null order by id desc limit 1',
      [caller.accountId],
    );
    expect(rows[0].body).toBe(`${'x'.repeat(142)} StopMsg.me/xxxxx`);
    expect(rows[0].words).toMatch(/cut to 1 parts, and a link in it lost or cut in two/);
    expect(await links()).toEqual([]);
  });

  test('goes with links that stand before the cut', async () => {
    const sent = await cut(`${'x'.repeat(141)} StopMsg.me/xxxxx and more`);
    expect(sent).toMatchObject({ status: 'SUCCESS', message_parts: 1 });
    expect(sent.body).toMatch(/^x{141} acme\.link\/\w{8}$/);
    expect(await links()).toHaveLength(1);
  });

  test('of a contact with a long field is refused for that contact', async () => {
    const listId = await makeList([
      { phone_number: phone(1), custom_1: 'x'.repeat(200) },
      { phone_number: phone(2), custom_1: 'short' },
    ]);
    const answer = await send([{ list_id: listId, body: '(Cust. 1) StopMsg.me/xxxxx' }], {}, { who: cutter() });
    expect(statuses(answer)).toEqual(['SOMETHING_IS_WRONG', 'SUCCESS']);
    expect(await links()).toMatchObject([{ recipient: phone(2) }]);
  });
});
