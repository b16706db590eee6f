import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../../test/conformance/promises.ts';
import { openAccount, PRICE, setPrice } from '../../../../../test/faults/rig/pipeline.ts';
import { openTestDatabase, type TestDatabase } from '../../../../../test/rig/database.ts';
import { handClock } from '../../../../../test/rig/hand-clock.ts';
import { type Answered, openSmsCalls, type SmsCalls } from '../../../../../test/rig/sms-calls.ts';
import type { Caller } from '../../accounts/caller.ts';

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
  await own.db.enginePool.query('delete from links');
});

const phone = (n: number) => `+614${String(30_000_000 + n)}`;
const bodies = (answer: Answered): string[] => answer.messages.map(({ body }: Answered) => body);
const statuses = (answer: Answered): string[] => answer.messages.map(({ status }: Answered) => status);
const links = async () => (await own.db.enginePool.query('select * from links order by recipient, kind')).rows;
const send = (messages: object[], more: object = {}, { key }: { key?: string } = {}) =>
  calls.send(caller, { messages, ...more }, key);
const shorten = { shorten_urls: true };

describe('an Idempotency-Key', () => {
  const messages = [{ to: phone(1), body: 'https://a.example/b StopMsg.me/xxxxx' }];

  test(verifies('sms:links', 'invariant:I4', 'brings back the text with its first codes'), async () => {
    const first = await send(messages, shorten, { key: 'links' });
    const before = await links();
    expect(await send(messages, shorten, { key: 'links' })).toEqual({ ...first, replayed: true });
    expect(await links()).toEqual(before);
  });

  test('stands for the options too', async () => {
    const body = [{ to: phone(1), body: 'https://a.example/b' }];
    await send(body, shorten, { key: 'options' });
    await expect(send(body, {}, { key: 'options' })).rejects.toMatchObject({ kind: 'key-reused' });
    const senders = [{ recipient_country_code: 'AU', sender_id: 'KoalaCo' }];
    await expect(send(body, { ...shorten, senders }, { key: 'options' })).rejects.toMatchObject({ kind: 'key-reused' });
    // A false and an empty list ask for nothing.
    const plain = await send(body, {}, { key: 'plain' });
    const same = await send(body, { shorten_urls: false, senders: [] }, { key: 'plain' });
    expect(same).toEqual({ ...plain, replayed: true });
  });
});

describe('a code that exists already', () => {
  const drawn = (byte: number) => new Uint8Array(16).fill(byte);
  const messages = [{ to: phone(1), body: 'StopMsg.me/xxxxx' }];
  const places = [drawn(1), drawn(2)];
  const stored = async () => (await own.db.enginePool.query('select count(*)::integer as n from messages')).rows[0].n;

  test(verifies('sms:links', 'is drawn again, and the message goes once'), async () => {
    calls.draws.push(...places, drawn(3));
    await send(messages, {}, { key: 'taken' });
    clock.advance(3_600_000);
    const before = await stored();
    calls.draws.push(...places, drawn(3), drawn(4));
    const answer = await send(messages, {}, { key: 'taken again' });
    expect(bodies(answer)).toEqual(['acme.link/44444444']);
    expect(statuses(answer)).toEqual(['SUCCESS']);
    expect((await links()).map(({ code }) => code).sort()).toEqual(['33333333', '44444444']);
    expect(await stored()).toBe(before + 1);
  });

  test('twice is no chance: the call fails, and leaves nothing behind', async () => {
    calls.draws.push(...places, drawn(3));
    await send(messages);
    clock.advance(3_600_000);
    const before = await stored();
    calls.draws.push(...places, drawn(3), drawn(3));
    await expect(send(messages, {}, { key: 'failed' })).rejects.toMatchObject({ constraint: 'links_pkey' });
    expect([await stored(), (await links()).length]).toEqual([before, 1]);
    expect(statuses(await send(messages, {}, { key: 'failed' }))).toEqual(['SUCCESS']);
  });
});
