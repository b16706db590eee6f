import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { addAccount, type StoredMessageRow, storeMessages } from '../../../../test/rig/stored-messages.ts';
import type { Caller } from '../accounts/caller.ts';
import { inTransaction } from '../db/transaction.ts';
import { cancelAllScheduled, cancelMessage } from './cancel.ts';
import { firstIdOf, showMessageId } from './ids.ts';
import { Money, Status } from './status.ts';
import { claimDue } from './store-claims.ts';

const NOW = Date.UTC(2026, 5, 1, 10, 30);
const clock = handClock(NOW);
const PRICE = 79_200;

let own: TestDatabase;
let caller: Caller;
let stranger: Caller;

beforeAll(async () => {
  own = await openTestDatabase();
});
afterAll(() => own.close());

beforeEach(async () => {
  const tables = 'messages, statistics_deltas, ledger_entries, ledger_balances, users, receipt_rules, lists, accounts';
  await own.db.enginePool.query(
    tables
      .split(', ')
      .map((table) => `delete from ${table}`)
      .join(';'),
  );
  caller = await callerOf('caller');
  stranger = await callerOf('stranger');
});

async function callerOf(name: string): Promise<Caller> {
  return { ...(await addAccount(own.db, name)), username: name } as unknown as Caller;
}

const parts = () => ({ db: own.db, clock });

/** Stores messages with their price on hold, as accept leaves them. */
async function queue(who: Caller, messages: Partial<StoredMessageRow>[]): Promise<string[]> {
  const rows = messages.map((message) => ({
    account_id: who.accountId,
    user_id: who.userId,
    created_at: NOW - 60_000,
    status: Status.queued,
    money: Money.held,
    price_micro: PRICE,
    ...message,
  }));
  const held = rows.filter((row) => row.money === Money.held).reduce((sum, row) => sum + row.price_micro, 0);
  await own.db.enginePool.query(
    'update ledger_balances set held_micro = held_micro + $2, available_micro = available_micro - $2 where account_id = $1',
    [who.accountId, held],
  );
  return storeMessages(own.db, rows);
}

const later = { schedule_at: NOW + 3_600_000, next_attempt_at: NOW + 3_600_000 };

async function stateOf(id: string) {
  const { rows } = await own.db.enginePool.query(
    'select status, money, next_attempt_at, done_at from messages where id = $1',
    [id],
  );
  return rows[0];
}

async function balanceOf(who: Caller) {
  const { rows } = await own.db.enginePool.query(
    'select held_micro as held, available_micro as available from ledger_balances where account_id = $1',
    [who.accountId],
  );
  return rows[0];
}

async function counted(who: Caller): Promise<Record<number, number>> {
  const { rows } = await own.db.enginePool.query(
    `select status, sum(messages)::integer as messages from statistics_deltas where account_id = $1
     group by status having sum(messages) <> 0`,
    [who.accountId],
  );
  return Object.fromEntries(rows.map((row) => [row.status, row.messages]));
}

describe('cancelling one', () => {
  test.each([
    ['scheduled', later],
    ['due now', {}],
    ['waiting for a retry', { attempts: 3, next_attempt_at: NOW + 5000 }],
  ])('[sms:cancel] %s: out of the queue, its price back, counted once', async (_, message) => {
    const [id = ''] = await queue(caller, [message]);
    expect(await cancelMessage(parts(), caller, { message_id: showMessageId(id) })).toEqual({
      data: null,
      words: 'Cancelled.',
    });
    expect(await stateOf(id)).toEqual({
      status: Status.cancelled,
      money: Money.released,
      next_attempt_at: null,
      done_at: NOW,
    });
    expect(await balanceOf(caller)).toEqual({ held: 0, available: 0 });
    expect(await counted(caller)).toEqual({ [Status.cancelled]: 1 });
    const { rows } = await own.db.enginePool.query(
      'select kind, debit, credit, amount_micro, messages, at from ledger_entries',
    );
    expect(rows).toEqual([
      { kind: 'release', debit: 'held', credit: 'available', amount_micro: PRICE, messages: 1, at: NOW },
    ]);
  });

  test('a free message writes no ledger entry', async () => {
    const [id = ''] = await queue(caller, [{ ...later, price_micro: 0 }]);
    await cancelMessage(parts(), caller, { message_id: id });
    expect(await stateOf(id)).toMatchObject({ status: Status.cancelled, money: Money.released });
    expect((await own.db.enginePool.query('select 1 from ledger_entries')).rowCount).toBe(0);
  });

  test.each(Object.entries(Status).filter(([name]) => name !== 'queued'))('%s is too late', async (_, status) => {
    const [id = ''] = await queue(caller, [{ status, money: Money.none }]);
    const refused = cancelMessage(parts(), caller, { message_id: id });
    await expect(refused).rejects.toMatchObject({
      kind: 'bad-request',
      fields: { message_id: expect.stringMatching(/\.$/) },
    });
    expect(await stateOf(id)).toMatchObject({ status, money: Money.none });
    expect(await counted(caller)).toEqual({ [status === Status.claimed ? 0 : status]: 1 });
  });

  test.each(['nonsense', `' or 1=1 --`, '019973A2-4E10-7C31-9F0B-6A51D2C48E77'])(
    '%s is not found',
    async (message_id) => {
      await expect(cancelMessage(parts(), caller, { message_id })).rejects.toMatchObject({ kind: 'not-found' });
    },
  );

  test(`another account's is not found, and stays`, async () => {
    const [id = ''] = await queue(stranger, [later]);
    await expect(cancelMessage(parts(), caller, { message_id: id })).rejects.toMatchObject({ kind: 'not-found' });
    expect(await stateOf(id)).toMatchObject({ status: Status.queued, money: Money.held });
    expect(await balanceOf(stranger)).toEqual({ held: PRICE, available: -PRICE });
  });
});

