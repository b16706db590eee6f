import { expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { checkLongUrl, LONG_URL_LIMIT } from './long-url.ts';

test.each([
  'https://shop.example.test/spring',
  'http://shop.example.test',
  'HTTPS://SHOP.EXAMPLE.TEST/?a=1&b=%20#top',
  'https://münchen.example/straße',
  'https://[2001:db8::1]:8443/x',
  `https://a.test/${'x'.repeat(LONG_URL_LIMIT - 15)}`,
])(verifies('links:long-url', '%s is taken as it is'), (url) => {
  expect(checkLongUrl(url)).toEqual({ ok: true, url });
  expect(checkLongUrl(`  ${url}\n`)).toEqual({ ok: true, url });
});

test.each([
  ['', 'must begin with http'],
  ['shop.example.test', 'must begin with http'],
  ['//shop.example.test', 'must begin with http'],
  ['javascript:alert(1)', 'must begin with http'],
  ['ftp://shop.example.test', 'must begin with http'],
  ['https:shop.example.test', 'must begin with http'],
  ['https://', 'no web address'],
  ['https://user@shop.example.test', 'user name'],
  ['https://user:secret@shop.example.test', 'user name'],
  ['https://bank.example\\@evil.example', 'backslashes'],
  ['https://shop.example.test/a b', 'spaces'],
  ['https://shop.example.test/\r\nset-cookie: a=b', 'control characters'],
  ['https://shop.example.test/\u0000', 'control characters'],
  ['https://shop.example.test/\ud800', 'control characters'],
  ['https://exa mple.test', 'spaces'],
  ['https://999.999.999.999/', 'no web address'],
  [`https://a.test/${'x'.repeat(LONG_URL_LIMIT - 14)}`, 'not 251'],
])(verifies('links:long-url', '%j is refused: %s'), (url, words) => {
  const read = checkLongUrl(url);
  expect(read.ok ? 'taken' : read.words).toContain(words);
});
