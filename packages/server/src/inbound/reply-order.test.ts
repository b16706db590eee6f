import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { addAccount } from '../../../../test/rig/stored-messages.ts';
import { inTransaction } from '../db/transaction.ts';
import { withClient } from '../db/with-client.ts';
import { messageIds } from '../messages/ids.ts';
import { Channel } from '../messages/message.ts';
import { carrierNumber } from '../messages/store-claims.ts';
import { type ConsentRequest, optOut } from '../suppression/opt-out.ts';
import { systemRandom } from '../system.ts';
import { replyReader } from './read-replies.ts';
import { storeInbound } from './store.ts';

const NOW = Date.UTC(2026, 5, 1);
const MINUTE = 60_000;
const HANDSET = '+61411111111';
const OURS = '+61422222222';

let own: TestDatabase;
let carrierId: number;
let accountId: number;
let clock = handClock(NOW);
let newId = messageIds(clock, systemRandom);
let faults: unknown[];
let read: () => Promise<void>;

beforeAll(async () => {
  own = await openTestDatabase();
  carrierId = await carrierNumber(own.db.enginePool, 'fake');
});
afterAll(() => own.close());
let names = 0;
beforeEach(async () => {
  const tables = ['inbound_messages', 'suppressions', 'sender_numbers'];
  await own.db.enginePool.query(tables.map((table) => `delete from ${table}`).join(';'));
  accountId = (await addAccount(own.db, `caller${names++}`)).accountId;
  await query('insert into sender_numbers (account_id, number, created_at) values ($1, $2, 0)', accountId, OURS);
  clock = handClock(NOW);
  newId = messageIds(clock, systemRandom);
  faults = [];
  read = replyReader({ pool: own.db.enginePool, clock, log: (_, facts) => void faults.push(facts) }).run;
});

const query = async (text: string, ...values: unknown[]) => (await own.db.enginePool.query(text, values)).rows;
const suppressed = async () =>
  (await query('select provisional from suppressions where account_id = $1 and address = $2', accountId, HANDSET)).map(
    ({ provisional }) => (provisional ? 'provisionally' : 'for good'),
  );
const proof = async () =>
  (await query('select kind, at from consent_events where account_id = $1 order by event_id', accountId)).map(
    ({ kind, at }) => `${kind} ${(at - NOW) / MINUTE}`,
  );
const unread = async () =>
  (await query('select body from inbound_messages where opt_out_read_at is null order by id')).map(({ body }) => body);

type Part = { reference: number; number: number; of: number };
/** What a handset writes at a minute, stored and not read. */
async function written(body: string, minute: number, part: Part | null = null): Promise<void> {
  const message = { providerId: null, from: HANDSET, to: OURS, body, part };
  await storeInbound(own.db.enginePool, [message], { carrierId, at: NOW + minute * MINUTE, newId });
}
const optedOut = (minute: number, how: ConsentRequest['how']) =>
  inTransaction(own.db.enginePool, (client) =>
    optOut(client, {
      ...{ accountId, channel: Channel.sms, address: HANDSET, at: NOW + minute * MINUTE, how, words: 'The page.' },
    }),
  );

/** While it is broken, nothing can be done to the handset's contact in this way. */
async function whileBroken(what: 'insert' | 'delete', work: () => Promise<void>): Promise<void> {
  const row = what === 'insert' ? 'new' : 'old';
  const broken = `create function break_it() returns trigger language plpgsql as
    $$ begin if ${row}.phone_number = '${HANDSET}' then raise 'broken'; end if; return ${row}; end $$;
    create trigger break_it before ${what} on contacts for each row execute function break_it()`;
  await withClient(own.url, (admin) => admin.query(broken));
  await work().finally(() => withClient(own.url, (admin) => admin.query('drop function break_it cascade')));
}

describe('a START that is read late', () => {
  test.each(['link', 'user', 'list', 'import'] as const)(
    `lifts no opt-out that came after it by %s [optout:order] [invariant:I7]`,
    async (how) => {
      await optedOut(-1, 'user');
      await written('START', 0);
      await optedOut(1, how);
      clock.advance(2 * MINUTE);
      await read();
      expect([await suppressed(), await unread(), faults]).toEqual([['for good'], [], []]);
      expect(await proof()).toEqual(['opt-out -1', 'opt-out 1']);
      await written('START', 3);
      await read();
      expect(await suppressed()).toEqual([]);
    },
  );

  test(
    verifies('optout:order', 'invariant:I7', 'since it failed at first, lifts no STOP that came after it'),
    async () => {
      await written('STOP', 0);
      await read();
      await written('START', 1);
      await whileBroken('delete', async () => {
        await read();
        expect([await unread(), faults]).toMatchObject([['START'], [{ error: 'broken' }]]);
        await written('Stop', 2);
        await read();
        expect([await suppressed(), await unread()]).toEqual([['for good'], ['START']]);
      });
      await read();
      expect([await suppressed(), await unread()]).toEqual([['for good'], []]);
      expect(await proof()).toEqual(['opt-out 0', 'opt-out 2']);
    },
  );

  test(
    verifies('optout:order', 'optout:review', 'lifts nothing that a later text only seemed to ask for'),
    async () => {
      await written('STOP', 0);
      await read();
      await written('START', 1);
      await whileBroken('delete', async () => {
        await written('please stop texting me', 2);
        await read();
      });
      await read();
      expect(await suppressed()).toEqual(['for good']);
      expect(await proof()).toEqual(['opt-out 0', 'review 2']);
    },
  );

  test(verifies('optout:order', 'in parts counts from its first part on'), async () => {
    await optedOut(-1, 'user');
    await written('STA', 0, { reference: 7, number: 1, of: 2 });
    await optedOut(1, 'link');
    await written('RT', 2, { reference: 7, number: 2, of: 2 });
    await read();
    expect([await suppressed(), await unread()]).toEqual([['for good'], []]);
  });
});

describe('texts that are read together', () => {
  test(verifies('optout:order', 'are obeyed in the order in which they came, whatever their ids'), async () => {
    await written('START', 1);
    await written('STOP', 0);
    await read();
    expect(await suppressed()).toEqual([]);
    expect(await proof()).toEqual(['opt-out 0', 'opt-in 1']);
  });

  test(verifies('optout:order', 'of one moment are obeyed in the order of their ids'), async () => {
    for (const body of ['START', 'STOP', 'START']) await written(body, 0);
    await read();
    expect([await suppressed(), await proof()]).toEqual([[], ['opt-out 0', 'opt-in 0']]);
    for (const body of ['STOP', 'START', 'STOP']) await written(body, 1);
    await read();
    expect(await suppressed()).toEqual(['for good']);
  });

  test(verifies('optout:order', 'a START waits for the STOP before it, should that fail'), async () => {
    await written('STOP', 0);
    await written('START', 1);
    await whileBroken('insert', async () => {
      await read();
      expect([await unread(), faults.length]).toEqual([['STOP', 'START'], 1]);
    });
    await read();
    expect([await suppressed(), await unread()]).toEqual([[], []]);
    expect(await proof()).toEqual(['opt-out 0', 'opt-in 1']);
  });
});
