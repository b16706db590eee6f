import { randomUUID } from 'node:crypto';
import { systemRandom } from '@veredus/server/system';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { createAccount, createUser } from '../accounts/create-account.ts';
import { Refusal } from '../refusal.ts';
import { creditAccount } from './credit.ts';
import { type EntryKind, type Movement, settle } from './entries.ts';
import { insertEntry } from './store.ts';
import { verifyLedger } from './verify.ts';

const clock = handClock();
let test: TestDatabase;
let accountId: number;
let made = 0;

beforeAll(async () => {
  test = await openTestDatabase();
});
afterAll(() => test.close());

beforeEach(async () => {
  await query('truncate ledger_entries, messages, ledger_balances, accounts cascade', [], test.url);
  accountId = await makeAccount();
});

async function query(text: string, values: unknown[] = [], url?: string): Promise<Record<string, unknown>[]> {
  if (url === undefined) return (await test.db.enginePool.query(text, values)).rows;
  const { default: pg } = await import('pg');
  const superuser = new pg.Client({ connectionString: url });
  await superuser.connect();
  try {
    return (await superuser.query(text, values)).rows;
  } finally {
    await superuser.end();
  }
}

async function makeAccount(): Promise<number> {
  const parts = { clock, random: systemRandom };
  const terms = { country: 'AU', currency: 'AUD', prepaid: true, creditLimitMicro: null, anySenderNumber: false };
  const id = await createAccount(parts, test.db.engine, { name: 'Koala Co', ...terms });
  const username = `koala${made++}`;
  await createUser(parts, test.db.engine, { accountId: id, username, password: null, isMain: true });
  return id;
}

/** How a message's money may end, as the pipeline leaves it: its state, its charge, and the entries beside it. */
type End = 'free' | 'held' | 'captured' | 'released' | 'late';
const MONEY: Record<End, number> = { free: 0, held: 1, captured: 2, released: 3, late: 2 };

async function storeMessage(account: number, end: End, priceMicro: number, chargedMicro: number): Promise<string> {
  const id = randomUUID();
  const charged = end === 'captured' ? chargedMicro : end === 'late' ? priceMicro : 0;
  await query(
    `insert into messages (id, account_id, user_id, created_at, valid_until, price_micro, charged_micro, channel, status, money,
       priority, parts, recipient, sender, country, body, custom_string, source)
     values ($1, $2, 1, 1, 2, $3, $4, 1, 2, $5, 0, 1, '+1', '', 'US', '', '', '')`,
    [id, account, priceMicro, charged, MONEY[end]],
  );
  const ends: Record<End, Movement[]> = {
    free: [],
    held: [],
    captured: settle(priceMicro, chargedMicro),
    released: settle(priceMicro, 0),
    late: [...settle(priceMicro, 0), { kind: 'late-capture', amountMicro: priceMicro }],
  };
  if (end !== 'free') await move(account, 'reserve', priceMicro, 1);
  for (const { kind, amountMicro } of ends[end]) await move(account, kind, amountMicro);
  return id;
}

async function move(account: number, kind: EntryKind, amountMicro: number, messages = 0): Promise<void> {
  await insertEntry(test.db.engine, { accountId: account, kind, amountMicro, note: null, at: 1 });
  const newest = 'select max(entry_id) from ledger_entries';
  if (messages > 0) await query(`update ledger_entries set messages = $1 where entry_id = (${newest})`, [messages]);
}

async function storeOfEach(): Promise<void> {
  await creditAccount(test.db.engine, clock, { account: accountId, amountMicro: 1_000_000, note: 'invoice 7' });
  await storeMessage(accountId, 'held', 11_000, 0);
  await storeMessage(accountId, 'captured', 22_000, 12_000);
  await storeMessage(accountId, 'released', 33_000, 0);
  await storeMessage(accountId, 'late', 44_000, 0);
  await storeMessage(accountId, 'free', 0, 0);
}

const faultsOf = async () => (await verifyLedger(test.db.engine)).faults;

