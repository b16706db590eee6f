import { endpoints } from '@veredus/contract/endpoints';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { addAccount, idAt, storeMessages } from '../../../../test/rig/stored-messages.ts';
import type { Caller } from '../accounts/caller.ts';
import { Status } from '../messages/status.ts';
import { readSmsStatistics } from './read-statistics.ts';
import { rollUp } from './rollup.ts';

const DAY = 86_400_000;
const TODAY = Date.UTC(2026, 5, 1);
const clock = handClock(TODAY + 10 * 3_600_000);

let own: TestDatabase;
let caller: Caller;
let stranger: Caller;

beforeAll(async () => {
  own = await openTestDatabase();
  await own.db.enginePool.query(`insert into carriers (name) values ('sandbox')`);
});
afterAll(() => own.close());

beforeEach(async () => {
  const tables = ['inbound_messages', 'messages', 'statistics_deltas', 'statistics_hours', 'statistics_totals'];
  await own.db.enginePool.query(
    [...tables, 'ledger_balances', 'users', 'receipt_rules', 'lists', 'accounts']
      .map((table) => `delete from ${table}`)
      .join(';'),
  );
  [caller, stranger] = [await callerOf('caller'), await callerOf('stranger')];
});

async function callerOf(name: string): Promise<Caller> {
  const made = await addAccount(own.db, name);
  return { ...made, username: name, account: { currency: 'AUD' } } as unknown as Caller;
}

const store = (
  who: Caller,
  messages: { created_at: number; status: number; price_micro?: number; channel?: number }[],
) =>
  storeMessages(
    own.db,
    messages.map((message) => ({ account_id: who.accountId, user_id: who.userId, price_micro: 79_200, ...message })),
  );

async function read(who = caller) {
  const { data } = await readSmsStatistics({ db: own.db, clock }, who);
  endpoints.smsStatistics.data.parse(data);
  return data;
}

describe('the last 30 days', () => {
  test('are there with nothing in them', async () => {
    const data = await read();
    expect(data.stats).toHaveLength(30);
    expect(data.stats[0]?.date).toBe((TODAY - 29 * DAY) / 1000);
    expect(data.stats.at(-1)).toEqual({
      date: TODAY / 1000,
      outbound: { count: 0, price: 0 },
      inbound: { count: 0 },
      bounced: { count: 0 },
    });
    expect(data.stat).toEqual(data.stats);
    expect(data._currency).toMatchObject({ currency_name_short: 'AUD', currency_prefix_d: '$' });
    expect(data).toHaveProperty('currency', data._currency);
  });

  test('[sms:statistics] count what left the queue, on the UTC day it was accepted', async () => {
    await store(
      caller,
      Object.values(Status).map((status) => ({ created_at: TODAY + status, status })),
    );
    await store(caller, [
      { created_at: TODAY - 1, status: Status.delivered, price_micro: 100_000 },
      { created_at: TODAY - 29 * DAY, status: Status.submitted, price_micro: 1 },
      { created_at: TODAY - 29 * DAY - 1, status: Status.delivered },
      { created_at: TODAY, status: Status.delivered, channel: 2 },
    ]);
    await store(stranger, [{ created_at: TODAY, status: Status.delivered }]);
    const data = await read();
    expect(data.total).toEqual({
      outbound: { count: 7, price: 0.496001 },
      inbound: { count: 0 },
      bounced: { count: 3 },
    });
    expect(data.stats.at(-1)).toMatchObject({ outbound: { count: 5, price: 0.396 }, bounced: { count: 3 } });
    expect(data.stats.at(-2)).toMatchObject({ outbound: { count: 1, price: 0.1 }, bounced: { count: 0 } });
    expect(data.stats[0]).toMatchObject({ outbound: { count: 1, price: 0.000001 } });
  });

  test('count messages from handsets once, however many parts', async () => {
    const inbound = async (who: Caller, at: number, part: number | null) =>
      own.db.enginePool.query(
        `insert into inbound_messages (id, account_id, carrier_id, received_at, sender, recipient, body, part_number)
         values ($1, $2, (select min(carrier_id) from carriers), $3, '+61400000000', '+61411111111', 'x', $4)`,
        [idAt(at), who.accountId, at, part],
      );
    await inbound(caller, TODAY, null);
    await inbound(caller, TODAY - 1, 1);
    await inbound(caller, TODAY - 1, 2);
    await inbound(caller, TODAY - 30 * DAY, null);
    await inbound(stranger, TODAY, null);
    const data = await read();
    expect(data.total.inbound.count).toBe(2);
    expect(data.stats.slice(-2).map(({ inbound: { count } }) => count)).toEqual([1, 1]);
  });
});

describe('rolling up', () => {
  const sums = async () =>
    (
      await own.db.enginePool.query(
        `select (select coalesce(sum(messages), 0) from statistics_deltas)::integer as deltas,
         (select coalesce(sum(messages), 0) from statistics_hours)::integer as hours,
         (select coalesce(sum(messages), 0) from statistics_totals)::integer as totals`,
      )
    ).rows[0];

  test('changes nothing that is read, however often', async () => {
    await store(caller, [
      { created_at: TODAY, status: Status.delivered },
      { created_at: TODAY - 3 * DAY, status: Status.failed },
    ]);
    const before = await read();
    expect(await rollUp(own.db.enginePool)).toBe(2);
    expect(await read()).toEqual(before);
    expect(await rollUp(own.db.enginePool)).toBe(0);
    await store(caller, [{ created_at: TODAY, status: Status.delivered }]);
    await rollUp(own.db.enginePool);
    expect((await read()).total.outbound.count).toBe(3);
    expect(await sums()).toEqual({ deltas: 0, hours: 3, totals: 3 });
  });

  test('by many nodes at once, while messages come in, counts each delta once', async () => {
    const writers = Array.from({ length: 40 }, (_, i) =>
      store(caller, [{ created_at: TODAY + i, status: Status.delivered }]),
    );
    const rollers = Array.from({ length: 40 }, () => rollUp(own.db.enginePool));
    await Promise.all([...writers, ...rollers]);
    const { deltas, hours, totals } = await sums();
    expect(hours).toBe(totals);
    expect(hours + deltas).toBe(40);
    await rollUp(own.db.enginePool);
    expect(await sums()).toEqual({ deltas: 0, hours: 40, totals: 40 });
    expect((await read()).total.outbound.count).toBe(40);
  });
});
