import { createRequire } from 'node:module';
import fc from 'fast-check';
import { SegmentedMessage } from 'sms-segments-calculator';
import { describe, expect, it } from 'vitest';
import { countParts, decodePart, type Encoding, encodePart, splitText, truncateToParts } from './parts.ts';

const require = createRequire(import.meta.url);
const { split } = require('split-sms') as {
  split(text: string): { characterSet: 'GSM' | 'Unicode'; parts: { content: string }[] };
};

const times = (text: string, count: number) => text.repeat(count);

/** text, encoding, units, length of each part in UTF-16 units */
const boundaries: [name: string, text: string, Encoding, units: number, lengths: number[]][] = [
  ['nothing', '', 'gsm', 0, [0]],
  ['160 letters', times('a', 160), 'gsm', 160, [160]],
  ['161 letters', times('a', 161), 'gsm', 161, [153, 8]],
  ['306 letters', times('a', 306), 'gsm', 306, [153, 153]],
  ['307 letters', times('a', 307), 'gsm', 307, [153, 153, 1]],
  ['459 letters', times('a', 459), 'gsm', 459, [153, 153, 153]],
  ['460 letters', times('a', 460), 'gsm', 460, [153, 153, 153, 1]],
  ['80 euro signs', times('€', 80), 'gsm', 160, [80]],
  ['81 euro signs', times('€', 81), 'gsm', 162, [76, 5]],
  // 76 euro signs are 152 septets; the 153rd stays empty, in every part.
  ['229 euro signs', times('€', 229), 'gsm', 458, [76, 76, 76, 1]],
  ['a pair at the edge', `${times('a', 152)}€${times('a', 152)}`, 'gsm', 306, [152, 152, 1]],
  ['a pair just inside the edge', `${times('a', 151)}€${times('a', 153)}`, 'gsm', 306, [152, 153]],
  ['a pair that ends a single part', `${times('a', 158)}€`, 'gsm', 160, [159]],
  ['a pair over the end of a single part', `${times('a', 159)}€`, 'gsm', 161, [153, 7]],
  ['160 line feeds', times('\n', 160), 'gsm', 160, [160]],
  ['81 CR LF', times('\r\n', 81), 'gsm', 162, [153, 9]],
  ['70 Cyrillic letters', times('я', 70), 'ucs2', 70, [70]],
  ['71 Cyrillic letters', times('я', 71), 'ucs2', 71, [67, 4]],
  ['134 Cyrillic letters', times('я', 134), 'ucs2', 134, [67, 67]],
  ['135 Cyrillic letters', times('я', 135), 'ucs2', 135, [67, 67, 1]],
  ['one stranger among 70', `${times('a', 69)}’`, 'ucs2', 70, [70]],
  ['one stranger among 71', `${times('a', 70)}’`, 'ucs2', 71, [67, 4]],
  ['35 emoji', times('😀', 35), 'ucs2', 70, [70]],
  ['36 emoji', times('😀', 36), 'ucs2', 72, [66, 6]],
  ['an emoji at the edge', `${times('я', 66)}😀${times('я', 10)}`, 'ucs2', 78, [66, 12]],
  ['lone surrogates', times('\ud83d', 71), 'ucs2', 71, [67, 4]],
  ['a lone one before a pair at the edge', `${times('я', 65)}\ud83d😀${times('я', 10)}`, 'ucs2', 78, [66, 12]],
  ['U+0000', `a\u0000b`, 'ucs2', 3, [3]],
  ['small c cedilla, which GSM lacks', 'garçon', 'ucs2', 6, [6]],
  ['e acute, which GSM has', times('é', 160), 'gsm', 160, [160]],
];

describe('parts at their boundaries', () => {
  it.each(boundaries)('%s', (_, text, encoding, units, lengths) => {
    expect(countParts(text)).toEqual({ encoding, units, parts: lengths.length });
    const { parts } = splitText(text);
    expect(parts.map((part) => part.length)).toEqual(lengths);
    expect(parts.join('')).toBe(text);
  });
});

const oracleText = fc
  .array(
    fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom(...'abc XYZ09@£é\nß?Ω') },
      { weight: 5, arbitrary: fc.constantFrom(...'^{}[]~\\|€\f') },
    ),
    { maxLength: 520 },
  )
  .chain((characters) =>
    fc.oneof(
      fc.constant(characters),
      fc.array(fc.constantFrom('я', '’', 'ç', '中', '😀', '𝕏', '🚀', '€'), { maxLength: 120 }).map((strangers) => {
        // Spread them over the text, so that pairs meet every offset of an edge.
        const step = Math.max(1, Math.floor(characters.length / (strangers.length + 1)));
        return strangers.reduce((all, stranger, at) => all.toSpliced(at * (step + 1), 0, stranger), characters);
      }),
    ),
  )
  .map((characters) => characters.join(''))
  // sms-segments-calculator counts an empty text as no part at all.
  .filter((text) => text !== '');

