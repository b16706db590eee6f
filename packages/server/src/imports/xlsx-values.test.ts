import { describe, expect, test } from 'vitest';
import { columnOf, isoDate, plainNumber, showsDate, unescaped } from './xlsx-values.ts';

describe('a number in a workbook', () => {
  test.each([
    ['61411111111', '61411111111'],
    ['6.1411111111E10', '61411111111'],
    ['6.1411111111E+10', '61411111111'],
    ['614111111111111', '614111111111111'],
    ['00411', '00411'],
    ['61411111111.0', '61411111111'],
    ['-12.50', '-12.5'],
    ['0.1', '0.1'],
    ['0.30000000000000004', '0.3'],
    ['1E-7', '0.0000001'],
    ['-1.5e-3', '-0.0015'],
    ['1.2345678901234567E20', '123456789012346000000'],
    ['9.999999999999999E15', '10000000000000000'],
    ['-0.0', '0'],
    ['0', '0'],
    ['', ''],
    ['Infinity', 'Infinity'],
    ['1e999', '1e999'],
    ['text', 'text'],
  ])('%s is %s', (written, plain) => {
    expect(plainNumber(written)).toBe(plain);
  });

  test.each<[string, 1900 | 1904, string]>([
    ['46082', 1900, '2026-03-01'],
    ['46082.573263888888', 1900, '2026-03-01T13:45:30'],
    ['46082.99999999', 1900, '2026-03-02'],
    ['0.354166666666667', 1900, '08:30:00'],
    ['1', 1900, '1900-01-01'],
    ['59', 1900, '1900-02-28'],
    ['61', 1900, '1900-03-01'],
    ['44620', 1904, '2026-03-01'],
    ['-1', 1900, '-1'],
    ['3000000', 1900, '3000000'],
    ['', 1900, ''],
  ])('%s in the calendar of %s is %s', (written, calendar, iso) => {
    expect(isoDate(written, calendar)).toBe(iso);
  });

  test.each([
    ['dd/mm/yyyy', true],
    ['[$-409]d-mmm-yy;@', true],
    ['[h]:mm', true],
    ['yyyy"年"m"月"', true],
    ['0.00', false],
    ['General', false],
    ['0.0" days"', false],
    ['[Red]0.00', false],
    ['#,##0\\d', false],
    ['_d0', false],
    ['@', false],
  ])('the format %s shows a date: %s', (format, shows) => {
    expect(showsDate(format)).toBe(shows);
  });

  test.each([
    ['A1', 0],
    ['Z9', 25],
    ['AA1', 26],
    ['XFD1048576', 16_383],
    ['1', null],
    ['', null],
    ['a1', null],
  ])('%j stands in column %j', (reference, column) => {
    expect(columnOf(reference)).toBe(column);
  });

  test.each([
    ['a_x000D_b', 'a\rb'],
    ['_x005F_x000D_', '_x000D_'],
    ['a_xyz_', 'a_xyz_'],
  ])('%j says %j', (written, text) => {
    expect(unescaped(written)).toBe(text);
  });
});
