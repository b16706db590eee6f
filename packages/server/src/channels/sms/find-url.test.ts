import { describe, expect, test } from 'vitest';
import { compile } from '../../templates/merge.ts';
import { findUrl } from './find-url.ts';

const urlOf = (body: string) => findUrl(compile(body).literals)?.url ?? null;

describe('the first URL of a text', () => {
  test.each([
    ['https://a.example/b', 'https://a.example/b'],
    ['Look: HTTP://A.example/b?c=d&e=f#g now', 'HTTP://A.example/b?c=d&e=f#g'],
    ['http://a.example https://b.example', 'http://a.example'],
    ['See https://a.example/b.', 'https://a.example/b'],
    ['See https://a.example/b?!...', 'https://a.example/b'],
    ['(see https://a.example/b).', 'https://a.example/b'],
    ['https://a.example/Rye_(bread)', 'https://a.example/Rye_(bread)'],
    ['(https://a.example/Rye_(bread))', 'https://a.example/Rye_(bread)'],
    ['"https://a.example/b", he said', 'https://a.example/b'],
    ['<https://a.example/b>', 'https://a.example/b'],
    ['[https://a.example/b]', 'https://a.example/b'],
    ['http://[::1]:8080/', 'http://[::1]:8080/'],
    ['ここ：https://a.example/パン。どうぞ', 'https://a.example/パン'],
    ['看https://a.example/b，谢谢', 'https://a.example/b'],
    ['https://a.example/?next=https://b.example', 'https://a.example/?next=https://b.example'],
    ['a\nhttps://a.example/b\nc', 'https://a.example/b'],
    ['Hi (First Name), https://a.example/b', 'https://a.example/b'],
    ['https://a.example/b (First Name)', 'https://a.example/b'],
    ['(First Name|https://no.example) https://a.example/b', 'https://a.example/b'],
    ['https://smsg.io/xxxxx https://a.example/b', 'https://a.example/b'],
    ['https://StopMsg.me/xxxxx https://a.example/b', 'https://a.example/b'],
    ['https://a.example/StopMsg.me/xxxxx http://b.example', 'http://b.example'],
  ])('of %j is %j', (body, url) => expect(urlOf(body)).toBe(url));

  test.each([
    'a.example/b',
    'ftp://a.example/b',
    'https:// a.example',
    'xhttps://a.example/b',
    'me@https://a.example',
    'smsg.io/xxxxx or https://smsu.io/xxxxxx',
    // What these lead to would be the contact's own say; the one behind is not the first.
    'https://a.example/(First Name)',
    'https://(Cust. 1)/b',
    'https://a.example/?c={CustomString1} https://b.example',
    '',
  ])('there is none in %j', (body) => expect(urlOf(body)).toBeNull());

  test('is told with its place', () => {
    expect(findUrl(['Hi ', ', go to https://a.example.'])).toEqual({ literal: 1, start: 8, url: 'https://a.example' });
  });

  test('in a text of a million characters costs what its length does', () => {
    const started = performance.now();
    for (const piece of [
      'https://',
      'https://a ',
      'http://smsg.io/xxxxx ',
      ')',
      '(',
      '.',
      'h',
      'http://a.example/(',
      'x',
    ])
      for (const head of ['', 'https://a.example/']) findUrl([head + piece.repeat(1_000_000 / piece.length)]);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
