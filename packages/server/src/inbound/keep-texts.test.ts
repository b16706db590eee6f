import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { addAccount, type StoredMessageRow, storeMessages } from '../../../../test/rig/stored-messages.ts';
import type { Pool } from '../db/transaction.ts';
import { withClient } from '../db/with-client.ts';
import type { CarrierInbound } from '../messages/carrier.ts';
import { messageIds, showMessageId } from '../messages/ids.ts';
import { Status } from '../messages/status.ts';
import { carrierNumber } from '../messages/store-claims.ts';
import { systemRandom } from '../system.ts';
import { replyReader } from './read-replies.ts';
import { inboundFields, legacyTwins } from './show-inbound.ts';
import { storeInbound } from './store.ts';
import { findTexts } from './store-texts.ts';

const NOW = Date.UTC(2026, 5, 1, 10, 30);
const HANDSET = '+61411111111';
const OURS = '+61422222222';

let own: TestDatabase;
let carrierId: number;
let clock = handClock(NOW);
let ids = messageIds(clock, systemRandom);
let faults: unknown[];
let told: number;
type Who = Awaited<ReturnType<typeof addAccount>>;
let ada: Who;

beforeAll(async () => {
  own = await openTestDatabase();
  carrierId = await carrierNumber(own.db.enginePool, 'fake');
});
afterAll(() => own.close());
let names = 0;
beforeEach(async () => {
  const tables = ['inbound_messages', 'inbound_texts', 'events', 'messages', 'suppressions', 'sender_numbers'];
  await own.db.enginePool.query(tables.map((table) => `delete from ${table}`).join(';'));
  clock = handClock(NOW);
  ids = messageIds(clock, systemRandom);
  [faults, told] = [[], 0];
  ada = await addAccount(own.db, `ada${++names}`);
});

const openReader = (pool: Pool = own.db.enginePool) =>
  replyReader({ pool, clock, textsStored: () => void told++, log: (_, facts) => void faults.push(facts) });
const read = () => openReader().run();
const query = async (text: string, ...values: unknown[]) => (await own.db.enginePool.query(text, values)).rows;
const asOwner = (text: string) => withClient(own.url, (client) => client.query(text));
const texts = () => query('select * from inbound_texts order by id');
const bodies = async () => (await texts()).map(({ body, whole }) => (whole ? body : `${body}…`));
const events = () => query('select * from events order by event_id');
const unread = async () =>
  (await query('select body from inbound_messages where opt_out_read_at is null order by id')).map(({ body }) => body);

async function sent(fields: Partial<StoredMessageRow> = {}): Promise<string> {
  const row = { created_at: clock.now(), status: Status.delivered, recipient: HANDSET, sender: OURS, attempts: 1 };
  clock.advance(1_000);
  const [id] = await storeMessages(own.db, [{ account_id: ada.accountId, user_id: ada.userId, ...row, ...fields }]);
  return id!;
}

async function written(body: string, fields: Partial<CarrierInbound> = {}): Promise<void> {
  const message = { providerId: null, from: HANDSET, to: OURS, body, part: null, ...fields };
  await storeInbound(own.db.enginePool, [message], { carrierId, at: clock.now(), newId: ids });
}
const part = (body: string, number: number, of = 2, reference = 7) =>
  written(body, { part: { reference, number, of } });

