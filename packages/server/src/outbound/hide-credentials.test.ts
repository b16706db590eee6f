import { describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { hideCredentials, WITHHELD } from './hide-credentials.ts';

const PASSWORD = 'Pä ss/+%&<"\'w=1~';
const WHO = { username: 'anna@example.com', password: PASSWORD };
const hide = hideCredentials(WHO);
const bytes = Buffer.from(PASSWORD);
const pair = Buffer.from(`${WHO.username}:${PASSWORD}`);
const HTML: Record<string, string> = { '&': '&amp;', '<': '&lt;', '"': '&quot;', "'": '&#39;' };
const html = PASSWORD.replace(/[&<"']/g, (char) => HTML[char]!);
const every = (write: (char: string) => string) => [...PASSWORD].map(write).join('');
const point = (char: string) => char.codePointAt(0)!;

const FORMS: Record<string, string> = {
  'as it is': PASSWORD,
  'upper case': PASSWORD.toUpperCase(),
  'lower case': PASSWORD.toLowerCase(),
  'of a URL': encodeURIComponent(PASSWORD),
  'of a URL, small letters': encodeURIComponent(PASSWORD).toLowerCase(),
  'of a whole URL': encodeURI(PASSWORD),
  'of a form': new URLSearchParams({ '': PASSWORD }).toString().slice(1),
  'of a URL, each byte': bytes.toString('hex').replace(/../g, '%$&'),
  'of a URL, twice': encodeURIComponent(encodeURIComponent(PASSWORD)),
  'of HTML': html,
  'of HTML, by numbers': every((char) => `&#${point(char)};`),
  'of HTML, by hexadecimal numbers': every((char) => `&#x${point(char).toString(16).toUpperCase()};`),
  'of JSON': JSON.stringify(PASSWORD).slice(1, -1),
  'of JSON, with slashes': JSON.stringify(PASSWORD).slice(1, -1).replaceAll('/', '\\/'),
  'of JSON, each character': every((char) => `\\u${point(char).toString(16).padStart(4, '0')}`),
  hexadecimal: bytes.toString('hex'),
  'hexadecimal, capitals': bytes.toString('hex').toUpperCase(),
  'base64, with padding or without': bytes.toString('base64'),
  base64url: bytes.toString('base64url'),
  'base64 in a URL': encodeURIComponent(bytes.toString('base64')),
  'base64 of both': pair.toString('base64'),
  'base64url of both': pair.toString('base64url'),
};

describe('a password', () => {
  test.each(Object.entries(FORMS))(verifies('connections:quiet', 'is not seen, %s'), (_, form) => {
    expect(hide(`a ${form} b`)).toBe('a … b');
    expect(hide(`${form}${form}`)).toBe('……');
  });

  test(verifies('connections:quiet', 'is not seen where its base64 is cut'), () => {
    for (const text of [pair.toString('base64'), bytes.toString('base64')]) {
      for (let length = 12; length < text.replace(/=+$/, '').length; length++) {
        expect(hide(`Basic ${text.slice(0, length)}...`)).toBe('Basic …...');
      }
      expect(hide(text.slice(0, 11))).toBe(text.slice(0, 11));
    }
  });

  test(verifies('connections:quiet', 'of four characters is hidden, of fewer the whole text is withheld'), () => {
    const four = hideCredentials({ username: 'a', password: 'ab/c' });
    const url = '?k=ab%2fc&h=61622F63';
    expect([four('no AB/C yes'), four(url), four('none'), four('YWIvYw==')]).toEqual([
      'no … yes',
      '?k=…&h=…',
      'none',
      '…',
    ]);
    for (const password of ['a', 'abc', '😀😀😀']) {
      const all = hideCredentials({ username: 'a', password });
      expect([all('a text without it'), all(`with ${password}`), all('')]).toEqual([WITHHELD, WITHHELD, '']);
    }
  });

  test('leaves other text as it is, also with characters that patterns are made of', () => {
    const odd = hideCredentials({ username: 'a', password: '.*(x)[' });
    for (const text of ['', 'a text', 'xxx(x)yyy', 'İstanbul ß 😀'])
      expect([hide(text), odd(text)]).toEqual([text, text]);
    expect(odd('İ .*(X)[ 😀')).toBe('İ … 😀');
  });

  test('made to be slow to look for is not', () => {
    const slow = hideCredentials({ username: 'a', password: '%25'.repeat(80) });
    const began = performance.now();
    slow('%25'.repeat(20_000));
    slow(`${'%252525'.repeat(30)}!`.repeat(100));
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});
