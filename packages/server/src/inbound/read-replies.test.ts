import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { addAccount, type StoredMessageRow, storeMessages } from '../../../../test/rig/stored-messages.ts';
import type { Pool } from '../db/transaction.ts';
import { withClient } from '../db/with-client.ts';
import type { CarrierInbound } from '../messages/carrier.ts';
import { messageIds } from '../messages/ids.ts';
import { Status } from '../messages/status.ts';
import { carrierNumber } from '../messages/store-claims.ts';
import { systemRandom } from '../system.ts';
import { replyReader } from './read-replies.ts';
import { storeInbound } from './store.ts';

const NOW = Date.UTC(2026, 5, 1);
const HANDSET = '+61411111111';
const OURS = '+61422222222';

let own: TestDatabase;
let carrierId: number;
let clock = handClock(NOW);
let ids = messageIds(clock, systemRandom);
let faults: unknown[];
let strays: unknown[];
let reader: ReturnType<typeof replyReader>;
type Who = Awaited<ReturnType<typeof addAccount>>;
let ada: Who;
let bob: Who;

beforeAll(async () => {
  own = await openTestDatabase();
  carrierId = await carrierNumber(own.db.enginePool, 'fake');
});
afterAll(() => own.close());
let names = 0;
beforeEach(async () => {
  const tables = ['inbound_messages', 'messages', 'suppressions', 'sender_numbers', 'contacts', 'lists'];
  await own.db.enginePool.query(tables.map((table) => `delete from ${table}`).join(';'));
  clock = handClock(NOW);
  ids = messageIds(clock, systemRandom);
  faults = [];
  strays = [];
  reader = openReader();
  names += 1;
  [ada, bob] = [await addAccount(own.db, `ada${names}`), await addAccount(own.db, `bob${names}`)];
});

const openReader = () =>
  replyReader({
    pool: own.db.enginePool,
    clock,
    log: (event, facts) => void (event === 'inbound.for-nobody' ? strays : faults).push(facts),
  });
const query = async (text: string, ...values: unknown[]) => (await own.db.enginePool.query(text, values)).rows;

async function sent(who: Who, fields: Partial<StoredMessageRow> = {}): Promise<string> {
  const row = { created_at: clock.now(), status: Status.delivered, recipient: HANDSET, sender: OURS, attempts: 1 };
  clock.advance(1_000);
  const [id] = await storeMessages(own.db, [{ account_id: who.accountId, user_id: who.userId, ...row, ...fields }]);
  return id!;
}

async function written(body: string, fields: Partial<CarrierInbound> = {}): Promise<void> {
  const message = { providerId: null, from: HANDSET, to: OURS, body, part: null, ...fields };
  await storeInbound(own.db.enginePool, [message], { carrierId, at: clock.now(), newId: ids });
}
async function read(body: string, fields: Partial<CarrierInbound> = {}): Promise<void> {
  await written(body, fields);
  await reader.run();
}

const owns = (who: Who, number = OURS) =>
  query('insert into sender_numbers (account_id, number, created_at) values ($1, $2, 0)', who.accountId, number);
const suppressed = async (who: Who) =>
  (await query('select address from suppressions where account_id = $1 order by address', who.accountId)).map(
    ({ address }) => address,
  );
const inbound = () => query('select account_id, answers_id, opt_out_read_at from inbound_messages order by id');

