import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeGsm, encodeGsm, fits, SEPTETS } from './alphabet.ts';

interface Codec {
  encode(text: string): Buffer;
  decode(octets: Buffer): string;
}
const require = createRequire(import.meta.url);
/** An independent table of the same alphabet (it calls GSM 03.38 `ASCII`). */
const { ASCII: oracle } = (require('smpp') as { encodings: { ASCII: Codec } }).encodings;

const characters = Array.from({ length: 0x10000 }, (_, code) => code)
  .filter((code) => SEPTETS[code] !== 0)
  .map((code) => String.fromCharCode(code));

const hex = (octets: Uint8Array) => Buffer.from(octets).toString('hex');
const unhex = (digits: string) => new Uint8Array(Buffer.from(digits, 'hex'));

describe('[gsm:alphabet] the GSM alphabet', () => {
  it('has 127 basic and 10 extension characters', () => {
    expect(characters).toHaveLength(137);
    expect(characters.filter((character) => SEPTETS[character.charCodeAt(0)] === 2).join('')).toBe('\f[\\]^{|}~€');
  });

  it('agrees with an independent table on every character, both ways', () => {
    for (const character of characters) {
      expect(hex(encodeGsm(character)), JSON.stringify(character)).toBe(hex(oracle.encode(character)));
    }
    const all = characters.join('');
    expect(decodeGsm(oracle.encode(all))).toBe(all);
  });

  it.each([
    ['@£$', '000102'],
    ['Ç', '09'],
    ['\n\r', '0a0d'],
    ['Hi €[]', '4869201b651b3c1b3e'],
    ['^{}\\~|\f', '1b141b281b291b2f1b3d1b401b0a'],
    ['à', '7f'],
    ['', ''],
  ])('%j is %s', (text, octets) => {
    expect(fits(text)).toBe(true);
    expect(hex(encodeGsm(text))).toBe(octets);
    expect(decodeGsm(unhex(octets))).toBe(text);
  });

  it.each(['ç', 'ê', '`', '\t', '\u0000', '\u001b', '’', 'İ', 'ı', 'А', '😀', '\ud800', 'e\u0301'])(
    'lacks %j',
    (text) => {
      expect(fits(`ok ${text}`)).toBe(false);
    },
  );

  it('puts a question mark where a caller did not ask first', () => {
    expect(hex(encodeGsm('açb'))).toBe('613f62');
  });
});

describe('octets from the network', () => {
  it.each([
    ['escape before a septet without an extension character', '1b41', 'A'],
    ['doubled escape', '411b1b42', 'A B'],
    ['trailing escape', '411b', 'A '],
    ['top bit set', '41c142', 'A\ufffdB'],
    ['top bit set after an escape', '1bff', '\ufffd'],
  ])('%s', (_, octets, text) => {
    expect(decodeGsm(unhex(octets))).toBe(text);
  });

  it('any octets decode without complaint, to what can be encoded again', () => {
    fc.assert(
      fc.property(fc.uint8Array({ max: 0x7f, maxLength: 200 }), (octets) => {
        const text = decodeGsm(octets);
        expect(fits(text)).toBe(true);
        expect(decodeGsm(encodeGsm(text))).toBe(text);
      }),
      { seed: 20260, numRuns: 500 },
    );
  });
});
