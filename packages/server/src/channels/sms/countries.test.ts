import { describe, expect, it } from 'vitest';
import { COUNTRIES, countryName } from './countries.ts';

describe('COUNTRIES', () => {
  it('names every numbering plan, each once, by name', () => {
    expect(COUNTRIES.length).toBeGreaterThan(240);
    expect(new Set(COUNTRIES.map(({ code }) => code)).size).toBe(COUNTRIES.length);
    expect(new Set(COUNTRIES.map(({ value }) => value)).size).toBe(COUNTRIES.length);
    // A name that is still a code would mean that Intl does not know the country.
    expect(COUNTRIES.filter(({ code, value }) => code === value)).toEqual([]);
    expect(COUNTRIES[0]).toEqual({ code: 'AF', value: 'Afghanistan' });
    expect(COUNTRIES.at(-1)).toEqual({ code: 'ZW', value: 'Zimbabwe' });
  });

  it.each([
    ['AU', 'Australia'],
    ['US', 'United States'],
    ['AX', 'Åland Islands'],
    ['XK', 'Kosovo'],
  ])('has %s', (code, value) => {
    expect(COUNTRIES).toContainEqual({ code, value });
  });

  it('sorts Åland with A, where a reader of English looks for it', () => {
    const at = (code: string) => COUNTRIES.findIndex((country) => country.code === code);
    expect(at('AX')).toBeLessThan(at('BE'));
  });
});

describe('countryName', () => {
  it.each([
    ['au', 'Australia'],
    ['ZZ', 'Unknown Region'],
    ['', ''],
    ['not a code', 'not a code'],
  ])('of %j is %j', (code, name) => {
    expect(countryName(code)).toBe(name);
  });
});
