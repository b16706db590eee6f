import { describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { KEYWORDS } from './keyword-data.ts';
import { readKeyword } from './keywords.ts';

const kindOf = (text: string, country = 'AU') => readKeyword(text, country)?.kind ?? null;

/** Ways to write one word that change nothing about what it says. */
const disguises: Record<string, (word: string) => string> = {
  'as it stands': (word) => word,
  'in small letters': (word) => word.toLowerCase(),
  'with a full stop': (word) => `${word}.`,
  'between spaces and lines': (word) => ` \r\n\t${word}\u00a0\n`,
  'in guillemets': (word) => `«${word}»`,
  'in German quotes': (word) => `„${word}“`,
  'in brackets': (word) => `[(${word})]`,
  'with an emoji': (word) => `${word} 🛑`,
  'with a joined emoji': (word) => `👨‍👩‍👧 ${word} 👍🏽🇦🇺1️⃣`.replace('1', ''),
  'with zero-width characters': (word) => [...word].join('\u200b'),
  'with a byte-order mark': (word) => `\ufeff${word}`,
  'with right-to-left marks': (word) => `\u200f\u202e${word}\u202c`,
  'with isolates and a soft hyphen': (word) => `\u2068${word[0]}\u00ad${word.slice(1)}\u2069`,
  'with a grapheme joiner': (word) => `${word[0]}\u034f${word.slice(1)}`,
  'taken apart into marks': (word) => word.normalize('NFD'),
  'said again and again': (word) => `${word} ${word}! ${word}!!!`,
};

describe.each(Object.entries(disguises))('%s', (_, disguise) => {
  test(verifies('optout:keywords', 'every keyword of every family is read in its countries'), () => {
    for (const { countries, optOut, optIn, help } of KEYWORDS) {
      for (const country of countries) {
        const where = country === '*' ? 'AU' : country;
        for (const word of optOut) expect(readKeyword(disguise(word), where)).toEqual({ kind: 'opt-out', word });
        for (const word of optIn) expect(kindOf(disguise(word), where), word).toBe('opt-in');
        for (const word of help) expect(kindOf(disguise(word), where), word).toBe('help');
      }
    }
  });
});

test.each([
  ['ＳＴＯＰ', 'AU'],
  ['𝐒𝐓𝐎𝐏', 'AU'],
  ['ⓈⓉⓄⓅ', 'AU'],
  ['STÒP', 'AU'],
  ['stop-all', 'US'],
  ['OPT-OUT', 'US'],
  ['Opt–Out', 'US'],
  ['ARRET', 'FR'],
  ['Arrêt!', 'FR'],
  ['arre\u0302t', 'CA'],
  ['desabonner', 'CH'],
  ['no mas', 'US'],
  ['STOPP', 'DE'],
  ['odhlasit', 'CZ'],
  // Turkish capital and small i in words of ours.
  ['unsubscrİbe', 'TR'],
  ['unsubscrıbe', 'TR'],
  ['QUİT', 'TR'],
  ['stop', ''],
  ['stop', 'ZZ'],
  ['stop', 'constructor'],
])(verifies('optout:keywords', 'fault:F51', '%j in %s opts out'), (text, country) => {
  expect(kindOf(text, country)).toBe('opt-out');
});

test.each([
  ['please stop texting me', 'AU'],
  ['STOP please', 'AU'],
  ["don't stop", 'AU'],
  ['bus stop on 5th', 'US'],
  ['Stop\nSent from my phone', 'US'],
  ['STOP 2', 'US'],
  ['please “stop” this', 'US'],
  ['“please stop texting me”', 'US'],
  ['I want to opt out of this', 'US'],
  ['how do I unsubscribe?', 'GB'],
  ['bitte abmelden, danke', 'DE'],
  ['end please', 'AU'],
  ['uit aub', 'NL'],
])(verifies('optout:review', '%j in %s is for somebody to look at'), (text, country) => {
  expect(kindOf(text, country)).toBe('review');
});

test.each([
  ['', 'AU'],
  [' \n\u200b\u202e', 'AU'],
  ['🛑', 'AU'],
  ['?!.', 'AU'],
  ['\ud800', 'AU'],
  // Cyrillic letters that look like ours, all of them and one of them.
  ['СТОП', 'RU'],
  ['STОP', 'US'],
  ['STOPP', 'AU'],
  ['ARRET', 'DE'],
  ['AAN', 'AU'],
  ['nonstop', 'AU'],
  ['stopping by at 5', 'AU'],
  ['we need help', 'AU'],
  ['when do you start?', 'AU'],
  ['thanks, see you at the end of May', 'AU'],
  ['ik kom uit Gent', 'NL'],
  ['YES', 'US'],
  ['Liked “Sale today! Reply STOP to opt out”', 'US'],
  ['👍 to "Acme: bread is ready. Text STOP to unsubscribe"', 'US'],
])(verifies('optout:keywords', 'fault:F51', '%j in %s says nothing'), (text, country) => {
  expect(readKeyword(text, country)).toBeNull();
});

test('the word is told as the table writes it', () => {
  expect(readKeyword('arret.', 'FR')).toEqual({ kind: 'opt-out', word: 'ARRÊT' });
  expect(readKeyword('please stop', 'FR')).toEqual({ kind: 'review', word: 'STOP' });
  expect(readKeyword('we opt out', 'FR')).toEqual({ kind: 'review', word: 'OPT OUT' });
});

test.each([
  ['a '.repeat(50_000)],
  ['a'.repeat(100_000)],
  ['“'.repeat(100_000)],
  ['"a'.repeat(50_000)],
  ['\u0301'.repeat(100_000)],
  [`a${'\u0301'.repeat(100_000)}`],
  ["a'".repeat(50_000)],
  ['👍\u200d'.repeat(33_000)],
  ['\ufdfa'.repeat(100_000)],
  ['opt '.repeat(25_000)],
  ['- '.repeat(50_000)],
])(verifies('optout:keywords', 'invariant:I11', 'a hundred thousand characters are read in a moment (%#)'), (text) => {
  const begun = performance.now();
  readKeyword(text, 'US');
  expect(performance.now() - begun).toBeLessThan(5_000);
});

test('each family says where its words come from and when somebody last looked', () => {
  for (const { countries, source, checked, optOut } of KEYWORDS) {
    expect(countries.every((country) => /^(\*|[A-Z]{2})$/.test(country))).toBe(true);
    expect(source).not.toBe('');
    expect(checked).toMatch(/^20\d\d-(0[1-9]|1[0-2])$/);
    expect(optOut.length).toBeGreaterThan(0);
  }
});
