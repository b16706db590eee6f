import { describe, expect, it } from 'vitest';
import { Refusal } from '../refusal.ts';
import { parseAmount } from './amount.ts';

describe('parseAmount', () => {
  it.each([
    ['25', 25_000_000],
    ['0.1', 100_000],
    [' 12.50 ', 12_500_000],
    ['0.000001', 1],
  ])('%s is %d micro-units', (text, micro) => {
    expect(parseAmount(text)).toBe(micro);
  });

  it.each(['', '0', '0.000000', '-1', '+1', '1,5', '1e3', '0.1234567', '1.', '.5', '99999999999', 'NaN', '1 000'])(
    '%j is refused',
    (text) => {
      expect(() => parseAmount(text)).toThrow(Refusal);
    },
  );
});