describe('a text from a handset', () => {
  test(verifies('inbound:kept', 'is kept with what it answers, and told of'), async () => {
    const answered = await sent({ body: 'Rye or wheat?', custom_string: 'order-8841' });
    await written('Rye 🍞 "please" \\ %', { from: '0411111111', to: '61422222222' });
    await read();
    const [row] = await texts();
    expect(row).toMatchObject({
      account_id: ada.accountId,
      received_at: clock.now(),
      sender: HANDSET,
      recipient: OURS,
      body: 'Rye 🍞 "please" \\ %',
      answers_id: answered,
      keyword: null,
      whole: true,
      test: false,
      depth: 0,
      rules_at: null,
      polled: false,
      read_at: null,
    });
    const [event] = await events();
    expect(event).toMatchObject({ account_id: ada.accountId, at: clock.now(), kind: 'inbound.received' });
    expect(event).toMatchObject({ rules_due: false, alert_due: false });
    expect(event.facts).toEqual({
      message_id: showMessageId(row.id),
      from: HANDSET,
      to: OURS,
      body: row.body,
      original_message_id: showMessageId(answered),
      timestamp: Math.floor(clock.now() / 1000),
    });
    expect(told).toBe(1);
  });

  test('is shown to webhooks in the words of ClickSend', async () => {
    const answered = await sent({ body: 'Rye or wheat?', custom_string: 'order-8841' });
    await written('Rye');
    await read();
    const [text] = await findTexts(own.db.enginePool, ada.accountId, [(await texts())[0].id]);
    const fields = inboundFields(text!);
    expect(fields).toEqual({
      originalsenderid: OURS,
      body: 'Rye',
      message: 'Rye',
      sms: HANDSET,
      from: HANDSET,
      to: OURS,
      timestamp: Math.floor(clock.now() / 1000),
      message_id: showMessageId(text!.id),
      original_message_id: showMessageId(answered),
      original_body: 'Rye or wheat?',
      user_id: ada.accountId,
      subaccount_id: ada.userId,
      custom_string: 'order-8841',
    });
    expect(legacyTwins(fields)).toEqual({
      ...fields,
      originalmessage: 'Rye or wheat?',
      originalmessageid: showMessageId(answered),
      customstring: 'order-8841',
    });
  });

  test('that answers nothing is for the owner of its number', async () => {
    await query('insert into sender_numbers (account_id, number, created_at) values ($1, $2, 0)', ada.accountId, OURS);
    await query('update users set is_main = true where user_id = $1', ada.userId);
    await written('Anybody there?');
    await read();
    const [text] = await findTexts(own.db.enginePool, ada.accountId, [(await texts())[0].id]);
    expect(text).toMatchObject({ original_body: null, answers_id: null, custom_string: '', user_id: ada.userId });
  });

  test('of which nobody knows whose it is stays where it came in', async () => {
    await written('for nobody', { to: '+61488888888' });
    await read();
    expect([await texts(), await events(), await unread(), told]).toEqual([[], [], [], 0]);
  });

  test.each([
    ['STOP', 'opt-out'],
    ['please stop texting me', 'review'],
    ['Start', 'opt-in'],
    ['HELP', 'help'],
    ['see you', null],
  ])(verifies('inbound:kept', '%s is read as %s, obeyed, and kept'), async (body, keyword) => {
    await sent();
    await written(body);
    await read();
    expect(await texts()).toMatchObject([{ body, keyword }]);
    expect(await events()).toHaveLength(1);
    expect(await query('select 1 from suppressions')).toHaveLength(
      keyword === 'opt-out' || keyword === 'review' ? 1 : 0,
    );
  });

  test('in parts is kept whole, under the id of its first part, when its last came', async () => {
    await sent();
    await part('world', 2);
    clock.advance(5_000);
    await part('Hello ', 1);
    await read();
    const [first] = await query('select min(id::text) as id from inbound_messages');
    expect(await texts()).toMatchObject([{ id: first.id, body: 'Hello world', received_at: clock.now(), whole: true }]);
    expect(await events()).toHaveLength(1);
  });

  test('whose parts do not all come is kept as it is, and what comes later as another', async () => {
    await sent();
    await part('Hello ', 1);
    await read();
    expect(await texts()).toEqual([]);
    clock.advance(60_000);
    await read();
    expect(await bodies()).toEqual(['Hello …']);
    await part('world', 2);
    clock.advance(60_000);
    await read();
    expect(await bodies()).toEqual(['Hello …', 'world…']);
  });
});

describe('a part that comes again', () => {
  beforeEach(() => sent());

  test(verifies('inbound:repeated', 'after the whole was read makes no second text'), async () => {
    await part('Hello ', 1);
    await part('world', 2);
    await read();
    clock.advance(3_600_000);
    await part('world', 2);
    await read();
    await part('Hello ', 1);
    await part('world', 2);
    await read();
    clock.advance(60_000);
    await read();
    expect([await bodies(), await unread(), (await events()).length]).toEqual([['Hello world'], [], 1]);
  });

  test('before the whole was read counts once', async () => {
    await part('Hello ', 1);
    await part('Hello ', 1);
    await part('world', 2);
    await read();
    expect([await bodies(), await unread()]).toEqual([['Hello world'], []]);
  });

  test.each([
    ['with other words', () => part('hello ', 1)],
    ['of another text', () => part('Hello ', 1, 2, 8)],
    ['of a longer text', () => part('Hello ', 1, 3)],
    ['to another number', () => written('Hello ', { to: '+61433333333', part: { reference: 7, number: 1, of: 2 } })],
  ])('%s is none', async (_, again) => {
    await sent({ sender: '+61433333333' });
    await part('Hello ', 1);
    await part('world', 2);
    await read();
    await again();
    clock.advance(60_000);
    await read();
    expect(await texts()).toHaveLength(2);
  });

  test('a day later is none, and beside a new part it is read again', async () => {
    await part('Hello ', 1);
    clock.advance(60_000);
    await read();
    await part('Hello ', 1);
    await part('world', 2);
    await read();
    expect(await bodies()).toEqual(['Hello …', 'Hello world']);
    clock.advance(86_400_001);
    await part('Hello ', 1);
    clock.advance(60_000);
    await read();
    expect(await bodies()).toEqual(['Hello …', 'Hello world', 'Hello …']);
  });

  test(verifies('inbound:repeated', 'as one text of two words "yes" stays two texts'), async () => {
    await written('yes');
    await read();
    await written('yes');
    await read();
    expect(await bodies()).toEqual(['yes', 'yes']);
  });
});

