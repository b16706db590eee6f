import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvLine, readCell } from './csv.ts';

describe('a CSV cell', () => {
  test.each([
    ['plain', 'plain'],
    ['a,b', '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ['two\nlines', '"two\nlines"'],
    ['two\r\nlines', '"two\r\nlines"'],
    [' padded ', ' padded '],
    ['=1+1', `'=1+1`],
    ['=HYPERLINK("http://a.example","x")', `"'=HYPERLINK(""http://a.example"",""x"")"`],
    ['+cmd', `'+cmd`],
    ['-2+3', `'-2+3`],
    ['@sum(a1)', `'@sum(a1)`],
    ['\tx', `'\tx`],
    ['\rx', `"'\rx"`],
    ['+61411111111', '+61411111111'],
    ['-5', '-5'],
    ['-0.079200', '-0.079200'],
    ['+61 411', `'+61 411`],
    ['1=1', '1=1'],
    [`'`, `''`],
    [`'=1`, `''=1`],
    [`'quoted'`, `''quoted'`],
    [12, '12'],
    [null, ''],
    ['', ''],
  ])('%j is written %j', (cell, written) => {
    expect(csvLine([cell])).toBe(`${written}\r\n`);
  });

  /** One line by RFC 4180, its CRLF cut off. */
  function parseLine(line: string): string[] {
    const cells = `${line.slice(0, -2)},`.matchAll(/(?:"((?:[^"]|"")*)"|([^,"]*)),/g);
    return Array.from(cells, ([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? '');
  }
  const hostile = fc
    .array(fc.constantFrom(...`'"=+-@\t\r\n,;1a東京 %_\\🎂`), { maxLength: 8 })
    .map((parts) => parts.join(''));

  test('[contacts:export] reads back as what it was, whatever it was', () => {
    const texts = fc.array(fc.oneof(hostile, fc.string({ unit: 'grapheme' })), { minLength: 1 });
    fc.assert(
      fc.property(texts, (cells) => {
        const written = parseLine(csvLine(cells));
        expect(written.map(readCell)).toEqual(cells);
        for (const cell of written) expect(cell).not.toMatch(/^([=@\t\r]|[+-](?!\d+(\.\d+)?$))/);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([`'tis`, `it's`, '+61411111111', '東京', ''])('%j of another maker stays as it is', (cell) => {
    expect(readCell(cell)).toBe(cell);
  });

  test('cells make a line', () => {
    expect(csvLine(['a', 1, null, 'b,c'])).toBe('a,1,,"b,c"\r\n');
  });
});
