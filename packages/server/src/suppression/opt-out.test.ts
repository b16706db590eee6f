import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { addAccount } from '../../../../test/rig/stored-messages.ts';
import { asAccountClient } from '../db/runner.ts';
import { inTransaction } from '../db/transaction.ts';
import { type OptOutRequest, optIn, optInAll, optOut, optOutAll } from './opt-out.ts';
import { suppressedAmong } from './store.ts';

const SMS = 1;
const NUMBER = '+61411111111';
let own: TestDatabase;
let accountId: number;
let stranger: number;

beforeAll(async () => {
  own = await openTestDatabase();
});
afterAll(() => own.close());
let names = 0;
beforeEach(async () => {
  names += 1;
  accountId = (await addAccount(own.db, `caller${names}`)).accountId;
  stranger = (await addAccount(own.db, `stranger${names}`)).accountId;
});

const asked = (fields: Partial<OptOutRequest> & { address?: string } = {}) => ({
  accountId,
  channel: SMS,
  address: NUMBER,
  at: 1_000,
  how: 'keyword' as const,
  words: 'STOP',
  ...fields,
});
const out = (fields: Parameters<typeof asked>[0] = {}) =>
  inTransaction(own.db.enginePool, (client) => optOut(client, asked(fields)));
const lift = (fields: Parameters<typeof asked>[0] = {}) =>
  inTransaction(own.db.enginePool, (client) => optIn(client, asked({ at: 2_000, words: 'START', ...fields })));

const query = async (text: string, ...values: unknown[]) => (await own.db.enginePool.query(text, values)).rows;
const suppressions = () =>
  query(
    'select address, reason, provisional, event_id from suppressions where account_id = $1 order by address',
    accountId,
  );
const proof = () =>
  query(
    'select event_id, address, kind, how, words from consent_events where account_id = $1 order by event_id',
    accountId,
  );
const contactsOf = (listId: number | null) =>
  query(
    `select c.phone_number, c.first_name from contacts c join lists l using (list_id)
     where c.account_id = $1 and case when $2::integer is null then l.is_opt_out else l.list_id = $2 end order by contact_id`,
    accountId,
    listId,
  );

async function addList(...people: [phone: string, name: string][]): Promise<number> {
  const [list] = await query(
    `insert into lists (account_id, list_name, list_email_id, created_at) values ($1, 'Customers', 'X', 0) returning list_id`,
    accountId,
  );
  for (const [phone, name] of people) {
    await query(
      `insert into contacts (account_id, list_id, created_at, updated_at, phone_number, first_name) values ($1, $2, 0, 0, $3, $4)`,
      accountId,
      list.list_id,
      phone,
      name,
    );
  }
  return list.list_id;
}