describe('once', () => {
  beforeEach(() => sent());

  test(verifies('inbound:once', 'several readers keep each text once'), async () => {
    for (let i = 0; i < 40; i++) await written(i % 8 === 0 ? 'STOP' : `text ${i}`);
    for (let i = 0; i < 20; i++) {
      await part(`a${i} `, 1, 2, i);
      await part(`b${i}`, 2, 2, i);
    }
    // All four have seen the same texts before the first of them keeps one.
    const seen = meeting(4);
    const pool = watched((text) => (text.includes('owned as materialized') ? seen() : undefined));
    await Promise.all(Array.from({ length: 4 }, () => openReader(pool).run()));
    await read();
    expect([await unread(), faults]).toEqual([[], []]);
    expect((await texts()).length).toBe(60);
    expect((await events()).length).toBe(60);
    expect(new Set((await events()).map(({ facts }) => facts.message_id)).size).toBe(60);
  });

  test(verifies('inbound:once', 'a death between marking and keeping leaves it unread'), async () => {
    await written('first');
    await written('STOP');
    await whileBroken('insert into events', async (pool) => {
      await openReader(pool).run();
      expect([await texts(), await unread(), faults.length]).toEqual([[], ['first', 'STOP'], 1]);
      expect(await query('select 1 from suppressions')).toEqual([]);
    });
    await read();
    expect([await bodies(), await unread()]).toEqual([['first', 'STOP'], []]);
  });

  test(verifies('inbound:once', 'one that cannot be kept keeps no other from being read'), async () => {
    await asOwner(`alter table inbound_texts add constraint poisoned check (body <> 'poison') not valid`);
    try {
      for (const body of ['first', 'poison', 'last', 'STOP']) await written(body);
      await read();
      expect([await bodies(), await unread(), faults.length]).toEqual([['first', 'last', 'STOP'], ['poison'], 1]);
    } finally {
      await asOwner('alter table inbound_texts drop constraint poisoned');
    }
    await read();
    expect([(await bodies()).sort(), await unread()]).toEqual([['STOP', 'first', 'last', 'poison'], []]);
  });

  test('a chunk of ordinary texts costs as many statements as one text', async () => {
    const statements = async (count: number) => {
      for (let i = 0; i < count; i++) await written(`text ${i}`);
      const seen: string[] = [];
      await openReader(watched((text) => void seen.push(text))).run();
      return seen.length;
    };
    expect(await statements(150)).toBe(await statements(1));
    expect((await texts()).length).toBe(151);
  });
});

/** Whoever calls it waits for the others, the first time. */
function meeting(of: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let came = 0;
  return () => {
    if (++came >= of) resolve();
    return promise;
  };
}

/** The engine's pool with each statement shown before it runs. */
function watched(see: (text: string) => Promise<void> | undefined): Pool {
  const pool = own.db.enginePool;
  const seeing =
    (run: { query: Pool['query'] }) =>
    async (first: unknown, ...rest: unknown[]) => {
      await see(typeof first === 'string' ? first : (first as { text: string }).text);
      return (run.query as (...all: unknown[]) => unknown)(first, ...rest);
    };
  return {
    query: seeing(pool),
    async connect() {
      const client = await pool.connect();
      return { query: seeing(client), release: (error?: Error) => client.release(error) };
    },
  } as unknown as Pool;
}

async function whileBroken(start: string, work: (pool: Pool) => Promise<void>): Promise<void> {
  await work(
    watched((text) => {
      if (text.startsWith(start)) throw new Error('gone');
      return undefined;
    }),
  );
}