describe('cancelling all', () => {
  test('[sms:cancel-all] takes the scheduled ones of the account and nothing else', async () => {
    const [first = '', due = '', retrying = '', gone = '', mms = ''] = await queue(caller, [
      later,
      {},
      { attempts: 1, next_attempt_at: NOW + 5000 },
      { ...later, status: Status.claimed },
      { ...later, channel: 2 },
    ]);
    const [theirs = ''] = await queue(stranger, [later]);
    expect(await cancelAllScheduled(parts(), caller, null)).toEqual({ data: { count: 1 }, words: '1 cancelled.' });
    expect(await stateOf(first)).toMatchObject({ status: Status.cancelled });
    for (const id of [due, retrying, mms, theirs]) expect(await stateOf(id)).toMatchObject({ status: Status.queued });
    expect(await stateOf(gone)).toMatchObject({ status: Status.claimed });
    expect(await balanceOf(caller)).toEqual({ held: 4 * PRICE, available: -4 * PRICE });
  });

  test('[sms:cancel-all] of a custom_string leaves the others', async () => {
    const [tagged = '', other = ''] = await queue(caller, [
      { ...later, custom_string: 'spring' },
      { ...later, custom_string: 'spring sale' },
    ]);
    expect((await cancelAllScheduled(parts(), caller, { custom_string: 'spring' })).data).toEqual({ count: 1 });
    expect(await stateOf(tagged)).toMatchObject({ status: Status.cancelled });
    expect(await stateOf(other)).toMatchObject({ status: Status.queued });
    expect((await cancelAllScheduled(parts(), caller, { custom_string: `' or 1=1 --` })).data).toEqual({ count: 0 });
  });

  test('goes on over chunks, with the money of each', async () => {
    await queue(
      caller,
      Array.from({ length: 4000 }, (_, i) => ({ ...later, created_at: NOW - 4000 + i })),
    );
    await queue(
      caller,
      Array.from({ length: 3000 }, (_, i) => ({ ...later, created_at: NOW - 9000 + i })),
    );
    expect((await cancelAllScheduled(parts(), caller, {})).data).toEqual({ count: 7000 });
    expect(await balanceOf(caller)).toEqual({ held: 0, available: 0 });
    expect(await counted(caller)).toEqual({ [Status.cancelled]: 7000 });
    const { rows } = await own.db.enginePool.query(
      'select sum(amount_micro)::bigint as amount, sum(messages)::integer as messages from ledger_entries',
    );
    expect(rows).toEqual([{ amount: 7000 * PRICE, messages: 7000 }]);
  });
});

describe('against dispatch', () => {
  const claim = { channel: 1, priority: 0, now: NOW, fromId: firstIdOf(0), limit: 1000, token: 1 };

  test('[sms:cancel] a claim under way wins, and the cancel says that it is too late', async () => {
    const [id = ''] = await queue(caller, [{}]);
    let cancelling: Promise<unknown> = Promise.resolve();
    await inTransaction(own.db.enginePool, async (client) => {
      expect(await claimDue(client, claim)).toHaveLength(1);
      cancelling = cancelMessage(parts(), caller, { message_id: id }).catch((refusal) => refusal);
      await waitsForLock();
    });
    expect(await cancelling).toMatchObject({ kind: 'bad-request' });
    expect(await stateOf(id)).toMatchObject({ status: Status.claimed, money: Money.held });
    expect(await balanceOf(caller)).toEqual({ held: PRICE, available: -PRICE });
  });

  test('both at once: every message is either claimed or cancelled, and only the cancelled are paid back', async () => {
    const ids = await queue(
      caller,
      Array.from({ length: 300 }, () => ({})),
    );
    const cancels: Promise<number>[] = [];
    const claims: ReturnType<typeof claimDue>[] = [];
    // Woven together, since the pool serves in turn.
    for (const [i, message_id] of ids.reverse().entries()) {
      cancels.push(
        cancelMessage(parts(), caller, { message_id }).then(
          () => 1,
          () => 0,
        ),
      );
      if (i % 10 === 0) claims.push(claimDue(own.db.enginePool, { ...claim, limit: 5 }));
    }
    const cancelled = (await Promise.all(cancels)).reduce((sum, one) => sum + one, 0);
    const claimed = (await Promise.all(claims)).flat().length;
    expect(cancelled + claimed).toBe(300);
    expect(claimed).toBeGreaterThan(0);
    expect(await balanceOf(caller)).toEqual({ held: claimed * PRICE, available: -claimed * PRICE });
    expect(await counted(caller)).toEqual({ [Status.queued]: claimed, [Status.cancelled]: cancelled });
  });

  test('two cancel-alls at once count each message once', async () => {
    await queue(
      caller,
      Array.from({ length: 2000 }, () => later),
    );
    const both = await Promise.all([
      cancelAllScheduled(parts(), caller, null),
      cancelAllScheduled(parts(), caller, null),
    ]);
    expect(both[0].data.count + both[1].data.count).toBe(2000);
    expect(await balanceOf(caller)).toEqual({ held: 0, available: 0 });
  });
});

/** Resolves once a statement stands waiting for another's lock. */
async function waitsForLock(): Promise<void> {
  for (;;) {
    const { rowCount } = await own.db.appPool.query(
      `select 1 from pg_locks where not granted and database = (select oid from pg_database where datname = current_database())
       union select 1 from pg_locks where not granted and locktype = 'transactionid'`,
    );
    if (rowCount) return;
  }
}