describe('opting out', () => {
  test(
    verifies(
      'optout:once',
      'writes the proof, the suppression and the Opt-Out list, and takes the contact off the list that was written to',
    ),
    async () => {
      const customers = await addList([NUMBER, 'Ada'], [NUMBER, 'Ada again'], ['+61411111112', 'Bob']);
      const others = await addList([NUMBER, 'Augusta']);
      await query('update contacts set updated_at = 1 where list_id = $1', others);
      const messageId = '019973a2-4e10-7c31-9f0b-6a51d2c48e77';
      expect(await out({ listId: customers, messageId, campaignId: 7, ip: '192.0.2.1' })).toBe(true);
      const [event] = await query('select * from consent_events where account_id = $1', accountId);
      expect(event).toMatchObject({
        ...{ channel: SMS, address: NUMBER, at: 1_000, kind: 'opt-out', how: 'keyword', words: 'STOP' },
        ...{ message_id: messageId, inbound_id: null, campaign_id: 7, user_id: null, ip: '192.0.2.1' },
      });
      expect(await suppressions()).toEqual([
        { address: NUMBER, reason: 'keyword', provisional: false, event_id: event.event_id },
      ]);
      expect((await contactsOf(null))[0]).toMatchObject({
        phone_number: NUMBER,
        first_name: expect.stringMatching(/^Ada/),
      });
      expect(await contactsOf(null)).toHaveLength(1);
      expect(await contactsOf(customers)).toEqual([{ phone_number: '+61411111112', first_name: 'Bob' }]);
      expect(await contactsOf(others)).toHaveLength(1);
      const counts = await query('select contacts_count from lists where account_id = $1 order by list_id', accountId);
      expect(counts.map((row) => row.contacts_count)).toEqual([1, 1, 1]);
    },
  );

  test(verifies('optout:once', 'again says so, and adds its proof'), async () => {
    expect([await out(), await out(), await out({ how: 'link' })]).toEqual([true, false, false]);
    expect([(await suppressions()).length, (await contactsOf(null)).length]).toEqual([1, 1]);
    expect((await proof()).map(({ kind, how }) => [kind, how])).toEqual([
      ['opt-out', 'keyword'],
      ['opt-out', 'keyword'],
      ['opt-out', 'link'],
    ]);
  });

  test('is for one account and one channel', async () => {
    await out();
    await out({ accountId: stranger, address: '+61411111119' });
    const among = (account: number, channel: number) =>
      suppressedAmong(own.db.enginePool, account, channel, [NUMBER, '+61411111119', `it's "\\`]);
    expect([...(await among(accountId, SMS))]).toEqual([NUMBER]);
    expect([...(await among(accountId, 3))]).toEqual([]);
    expect([...(await among(stranger, SMS))]).toEqual(['+61411111119']);
  });

  test.each([
    [3, 'email', 'ada@example.com'],
    [4, 'fax_number', '+61211111111'],
  ])(
    'over channel %i puts the %s on the list, once, and takes it off the one that was written to',
    async (channel, column, address) => {
      const [{ list_id: listId }] = await query(
        `with l as (insert into lists (account_id, list_name, list_email_id, created_at) values ($1, 'L', 'L', 0) returning list_id)
       insert into contacts (account_id, list_id, created_at, updated_at, ${column}, first_name)
       select $1, list_id, 0, 0, $2, 'Ada' from l returning list_id`,
        ...[accountId, address],
      );
      await out({ channel, address, listId });
      await out({ channel, address, listId });
      const contacts = () =>
        query(
          `select ${column}, phone_number, first_name, is_opt_out from contacts join lists using (list_id) where contacts.account_id = $1`,
          accountId,
        );
      expect(await contacts()).toEqual([
        { [column]: address, phone_number: null, first_name: 'Ada', is_opt_out: true },
      ]);
      await lift({ channel, address });
      expect(await contacts()).toEqual([]);
    },
  );

  test(
    verifies(
      'optout:review',
      'provisionally suppresses, keeps the contact on its list, and can be made definite but not undone by doubt',
    ),
    async () => {
      const customers = await addList([NUMBER, 'Ada']);
      await out({ provisional: true, listId: customers, words: 'bus stop on 5th' });
      expect(await suppressions()).toMatchObject([{ provisional: true }]);
      expect([(await contactsOf(null)).length, (await contactsOf(customers)).length]).toEqual([1, 1]);
      expect(await out({ provisional: true })).toBe(false);
      expect(await out({ listId: customers })).toBe(true);
      expect(await out({ provisional: true })).toBe(false);
      const events = await proof();
      expect(events.map(({ kind }) => kind)).toEqual(['review', 'review', 'opt-out', 'review']);
      expect(await suppressions()).toMatchObject([{ provisional: false, event_id: events[2].event_id }]);
      expect(await contactsOf(customers)).toEqual([]);
    },
  );

  test(
    verifies('optout:once', 'asked for by many at once, over two lists, is written once and nobody waits in a circle'),
    async () => {
      const lists = [await addList([NUMBER, 'Ada'], ['+61411111112', 'Bob']), await addList([NUMBER, 'Ada'])];
      const asks = Array.from({ length: 24 }, (_, i) => {
        const address = i % 3 === 0 ? '+61411111112' : NUMBER;
        return i % 4 === 3 ? lift({ address }) : out({ address, listId: lists[i % 2]! });
      });
      await Promise.all(asks);
      await Promise.all([out(), out({ address: '+61411111112' }), out()]);
      expect(await suppressions()).toHaveLength(2);
      expect(await contactsOf(null)).toHaveLength(2);
      const [{ outs, ins }] = await query(
        `select count(*) filter (where kind = 'opt-out') as outs, count(*) filter (where kind = 'opt-in') as ins
       from consent_events where account_id = $1`,
        accountId,
      );
      expect(outs).toBe(18 + 3);
      expect(ins).toBeLessThanOrEqual(6);
    },
  );

  test(verifies('optout:once', 'of many addresses at once takes each once'), async () => {
    const addresses = Array.from({ length: 300 }, (_, i) => `+6141${String(1_000_000 + i)}`);
    const both = await Promise.all(
      [addresses, [...addresses].reverse()].map((some) =>
        inTransaction(own.db.enginePool, (client) => optOutAll(client, asked({ how: 'import' }), [...some, some[0]!])),
      ),
    );
    expect(both.flat().sort()).toEqual(addresses);
    expect(await contactsOf(null)).toHaveLength(300);
    const lifted = await inTransaction(own.db.enginePool, (client) =>
      optInAll(client, asked({ at: 2_000 }), addresses.slice(100)),
    );
    expect(lifted).toHaveLength(200);
    expect(await contactsOf(null)).toHaveLength(100);
    expect(await suppressions()).toHaveLength(100);
  });

  test('undone with its transaction leaves no trace', async () => {
    await inTransaction(own.db.enginePool, async (client) => {
      await optOut(client, asked());
      throw new Error('crash');
    }).catch(() => {});
    expect([await suppressions(), await proof(), await contactsOf(null)]).toEqual([[], [], []]);
  });

  test('stores what PostgreSQL can hold of any words', async () => {
    await out({ words: `\u0000\ud800'; drop table suppressions; --${'x'.repeat(5_000)}` });
    const [{ words }] = await proof();
    expect(words.slice(0, 4)).toBe(`\ufffd\ufffd';`);
    expect(words).toHaveLength(2_000);
  });

  test('an account sees and writes its own only', async () => {
    await out({ accountId: stranger });
    await asAccountClient(own.db, accountId, (client) => optOut(client, asked({ how: 'user' })));
    expect(await suppressions()).toHaveLength(1);
    const seen = await asAccountClient(own.db, accountId, async (client) => [
      (await client.query('select account_id from suppressions')).rows,
      (await client.query('select account_id from consent_events')).rows,
    ]);
    expect(seen).toEqual([[{ account_id: accountId }], [{ account_id: accountId }]]);
    const foreign = asAccountClient(own.db, accountId, (client) =>
      optOut(client, asked({ accountId: stranger, address: '+61' })),
    );
    await expect(foreign).rejects.toThrow(/row-level security/);
  });
});

describe('opting in', () => {
  test(
    verifies(
      'optout:lift',
      'lifts the suppression, takes the contact off the Opt-Out list and keeps the proof of both',
    ),
    async () => {
      await out();
      expect(await lift({ at: 2_000 })).toBe(true);
      expect(await suppressions()).toEqual([]);
      expect(await contactsOf(null)).toEqual([]);
      expect((await proof()).map(({ kind, words }) => [kind, words])).toEqual([
        ['opt-out', 'STOP'],
        ['opt-in', 'START'],
      ]);
      expect(await out()).toBe(true);
      expect(await proof()).toHaveLength(3);
    },
  );

  test(verifies('optout:lift', 'where nothing was suppressed writes nothing'), async () => {
    expect(await lift()).toBe(false);
    expect(await proof()).toEqual([]);
  });

  test(verifies('optout:lift', 'the proof cannot be changed or deleted by the roles that work here'), async () => {
    await out();
    for (const text of [`update consent_events set words = ''`, 'delete from consent_events']) {
      await expect(own.db.enginePool.query(text)).rejects.toThrow(/permission denied/);
      await expect(asAccountClient(own.db, accountId, (client) => client.query(text))).rejects.toThrow(
        /permission denied/,
      );
    }
  });
});