describe('[gsm:parts] against two independent libraries', () => {
  // Left out: the empty text, and lone surrogates, which both join with whatever follows.
  const fixed = boundaries
    .map(([name, text]) => [name, text] as const)
    .filter(([, text]) => text !== '' && text.isWellFormed());

  it.each(fixed)('%s: sms-segments-calculator', (_, text) => {
    const oracle = new SegmentedMessage(text);
    expect(countParts(text)).toMatchObject({
      encoding: oracle.encodingName === 'GSM-7' ? 'gsm' : 'ucs2',
      parts: oracle.segmentsCount,
    });
  });

  it.each(fixed)('%s: split-sms', (_, text) => {
    expect(splitText(text).parts).toEqual(split(text).parts.map((part) => part.content));
  });

  it('agrees on random texts', () => {
    fc.assert(
      fc.property(oracleText, (text) => {
        const count = countParts(text);
        const first = new SegmentedMessage(text);
        const second = split(text);
        expect(count.encoding).toBe(first.encodingName === 'GSM-7' ? 'gsm' : 'ucs2');
        expect(count.encoding).toBe(second.characterSet === 'GSM' ? 'gsm' : 'ucs2');
        expect(count.parts).toBe(first.segmentsCount);
        expect(count.units * (count.encoding === 'gsm' ? 7 : 16)).toBe(first.messageSize);
        expect(splitText(text).parts).toEqual(second.parts.map((part) => part.content));
      }),
      { seed: 3338, numRuns: 400 },
    );
  });
});

const anyText = fc.oneof(
  oracleText,
  fc.string({ unit: 'binary', maxLength: 400 }),
  // UTF-16 units at random: mostly strangers, many lone surrogates.
  fc.array(fc.integer({ min: 0xd700, max: 0xe100 }), { maxLength: 300 }).map((codes) => String.fromCharCode(...codes)),
);

describe('whatever the text', () => {
  it('[gsm:split] counting, splitting and the octets on the wire tell the same story', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const count = countParts(text);
        const { encoding, parts } = splitText(text);
        expect(parts).toHaveLength(count.parts);
        expect(parts.join('')).toBe(text);
        const octets = parts.map((part) => encodePart(part, encoding));
        // 140 octets of user data a part, less the six of the concatenation header: 153 septets or 134 octets.
        const limit = parts.length === 1 ? { gsm: 160, ucs2: 140 } : { gsm: 153, ucs2: 134 };
        for (const part of octets) expect(part.length).toBeLessThanOrEqual(limit[encoding]);
        const perUnit = encoding === 'gsm' ? 1 : 2;
        expect(octets.reduce((sum, part) => sum + part.length, 0)).toBe(count.units * perUnit);
        // Torn pairs would come back as U+FFFD U+FFFD; lone surrogates were that before.
        expect(octets.map((part) => decodePart(part, encoding)).join('')).toBe(text.toWellFormed());
      }),
      { seed: 2340, numRuns: 600 },
    );
  });

  it('truncation keeps the longest beginning that fits', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 5 }), (text, maxParts) => {
        const kept = truncateToParts(text, maxParts);
        expect(text.startsWith(kept)).toBe(true);
        expect(countParts(kept).parts).toBeLessThanOrEqual(maxParts);
        if (kept === text) return;
        const next = String.fromCodePoint(text.codePointAt(kept.length)!);
        expect(countParts(kept + next).parts).toBeGreaterThan(maxParts);
      }),
      { seed: 612, numRuns: 600 },
    );
  });
});

describe('truncateToParts', () => {
  it('lets a text go as GSM again when the stranger was cut off', () => {
    const text = `${times('a', 170)}😀`;
    expect(truncateToParts(text, 1)).toBe(times('a', 160));
    expect(truncateToParts(text, 2)).toBe(times('a', 170));
  });

  it('never ends inside a surrogate pair', () => {
    expect(truncateToParts(times('😀', 40) + times('я', 5), 1)).toBe(times('😀', 35));
    expect(truncateToParts(`я${times('😀', 40)}`, 1)).toBe(`я${times('😀', 34)}`);
  });
});

describe('octets of a part', () => {
  it.each([
    ['Hi €', 'gsm', '4869201b65'],
    ['я😀', 'ucs2', '044fd83dde00'],
    ['\ud83dx', 'ucs2', 'fffd0078'],
    ['a\u0000', 'ucs2', '00610000'],
  ] as const)('%j as %s is %s', (text, encoding, octets) => {
    expect(encodePart(text, encoding).toString('hex')).toBe(octets);
    expect(decodePart(Buffer.from(octets, 'hex'), encoding)).toBe(text.toWellFormed());
  });

  it('drops an odd last octet and leaves the input as it was', () => {
    const octets = Buffer.from('044f06', 'hex');
    expect(decodePart(octets, 'ucs2')).toBe('я');
    expect(octets.toString('hex')).toBe('044f06');
  });
});
