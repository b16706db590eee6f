import { describe, expect, test } from 'vitest';
import { findDelimiter } from './csv-delimiter.ts';

describe('the delimiter', () => {
  test.each([
    ['a,b\nc,d\n', ','],
    ['a;b\nc;d\n', ';'],
    ['a\tb\n', '\t'],
    ['a|b\nc|d', '|'],
    ['one column\nof text\n', ','],
    ['', ','],
    // A comma in some lines only is text.
    ['Hello, you;a\nBye;b\nSo;c\n', ';'],
    // Of two that stand in each line the one that parts them alike.
    ['a;1,2\nb;1,2,3\nc;1\n', ';'],
    ['"a;b",c\n"d;e",f\n', ','],
    ['"open, quote;', ','],
  ])('of %j is %j', (sample, delimiter) => {
    expect(findDelimiter(sample)).toEqual({ delimiter, named: false });
  });

  test.each(['sep=;', 'sep=;\r\nx', '"sep=;"\nx', 'SEP=;\n'])('is named by %j', (sample) => {
    expect(findDelimiter(sample)).toEqual({ delimiter: ';', named: true });
  });
});
