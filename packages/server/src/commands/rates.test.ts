import { systemRandom } from '@veredus/server/system';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { type HandClock, handClock } from '../../../../test/rig/hand-clock.ts';
import { insertRates } from '../accounts/store-accounts.ts';
import { EXAMPLE_NOTICE, exampleRates } from '../pricing/example-rates.ts';
import { buildRateCard, rateFor } from '../pricing/rate-card.ts';
import { readRates } from '../pricing/store.ts';
import { findCommand, runCommand } from './commands.ts';

let test: TestDatabase;
let clock: HandClock;

beforeAll(async () => {
  test = await openTestDatabase();
});
afterAll(() => test.close());
beforeEach(async () => {
  clock = handClock();
  await test.db.enginePool.query('delete from rates');
});

async function veredus(text: string) {
  const found = findCommand(text.split(' ')) as NonNullable<ReturnType<typeof findCommand>>;
  const lines: string[] = [];
  const parts = {
    ...{ db: test.db, clock, random: systemRandom, config: { currency: 'USD', country: 'AU' } },
    secretKey: async () => Buffer.alloc(32),
    out: (line: string) => void lines.push(line),
    note: () => {},
    input: async () => '',
  };
  const code = await runCommand(found.command, parts, found.args);
  return { code, lines, text: lines.join('\n') };
}

async function price(e164: string, country: string, at = clock.now()) {
  return rateFor(buildRateCard(await readRates(test.db.enginePool), at), e164, country)?.microPerPart ?? null;
}

describe('rates set', () => {
  it('ends the example and counts from now on, while the price of before stays on record', async () => {
    await insertRates(test.db.engine, exampleRates(clock.now()));
    const before = clock.now();
    clock.advance(60_000);
    expect(await veredus('rates set AU 0.05')).toMatchObject({
      code: 0,
      text: 'sms to AU costs 0.050000 per part from now on, in place of the price before. Running nodes follow within 15 s.',
    });
    expect(await price('+61411111111', 'AU')).toBe(50_000);
    expect(await price('+61411111111', 'AU', before)).toBe(79_000);
    expect(await price('+6421123456', 'NZ')).toBe(110_000);
    const { rows } = await test.db.enginePool.query(
      `select price_micro, valid_from, valid_to, example from rates where country = 'AU' order by rate_id`,
    );
    expect(rows).toEqual([
      { price_micro: 79_000, valid_from: before, valid_to: clock.now(), example: true },
      { price_micro: 50_000, valid_from: clock.now(), valid_to: null, example: false },
    ]);
  });

  it('prices a prefix and every other country on their own', async () => {
    await veredus('rates set AU 0.08');
    await veredus('rates set * 0.2');
    expect((await veredus('rates set AU 0.06 --prefix +614')).text).not.toContain('in place of');
    expect(await price('+61411111111', 'AU')).toBe(60_000);
    expect(await price('+61261111111', 'AU')).toBe(80_000);
    expect(await price('+6421123456', 'NZ')).toBe(200_000);
    // The country of a prefix is a label: another label is the same rate.
    expect((await veredus('rates set * 0 --prefix 614')).text).toContain('in place of');
    expect(await price('+61411111111', 'AU')).toBe(0);
    expect((await veredus('rates list')).lines).toHaveLength(3);
  });

  it('leaves one current row when several set the same rate at once, and a planned one as it is', async () => {
    const planned = clock.now() + 1000;
    await test.db.enginePool.query(
      `insert into rates (channel, country, price_micro, valid_from) values ('sms', 'AU', 1, $1)`,
      [planned],
    );
    await Promise.all(['0.1', '0.2', '0.3', '0.4'].map((each) => veredus(`rates set AU ${each}`)));
    const { rows } = await test.db.enginePool.query('select 1 from rates where valid_to is null and valid_from < $1', [
      planned,
    ]);
    expect(rows).toHaveLength(1);
    expect(await price('+61411111111', 'AU', planned)).toBe(1);
  });

  it.each([
    ['rates set au 0.1', '"au" is no country'],
    ['rates set XX 0.1', '"XX" is no country'],
    ['rates set AU 0,1', '"0,1" is no price'],
    ['rates set AU 0.0000001', 'at most 6 decimals'],
    ['rates set AU 100000.1', 'from 0 to 100000'],
    ['rates set AU 0.1 --prefix x', '"x" is no prefix'],
    ['rates set AU 0.1 --prefix 04', '"04" is no prefix'],
    ['rates set AU 0.1 --prefix 414', 'Numbers of AU begin with 61'],
    ['rates set AU 0.1 --prefix=', '--prefix needs digits'],
    ['rates set AU 0.1 --channel fax', 'only for sms'],
    ['rates set AU', 'Usage: veredus rates set'],
  ])('%s is refused and changes nothing', async (text, words) => {
    await veredus('rates set AU 0.5');
    const before = await readRates(test.db.enginePool);
    const refused = await veredus(text);
    expect(refused.code).toBe(2);
    expect(refused.text).toContain(words);
    expect(await readRates(test.db.enginePool)).toEqual(before);
  });
});

describe('rates list', () => {
  it('shows what counts now or later, marks examples and says when nothing can be sent', async () => {
    expect((await veredus('rates list')).text).toContain('The rate card is empty');
    await insertRates(test.db.engine, exampleRates(clock.now()));
    await veredus('rates set AU 0.05');
    await veredus('rates set AU 0.04 --prefix 614');
    const { lines } = await veredus('rates list');
    expect(lines.filter((line) => line.startsWith('sms\tAU'))).toEqual([
      'sms\tAU\t\t0.050000\tfrom 2026-01-01 00:00',
      'sms\tAU\t+614\t0.040000\tfrom 2026-01-01 00:00',
    ]);
    expect(lines).toContain('sms\tNZ\t\t0.110000\tfrom 2026-01-01 00:00\texample');
    expect(lines.at(-1)).toBe(EXAMPLE_NOTICE);
  });
});
