import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Refusal } from '../refusal.ts';
import { formatMicro, parseAmount } from './amount.ts';

describe('amounts', () => {
  it('survive writing and reading', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999_999_999 }), (micro) => {
        expect(parseAmount(formatMicro(micro))).toBe(micro);
      }),
    );
  });

  it.each([
    ['25', 25_000_000],
    ['0.1', 100_000],
    [' 12.50 ', 12_500_000],
    ['0.000001', 1],
  ])('%s is %d micro-units', (text, micro) => {
    expect(parseAmount(text)).toBe(micro);
  });

  it.each(['', '-1', '+1', '1,5', '1e3', '0.1234567', '1.', '.5', '9999999999', 'NaN', '1 000'])(
    '%j is refused',
    (text) => {
      expect(() => parseAmount(text)).toThrow(Refusal);
    },
  );

  it('round half away from zero', () => {
    expect(formatMicro(41_208_800)).toBe('41.208800');
    expect(formatMicro(-41_208_800)).toBe('-41.208800');
    expect(formatMicro(37_950, 4)).toBe('0.0380');
    expect(formatMicro(37_949, 4)).toBe('0.0379');
    expect(formatMicro(-49, 4)).toBe('0.0000');
    expect(formatMicro(1_500_000, 0)).toBe('2');
    expect(formatMicro(0)).toBe('0.000000');
  });
});
