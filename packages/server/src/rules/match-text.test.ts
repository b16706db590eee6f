import { describe, expect, it, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { fold } from './fold.ts';
import { afterTerm, type Matching, matchesNumber, rulesFor, SearchType } from './match-text.ts';

const rule = (over: Partial<Matching> & { id?: number }): Matching & { id?: number } => ({
  dedicated_number: '*',
  message_search_type: SearchType.any,
  message_search_term: null,
  action: 'POLL',
  ...over,
});
const text = (body: string, recipient = '+61422222222') => ({ body, recipient, country: 'AU' });
const acts = (body: string, over: Partial<Matching>) => rulesFor(text(body), [rule(over)]).length === 1;

describe(verifies('rules:matching', 'a term is found'), () => {
  const { any, startsWith, contains, lacks } = SearchType;
  test.each<[string, number, string | null, string, boolean]>([
    ['anything', any, null, 'whatever', true],
    ['anything, though there is a term', any, 'sale', 'whatever', true],
    ['at the front', startsWith, 'join', 'JOIN Ana', true],
    ['at the front, behind blanks and marks', startsWith, 'join', ' \t\u200b\ufeff\u00a0Join', true],
    ['not at the front', startsWith, 'join', 'please join', false],
    ['within', contains, 'JOIN', 'please join us', true],
    ['not within', contains, 'join', 'please', false],
    ['lacking', lacks, 'join', 'please', true],
    ['not lacking', lacks, 'join', 'please JOIN', false],
    ['in wide letters', startsWith, 'join', '\uff2a\uff4f\uff49\uff4e', true],
    ['in wide letters of its own', startsWith, '\uff2a\uff2f\uff29\uff2e', 'join', true],
    ['with a ligature', contains, 'office', 'o\ufb03ce', true],
    ['with ß', contains, 'STRASSE', 'straße', true],
    ['with ẞ', contains, 'strasse', 'STRAẞE', true],
    ['in Turkish capitals', startsWith, 'istanbul', 'İSTANBUL', true],
    ['in Turkish small letters', startsWith, 'KIRMIZI', 'kırmızı', true],
    ['in Turkish, the other way', startsWith, 'kırmızı', 'KIRMIZI', true],
    ['in Greek, with the final s', startsWith, 'ΝΑΟΣ', 'ναος', true],
    ['composed or not', contains, 'caf\u00e9', 'CAFE\u0301 now', true],
    ['but not without its accent', contains, 'caf\u00e9', 'cafe', false],
    ['in Cyrillic', contains, 'ПРИВЕТ', 'привет', true],
    ['not in letters that only look alike', contains, 'cop', '\u0441op', false],
    ['as it is, not as an expression', contains, '.*', 'ab', false],
    ['empty, in every text', contains, '  ', 'whatever', true],
    ['empty, so no text lacks it', lacks, null, 'whatever', false],
    ['with a blank at its end', startsWith, 'join ', 'JOIN', true],
    ['by no type that is not there', 7, 'a', 'a', false],
  ])('%s', (_, message_search_type, message_search_term, body, expected) => {
    expect(acts(body, { message_search_type, message_search_term })).toBe(expected);
  });
});

describe(verifies('rules:matching', 'a number is the one written to'), () => {
  test.each([
    ['*', '+61422222222', true],
    ['+61422222222', '+61422222222', true],
    ['61422222222', '+61422222222', true],
    ['0422 222 222', '+61422222222', true],
    ['+61422222222', '61422222222', true],
    ['+61422222223', '+61422222222', false],
    ['BAKEHOUSE', 'Bakehouse', true],
    ['12345', '12345', true],
    ['12345', '123456', false],
    ['', '+61422222222', false],
  ])('%s for a text to %s: %s', (dedicated, recipient, expected) => {
    expect(matchesNumber({ recipient, country: 'AU' }, dedicated)).toBe(expected);
  });
});

test(verifies('rules:none', 'every rule that matches acts, in order, until NONE'), () => {
  const rules = [
    rule({ id: 1 }),
    rule({ id: 2, message_search_type: SearchType.contains, message_search_term: 'bread' }),
    rule({ id: 3, action: 'URL' }),
    rule({ id: 4, action: 'none', message_search_type: SearchType.startsWith, message_search_term: 'hello' }),
    rule({ id: 5 }),
  ];
  const ids = (body: string) => rulesFor(text(body), rules).map(({ id }) => id);
  expect(ids('Hello, bread')).toEqual([1, 2, 3]);
  expect(ids('Hello')).toEqual([1, 3]);
  expect(ids('More bread')).toEqual([1, 2, 3, 5]);
});

describe('what comes behind the term', () => {
  test.each([
    ['JOIN Ana Lopez', 'join', ' Ana Lopez'],
    ['  join: Ana', 'JOIN', ': Ana'],
    ['please straße Ana', 'STRASSE', ' Ana'],
    ['\uff2a\uff4f\uff49\uff4e Ana', 'join', ' Ana'],
    ['İSTANBUL Ana', 'istanbul', ' Ana'],
    ['o\ufb03ce Ana', 'office', ' Ana'],
    ['Ana', 'join', 'Ana'],
    ['Ana', null, 'Ana'],
    ['\ud83c\udf5ejoin\ud83c\udf5e Ana', 'join', '\ud83c\udf5e Ana'],
  ])('of %j after %j is %j', (body, term, expected) => {
    expect(afterTerm(body, term)).toBe(expected);
  });
});

it('looks at the first ten thousand characters of a text, whatever comes behind them', () => {
  const body = `${' '.repeat(10)}${'\ufdfa'.repeat(9_980)}join${'\ufdfa'.repeat(400_000)}stop`;
  const rule = { dedicated_number: '*', message_search_type: 2, action: 'POLL' };
  const found = (term: string) =>
    rulesFor({ recipient: '', body, country: 'AU' }, [{ ...rule, message_search_term: term }]).length;
  const started = performance.now();
  expect([found('join'), found('stop')]).toEqual([1, 0]);
  expect(afterTerm(body, 'join')).toBe('\ufdfa'.repeat(6));
  expect(performance.now() - started).toBeLessThan(1_000);
});

it('folding is done in no more than a line of the text’s length', () => {
  const long = `${'İß\ufb03'.repeat(3_000)} end`;
  const started = performance.now();
  expect(afterTerm(long, 'end')).toBe('');
  expect(performance.now() - started).toBeLessThan(2_000);
  expect(fold(fold(long))).toBe(fold(long));
});