describe('whose a reply is', () => {
  test(
    verifies('optout:reply', 'STOP is for the account of the latest message it can answer, and is linked to it'),
    async () => {
      await sent(bob);
      const answered = await sent(ada);
      await sent(bob, { recipient: '+61411111112' });
      await sent(bob, { sender: '+61433333333' });
      await read('Stop.');
      expect([await suppressed(ada), await suppressed(bob)]).toEqual([[HANDSET], []]);
      expect(await inbound()).toEqual([
        { account_id: ada.accountId, answers_id: answered, opt_out_read_at: clock.now() },
      ]);
      const [event] = await query('select * from consent_events where account_id = $1', ada.accountId);
      const [row] = await query('select id from inbound_messages');
      expect(event).toMatchObject({
        kind: 'opt-out',
        how: 'keyword',
        words: 'Stop.',
        message_id: answered,
        inbound_id: row.id,
      });
    },
  );

  test('the owner of the number is asked, whoever else wrote under it', async () => {
    await owns(ada);
    const answered = await sent(ada);
    await sent(bob);
    await read('STOP');
    expect([await suppressed(ada), await suppressed(bob)]).toEqual([[HANDSET], []]);
    expect(await inbound()).toMatchObject([{ account_id: ada.accountId, answers_id: answered }]);
  });

  test('the owner is asked where nothing was sent', async () => {
    await owns(ada);
    await read('STOP');
    expect(await suppressed(ada)).toEqual([HANDSET]);
  });

  test(
    verifies('optout:reply', 'of several owners it is the one who wrote last, and nobody where none did'),
    async () => {
      await owns(ada);
      await owns(bob);
      await read('STOP');
      expect(await inbound()).toMatchObject([{ account_id: null, answers_id: null, opt_out_read_at: NOW }]);
      await sent(ada);
      await sent(bob);
      await read('STOP');
      expect([await suppressed(ada), await suppressed(bob)]).toEqual([[], [HANDSET]]);
    },
  );

  test('a reply to the shared number is for who wrote last from it', async () => {
    await sent(bob, { sender: '' });
    const answered = await sent(ada, { sender: '' });
    await query('update messages set shared_sender = true where id = $1', answered);
    await sent(bob, { sender: 'Bakehouse' });
    await sent(bob, { sender: '' });
    await read('STOP', { to: '61499999999' });
    expect([await suppressed(ada), await suppressed(bob)]).toEqual([[HANDSET], []]);
  });

  test('nobody answers what never left', async () => {
    const answered = await sent(ada, { status: Status.unknown });
    await sent(bob, { status: Status.queued, next_attempt_at: NOW * 2 });
    await sent(bob, { status: Status.cancelled });
    await sent(bob, { status: Status.refused });
    await sent(bob, { status: Status.failed, attempts: 0 });
    await read('STOP');
    expect(await inbound()).toMatchObject([{ account_id: ada.accountId, answers_id: answered }]);
    await sent(bob, { status: Status.failed, attempts: 1 });
    await read('STOP');
    expect(await suppressed(bob)).toEqual([HANDSET]);
  });

  test('carriers leave out what they like of the numbers', async () => {
    await sent(ada);
    await read('STOP', { from: '0411111111', to: '61422222222' });
    expect(await suppressed(ada)).toEqual([HANDSET]);
  });

  test('a text from no telephone, or to nobody, opts nobody out', async () => {
    await owns(ada);
    await read('STOP', { from: 'BANK' });
    await read('STOP', { to: '+61488888888' });
    await read('STOP', { from: `'; drop table messages; --`, to: `{"\\` });
    expect(await suppressed(ada)).toEqual([]);
    expect((await inbound()).map((row) => row.opt_out_read_at)).toEqual([NOW, NOW, NOW]);
    expect(faults).toEqual([]);
    // The operator may wonder where they went.
    expect(strays).toMatchObject([{ texts: 1 }, { texts: 1 }]);
  });
});

describe('what a reply asks for', () => {
  beforeEach(() => sent(ada, { list_id: null }));

  test(
    verifies('optout:reply', 'optout:lift', 'START lifts what STOP asked for; HELP and other words do nothing'),
    async () => {
      await read('STOP');
      await read('HELP');
      await read('see you soon');
      expect(await suppressed(ada)).toEqual([HANDSET]);
      await read('Start');
      expect(await suppressed(ada)).toEqual([]);
      await read('HELP');
      expect(await suppressed(ada)).toEqual([]);
      const linked = await inbound();
      expect(linked.map((row) => row.account_id)).toEqual(Array(5).fill(ada.accountId));
    },
  );

  test('the country of the handset decides about its words', async () => {
    await read('ABMELDEN');
    expect(await suppressed(ada)).toEqual([]);
    await sent(ada, { recipient: '+4915123456789' });
    await read('ABMELDEN', { from: '+4915123456789' });
    expect(await suppressed(ada)).toEqual(['+4915123456789']);
  });

  test(verifies('optout:review', 'a longer text suppresses provisionally'), async () => {
    await read('please stop texting me');
    expect(await query('select address, provisional from suppressions')).toEqual([
      { address: HANDSET, provisional: true },
    ]);
    await read('STOP');
    expect(await query('select address, provisional from suppressions')).toEqual([
      { address: HANDSET, provisional: false },
    ]);
  });

  test('the contact leaves the list that was written to', async () => {
    const [list] = await query(
      `insert into lists (account_id, list_name, list_email_id, created_at) values ($1, 'L', 'L', 0) returning list_id`,
      ada.accountId,
    );
    await query(
      'insert into contacts (account_id, list_id, created_at, updated_at, phone_number) values ($1, $2, 0, 0, $3)',
      ...[ada.accountId, list.list_id, HANDSET],
    );
    await sent(ada, { list_id: list.list_id });
    await read('STOP');
    expect(await query('select is_opt_out from contacts join lists using (list_id)')).toEqual([{ is_opt_out: true }]);
  });
});