describe('[ledger:verify] verifyLedger', () => {
  it('finds books in order, whatever became of the messages', async () => {
    const messages = fc.array(
      fc.record({
        end: fc.constantFrom<End>('held', 'captured', 'released', 'late'),
        price: fc.integer({ min: 1, max: 500_000 }),
        thousandths: fc.nat({ max: 1000 }),
        second: fc.boolean(),
      }),
      { maxLength: 12 },
    );
    const other = await makeAccount();
    await fc.assert(
      fc.asyncProperty(messages, async (run) => {
        for (const { end, price, thousandths, second } of run) {
          await storeMessage(second ? other : accountId, end, price, Math.floor((price * thousandths) / 1000));
        }
        expect(await verifyLedger(test.db.engine)).toEqual({ accounts: 2, faults: [] });
      }),
      { numRuns: 12 },
    );
  });

  it('holds for an account where nothing has happened', async () => {
    expect(await verifyLedger(test.db.engine)).toEqual({ accounts: 1, faults: [] });
  });

  const ENTRY = (kind: string) => `entry_id = (select min(entry_id) from ledger_entries where kind = '${kind}')`;
  it.each([
    ['an amount', `update ledger_entries set amount_micro = amount_micro + 1 where ${ENTRY('capture')}`],
    ['the amount of a credit', `update ledger_entries set amount_micro = amount_micro - 1 where ${ENTRY('credit')}`],
    ['a kind', `update ledger_entries set kind = 'release' where ${ENTRY('capture')}`],
    ['both legs', `update ledger_entries set debit = 'held', credit = 'funding' where ${ENTRY('release')}`],
    ['a deleted entry', `delete from ledger_entries where ${ENTRY('release')}`],
    [
      'an entry too many',
      `insert into ledger_entries (account_id, at, kind, debit, credit, amount_micro)
      select account_id, at, kind, debit, credit, amount_micro from ledger_entries where kind = 'credit'`,
    ],
    ['an available balance', 'update ledger_balances set available_micro = available_micro + 1'],
    [
      'two balances that make up for each other',
      `update ledger_balances set available_micro = available_micro + 9,
      funding_micro = funding_micro - 9`,
    ],
    [
      'an entry and its balances together',
      `with e as (update ledger_entries set amount_micro = amount_micro - 5
        where kind = 'reserve' and amount_micro = 11000)
      update ledger_balances set held_micro = held_micro - 5, available_micro = available_micro + 5`,
    ],
    ['deleted balances', 'delete from ledger_balances'],
    ['the price of a held message', 'update messages set price_micro = 1 where money = 1'],
    ['the price of a released message', 'update messages set price_micro = price_micro - 1 where money = 3'],
    [
      'the charge of a captured message',
      'update messages set charged_micro = charged_micro - 1 where charged_micro = 12000',
    ],
    ['a charge without capture', 'update messages set charged_micro = 1 where money = 3'],
    ['the state of a message’s money', 'update messages set money = 3 where money = 1'],
    ['a deleted message', 'delete from messages where money = 3'],
    [
      'two prices that make up for each other',
      `update messages set price_micro = case money when 3 then 0 else 77000 end where money = 3 or charged_micro = 44000`,
    ],
    ['a message without an account', 'update messages set account_id = 1 where money = 0'],
  ])('finds %s', async (_, tampering) => {
    await storeOfEach();
    expect(await faultsOf()).toEqual([]);
    await query(tampering, [], test.url);
    expect(await faultsOf()).not.toEqual([]);
  });

  it('names the account and the two figures', async () => {
    await storeOfEach();
    const other = await makeAccount();
    await creditAccount(test.db.engine, clock, { account: other, amountMicro: 500, note: null });
    await query('update ledger_balances set available_micro = 501 where account_id = $1', [other], test.url);
    expect(await faultsOf()).toEqual([
      { accountId: other, what: 'balance available against the sum of entries', expected: 500, found: 501 },
      { accountId: other, what: 'sum of the four balances', expected: 0, found: 1 },
    ]);
  });

  it('is right in the middle of moving money: it reads one moment', async () => {
    await creditAccount(test.db.engine, clock, { account: accountId, amountMicro: 1_000_000, note: null });
    let moving = true;
    const mover = (async () => {
      while (moving) await creditAccount(test.db.engine, clock, { account: accountId, amountMicro: 3, note: null });
    })();
    for (let i = 0; i < 30; i++) expect(await faultsOf()).toEqual([]);
    moving = false;
    await mover;
  });
});

describe('creditAccount', () => {
  it('moves money from funding to available and keeps the note', async () => {
    const username = `KOALA${made - 1}`;
    const credit = { account: { username }, amountMicro: 25_000_000, note: 'invoice 8' };
    expect(await creditAccount(test.db.engine, clock, credit)).toEqual({
      ...{ funding: -25_000_000, available: 25_000_000, held: 0, spent: 0 },
    });
    const [entry] = await query('select account_id, at, kind, debit, credit, amount_micro, note from ledger_entries');
    expect(entry).toEqual({
      ...{ account_id: accountId, at: clock.now(), kind: 'credit', debit: 'funding', credit: 'available' },
      ...{ amount_micro: 25_000_000, note: 'invoice 8' },
    });
  });

  it('loses nothing when many credit at once', async () => {
    const credit = { account: accountId, amountMicro: 7, note: null };
    await Promise.all(Array.from({ length: 50 }, () => creditAccount(test.db.engine, clock, credit)));
    const [balance] = await query('select available_micro from ledger_balances');
    expect(balance).toEqual({ available_micro: 350 });
    expect(await faultsOf()).toEqual([]);
  });

  it('refuses strangers and amounts of nothing', async () => {
    const credit = { account: { username: 'nobody' }, amountMicro: 1, note: null };
    await expect(creditAccount(test.db.engine, clock, credit)).rejects.toBeInstanceOf(Refusal);
    await expect(creditAccount(test.db.engine, clock, { ...credit, account: 1 })).rejects.toMatchObject({
      kind: 'not-found',
    });
    for (const amountMicro of [0, -1, 0.5]) {
      const nothing = { ...credit, account: accountId, amountMicro };
      await expect(creditAccount(test.db.engine, clock, nothing)).rejects.toMatchObject({ kind: 'bad-request' });
    }
  });
});
