import { describe, expect, it } from 'vitest';
import { currencyOf, isCurrency } from './currencies.ts';

describe('currencyOf', () => {
  it.each([
    ['AUD', '$', 'c', 'Australian Dollars'],
    ['USD', '$', 'c', 'US Dollars'],
    ['NZD', '$', 'c', 'New Zealand Dollars'],
    ['CAD', '$', 'c', 'Canadian Dollars'],
    ['SGD', '$', 'c', 'Singapore Dollars'],
    ['EUR', '€', 'c', 'Euros'],
    ['GBP', '£', 'p', 'British Pounds'],
    ['INR', '₹', 'p', 'Indian Rupees'],
    ['ZAR', 'R', 'c', 'South African Rand'],
    ['CHF', 'CHF', 'Rp.', 'Swiss Francs'],
    ['JPY', '¥', '', 'Japanese Yen'],
  ])('%s', (code, unit, hundredth, name) => {
    expect(currencyOf(code)).toEqual({
      currency_name_short: code,
      currency_prefix_d: unit,
      currency_prefix_c: hundredth,
      currency_name_long: name,
    });
  });

  it('has four texts for every currency there is, and makes each once', () => {
    for (const code of Intl.supportedValuesOf('currency')) {
      const currency = currencyOf(code);
      expect(Object.values(currency).every((text) => typeof text === 'string')).toBe(true);
      expect(currency.currency_prefix_d).not.toBe('');
      expect(currencyOf(code)).toBe(currency);
    }
  });

  it('shows the code of what is no currency', () => {
    expect(isCurrency('AUD')).toBe(true);
    expect(isCurrency('aud')).toBe(false);
    expect(isCurrency('XQZ')).toBe(false);
    expect(currencyOf('XQZ')).toMatchObject({ currency_name_short: 'XQZ', currency_name_long: 'XQZ' });
  });
});
