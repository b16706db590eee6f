import { describe, expect, test } from 'vitest';
import { csvLine } from './csv.ts';

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
    [12, '12'],
    [null, ''],
    ['', ''],
  ])('%j is written %j', (cell, written) => {
    expect(csvLine([cell])).toBe(`${written}\r\n`);
  });

  test('cells make a line', () => {
    expect(csvLine(['a', 1, null, 'b,c'])).toBe('a,1,,"b,c"\r\n');
  });
});