describe('parts of a longer text', () => {
  const part = (number: number, of = 2, reference = 7) => ({ part: { reference, number, of } });
  beforeEach(() => sent(ada));

  test(verifies('optout:reply', 'are read together, once all are there, in their order'), async () => {
    await read('op texting me', part(2));
    expect(await suppressed(ada)).toEqual([]);
    expect((await inbound())[0]).toMatchObject({ opt_out_read_at: null });
    await read('another text, its second part', part(2, 2, 8));
    await read('please st', part(1));
    expect(await query('select provisional, words from suppressions join consent_events using (event_id)')).toEqual([
      { provisional: true, words: 'please stop texting me' },
    ]);
    expect((await inbound()).map((row) => row.opt_out_read_at !== null)).toEqual([true, false, true]);
  });

  test('are read as they are when the others do not come, and then only seem to say a keyword', async () => {
    await read('STOP', part(1));
    clock.advance(61_000);
    await reader.run();
    const found = 'select address, provisional from suppressions';
    expect(await query(found)).toEqual([{ address: HANDSET, provisional: true }]);
    await read('START', part(1, 2, 9));
    clock.advance(61_000);
    await reader.run();
    expect(await suppressed(ada)).toEqual([HANDSET]);
  });
});

describe('exactly once', () => {
  const events = () => query('select kind from consent_events where account_id = $1 order by event_id', ada.accountId);
  beforeEach(() => sent(ada));

  test(
    verifies('optout:reply', 'what was stored before a crash is read after it, by how many readers ever'),
    async () => {
      await written('STOP');
      await written('START');
      await written('STOP');
      expect(await suppressed(ada)).toEqual([]);
      const readers = [openReader(), openReader(), openReader()];
      await Promise.all(readers.map((one) => one.run()));
      await reader.run();
      expect((await events()).map(({ kind }) => kind)).toEqual(['opt-out', 'opt-in', 'opt-out']);
      expect(await suppressed(ada)).toEqual([HANDSET]);
      expect(faults).toEqual([]);
    },
  );

  test(verifies('optout:reply', 'what fails is not half done, keeps nobody waiting, and is tried again'), async () => {
    await sent(ada, { recipient: '+61411111112' });
    const broken = `create function break_it() returns trigger language plpgsql as
      $$ begin if new.phone_number = '${HANDSET}' then raise 'broken'; end if; return new; end $$;
      create trigger break_it before insert on contacts for each row execute function break_it()`;
    await withClient(own.url, (admin) => admin.query(broken));
    try {
      await written('STOP');
      // No rule may answer him before it is obeyed.
      await written('And who are you?');
      await read('STOP', { from: '+61411111112' });
      expect(await suppressed(ada)).toEqual(['+61411111112']);
      expect((await inbound()).map((row) => row.opt_out_read_at !== null)).toEqual([false, false, true]);
      expect(faults).toMatchObject([{ error: 'broken' }]);
      expect(JSON.stringify(faults)).not.toContain('411111');
    } finally {
      await withClient(own.url, (admin) => admin.query('drop function break_it cascade'));
    }
    await reader.run();
    expect(await suppressed(ada)).toEqual([HANDSET, '+61411111112']);
    expect((await inbound()).every((row) => row.opt_out_read_at !== null)).toBe(true);
  });

  test(verifies('optout:reply', 'a reader that comes late does not do again what another has done'), async () => {
    await written('STOP');
    await written('START');
    const gate = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    const { enginePool } = own.db;
    const pool = {
      query: enginePool.query.bind(enginePool),
      async connect() {
        arrived.resolve();
        await gate.promise;
        return enginePool.connect();
      },
    } as unknown as Pool;
    const late = replyReader({ pool, clock, log: (_, facts) => void faults.push(facts) }).run();
    await arrived.promise;
    await reader.run();
    gate.resolve();
    await late;
    expect((await events()).map(({ kind }) => kind)).toEqual(['opt-out', 'opt-in']);
    expect(await suppressed(ada)).toEqual([]);
    expect(faults).toEqual([]);
  });

  test('more than a look takes at once are all read', async () => {
    const messages = Array.from({ length: 450 }, (_, i) => ({
      ...{ providerId: null, to: OURS, body: i === 449 ? 'STOP' : 'hello', part: null },
      from: i === 449 ? HANDSET : '+61411111113',
    }));
    await storeInbound(own.db.enginePool, messages, { carrierId, at: NOW, newId: ids });
    reader.wake();
    await reader.run();
    expect(await query('select 1 from inbound_messages where opt_out_read_at is null')).toEqual([]);
    expect(await suppressed(ada)).toEqual([HANDSET]);
  });

  test('a reader that was stopped leaves the rest', async () => {
    await reader.stop();
    await read('STOP');
    expect(await suppressed(ada)).toEqual([]);
    await openReader().run();
    expect(await suppressed(ada)).toEqual([HANDSET]);
  });
});
