import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EXAMPLE_SMS_RATES, exampleRates } from './example-rates.ts';
import { buildRateCard, type RateRow, rateFor } from './rate-card.ts';

let lastId = 0;
const row = (country: string, price_micro: number, more: Partial<RateRow> = {}): RateRow => ({
  rate_id: ++lastId,
  channel: 'sms',
  country,
  prefix: '',
  price_micro,
  valid_from: 0,
  valid_to: null,
  ...more,
});

const price = (rows: RateRow[], e164: string, country: string, at = 1000) =>
  rateFor(buildRateCard(rows, at), e164, country)?.microPerPart ?? null;

describe('[price:rate-card] rateFor', () => {
  const rows = [
    row('AU', 79_000),
    row('AU', 60_000, { prefix: '614' }),
    row('AU', 50_000, { prefix: '61488' }),
    row('US', 11_000),
    row('*', 90_000),
    row('AU', 300_000, { channel: 'mms' }),
  ];

  it.each([
    ['+61488123456', 'AU', 50_000],
    ['+61411111111', 'AU', 60_000],
    ['+61261111111', 'AU', 79_000],
    ['+14055555555', 'US', 11_000],
    ['+447777777777', 'GB', 90_000],
    ['+8821612345678', 'ZZ', 90_000],
  ])('%s of %s costs %i', (e164, country, micro) => {
    expect(price(rows, e164, country)).toBe(micro);
  });

  it('names the row, so that a quote can be traced to it', () => {
    const card = buildRateCard(rows, 0);
    expect(rateFor(card, '+61411111111', 'AU')).toEqual({
      rateId: rows[1]!.rate_id,
      label: 'AU +614',
      microPerPart: 60_000,
    });
    expect(rateFor(card, '+61261111111', 'AU')?.label).toBe('AU');
    expect(rateFor(card, '+447777777777', 'GB')?.label).toBe('*');
  });

  it('has no price where no row speaks of the country', () => {
    expect(price([row('AU', 79_000)], '+14055555555', 'US')).toBeNull();
  });

  it('keeps channels apart', () => {
    expect(rateFor(buildRateCard(rows, 0, 'mms'), '+61411111111', 'AU')?.microPerPart).toBe(300_000);
    expect(rateFor(buildRateCard(rows, 0, 'fax'), '+61411111111', 'AU')).toBeNull();
  });

  it('does not let a prefix of +6 digits match inside the number', () => {
    expect(price([row('AU', 1, { prefix: '411' }), row('*', 2)], '+61411111111', 'AU')).toBe(2);
  });

  it('finds what a search through all rows finds', () => {
    const digits = fc.integer({ min: 1, max: 999 }).map(String);
    const rates = fc.array(fc.tuple(fc.constantFrom('AU', 'US', '*'), fc.oneof(fc.constant(''), digits)), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(rates, digits, fc.constantFrom('AU', 'US', 'GB'), (pairs, number, country) => {
        const rows = pairs.map(([of, prefix], at) => row(of, at, { prefix }));
        const rank = (candidate: RateRow) => {
          if (candidate.prefix) return number.startsWith(candidate.prefix) ? 10 + candidate.prefix.length : 0;
          return candidate.country === country ? 2 : candidate.country === '*' ? 1 : 0;
        };
        const best = rows.filter(rank).sort((a, b) => rank(b) - rank(a) || b.rate_id - a.rate_id)[0];
        expect(rateFor(buildRateCard(rows, 0), `+${number}`, country)?.rateId).toBe(best?.rate_id);
      }),
      { seed: 79, numRuns: 1000 },
    );
  });
});

describe('buildRateCard in time', () => {
  const rows = [
    row('AU', 1, { valid_to: 2000 }),
    row('AU', 2, { valid_from: 2000, valid_to: 3000 }),
    row('AU', 3, { valid_from: 5000 }),
  ];

  it.each([
    [1999, 1, 2000],
    [2000, 2, 3000],
    [2999, 2, 3000],
    [3000, null, 5000],
    [5000, 3, Infinity],
  ])('at %i the price is %s, until %i', (at, micro, until) => {
    expect(price(rows, '+61411111111', 'AU', at)).toBe(micro);
    expect(buildRateCard(rows, at).validUntil).toBe(until);
  });

  it('lets the row that began last win where two overlap, in whatever order they come', () => {
    const overlapping = [row('AU', 1), row('AU', 2, { valid_from: 500 })];
    expect(price(overlapping, '+61411111111', 'AU')).toBe(2);
    expect(price(overlapping.toReversed(), '+61411111111', 'AU')).toBe(2);
  });
});

describe('the example card', () => {
  const rows = exampleRates(1000).map((rate, at) => ({ ...rate, rate_id: at + 1 }));

  it('prices every country, and says that it is an example', () => {
    expect(rows.every((rate) => rate.example)).toBe(true);
    expect(price(rows, '+61411111111', 'AU')).toBe(79_000);
    expect(price(rows, '+14055555555', 'US')).toBe(11_000);
    expect(price(rows, '+5491123456789', 'AR')).toBe(90_000);
  });

  it('is in micro-dollars: each price between a tenth of a cent and a dollar, in whole hundredths of a cent', () => {
    for (const [country, micro] of Object.entries(EXAMPLE_SMS_RATES)) {
      expect(country).toMatch(/^([A-Z]{2}|\*)$/);
      expect(micro % 100, country).toBe(0);
      expect(micro, country).toBeGreaterThan(1_000);
      expect(micro, country).toBeLessThan(1_000_000);
    }
  });
});
