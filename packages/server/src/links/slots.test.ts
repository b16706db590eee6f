import { countParts } from '@veredus/protocols/gsm/parts';
import { describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { linkText } from './codes.ts';
import { fillSlots, slotsOf } from './slots.ts';

const links = { url: 'acme.link/Ab3dE9xQ', optOut: 'acme.link/ZZZZZZZZ' };

describe(verifies('links:slots', 'a slot'), () => {
  test.each([
    ['smsg.io/xxxxx', 'acme.link/Ab3dE9xQ'],
    ['smsg.us/xxxxx', 'acme.link/Ab3dE9xQ'],
    ['smsu.io/xxxxx', 'acme.link/Ab3dE9xQ'],
    ['smsu.io/xxxxxx', 'acme.link/Ab3dE9xQ'],
    ['SMSG.IO/XXXXX', 'acme.link/Ab3dE9xQ'],
    ['http://smsu.io/xxxxx', 'https://acme.link/Ab3dE9xQ'],
    ['https://smsg.io/xxxxx', 'https://acme.link/Ab3dE9xQ'],
    ['HTTP://Smsg.io/xXxXx', 'https://acme.link/Ab3dE9xQ'],
    ['See smsg.io/xxxxx, or smsg.us/xxxxx.', 'See acme.link/Ab3dE9xQ, or acme.link/Ab3dE9xQ.'],
    ['(smsg.io/xxxxx)', '(acme.link/Ab3dE9xQ)'],
    ['smsg.io/xxxxx\nStopMsg.me/xxxxx', 'acme.link/Ab3dE9xQ\nacme.link/ZZZZZZZZ'],
    ['StopMsg.me/xxxxx', 'acme.link/ZZZZZZZZ'],
    ['stopmsg.me/xxxxx', 'acme.link/ZZZZZZZZ'],
    ['https://STOPMSG.ME/xxxxx', 'https://acme.link/ZZZZZZZZ'],
  ])('%j becomes %j', (body, filled) => {
    expect(fillSlots(body, links)).toBe(filled);
    expect(slotsOf(filled)).toEqual({ url: false, optOut: false });
  });

  test.each([
    'smsg.io/xxxx',
    'smsg.io/xxxxxxx',
    'smsg.io/xxxxxy',
    'smsg.io/xxxxx1',
    'smsg.io/abcde',
    'smsg.io',
    'notsmsg.io/xxxxx',
    'www.smsg.io/xxxxx',
    'me@smsg.io/xxxxx',
    'smsgxio/xxxxx',
    'smsu.us/xxxxx',
    'StopMsg.me/xxxxxx',
    'StopMsg.me/xxxx',
    'dontStopMsg.me/xxxxx',
    '',
  ])('%j is none', (body) => {
    expect(slotsOf(body)).toEqual({ url: false, optOut: false });
    expect(fillSlots(body, links)).toBe(body);
  });

  test('is told by its kind, and filled only with what is given', () => {
    const body = 'smsg.io/xxxxx StopMsg.me/xxxxx';
    expect(slotsOf(body)).toEqual({ url: true, optOut: true });
    expect(slotsOf('smsg.io/xxxxx')).toEqual({ url: true, optOut: false });
    expect(slotsOf('StopMsg.me/xxxxx')).toEqual({ url: false, optOut: true });
    expect(fillSlots(body, { url: 'a/b' })).toBe('a/b StopMsg.me/xxxxx');
    expect(fillSlots(body, { optOut: 'a/b' })).toBe('smsg.io/xxxxx a/b');
    expect(fillSlots(body, {})).toBe(body);
  });

  test('takes a link as it is, whatever stands in it', () => {
    expect(fillSlots('smsg.io/xxxxx', { url: '$&$1$`' })).toBe('$&$1$`');
    expect(fillSlots('https://smsg.io/xxxxx', { url: 'http://localhost:8080/s/Ab3dE9xQ' })).toBe(
      'http://localhost:8080/s/Ab3dE9xQ',
    );
  });

  test('is found again by whoever asks twice', () => {
    for (let i = 0; i < 3; i++) expect(slotsOf('smsg.io/xxxxx')).toEqual({ url: true, optOut: false });
  });

  test('in a text of a million characters costs what its length does', () => {
    const started = performance.now();
    for (const piece of ['smsg.io/xxxx ', 'https://', 'http://smsg.io/', 'x', '.'])
      slotsOf(piece.repeat(1_000_000 / piece.length));
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

test('every code of a base costs the same parts', () => {
  const parts = (code: string) =>
    countParts(fillSlots(`${'x'.repeat(140)} smsg.io/xxxxx`, { url: linkText('https://acme.link', code) }));
  expect(parts('aaaaaaaa')).toEqual(parts('Zz09Zz09'));
});
