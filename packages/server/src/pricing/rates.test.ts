import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { type HandClock, handClock } from '../../../../test/rig/hand-clock.ts';
import { rateFor } from './rate-card.ts';
import { openRates } from './rates.ts';

let own: TestDatabase;
let clock: HandClock;
let said: string[];

beforeAll(async () => {
  own = await openTestDatabase();
});
afterAll(() => own.close());
beforeEach(async () => {
  clock = handClock();
  said = [];
  await own.db.enginePool.query('delete from rates');
});

const parts = (pool = own.db.enginePool) => ({
  ...{ pool, clock, channel: 'sms' },
  log: (event: string) => void said.push(event),
});
const price = (country: string, prefix: string, micro: number, from: number) =>
  own.db.enginePool.query(
    `insert into rates (channel, country, prefix, price_micro, valid_from) values ('sms', $1, $2, $3, $4)`,
    [country, prefix, micro, from],
  );
const perPart = (rates: Awaited<ReturnType<typeof openRates>>) =>
  rateFor(rates.current(), '+61411111111', 'AU')?.microPerPart ?? null;

/** A refresh is asked for by the clock, and answered by the database in its own time. */
async function eventually(rates: Awaited<ReturnType<typeof openRates>>, micro: number): Promise<void> {
  for (let looks = 0; perPart(rates) !== micro && looks < 500; looks++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(perPart(rates)).toBe(micro);
}

test(verifies('price:rate-card', 'an edit of the card counts within 15 seconds, again and again'), async () => {
  await price('AU', '', 79_000, 0);
  const rates = await openRates(parts());
  expect(perPart(rates)).toBe(79_000);
  await price('AU', '614', 60_000, 0);
  clock.advance(14_999);
  expect(perPart(rates)).toBe(79_000);
  clock.advance(1);
  await eventually(rates, 60_000);
  await own.db.enginePool.query(`update rates set price_micro = 1 where prefix = '614'`);
  clock.advance(15_000);
  await eventually(rates, 1);
  rates.close();
});

test(verifies('price:rate-card', 'a price of a later date holds from its moment, without another look'), async () => {
  await price('AU', '', 79_000, 0);
  await price('AU', '', 80_000, clock.now() + 1_000);
  const rates = await openRates(parts());
  clock.advance(999);
  expect(perPart(rates)).toBe(79_000);
  clock.advance(1);
  expect(perPart(rates)).toBe(80_000);
  rates.close();
});

test('while the database is away the card stays as it was, and is read again later', async () => {
  await price('AU', '', 79_000, 0);
  let away = false;
  const query = ((...given: Parameters<typeof own.db.enginePool.query>) =>
    away ? Promise.reject(new Error('away')) : own.db.enginePool.query(...given)) as typeof own.db.enginePool.query;
  const rates = await openRates(parts({ query } as typeof own.db.enginePool));
  await own.db.enginePool.query('update rates set price_micro = 2');
  away = true;
  clock.advance(15_000);
  await new Promise((resolve) => setImmediate(resolve));
  expect([perPart(rates), said]).toEqual([79_000, ['rates.not-refreshed']]);
  away = false;
  clock.advance(15_000);
  await eventually(rates, 2);
  rates.close();
});
