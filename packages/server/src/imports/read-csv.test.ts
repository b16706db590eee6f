import { describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { sheetFile } from '../../../../test/rig/sheet-file.ts';
import { openSheet, readThrough } from './open-sheet.ts';

/** All rows as [number, ...cells]. */
async function read(bytes: Buffer | string, columns = 3, piece?: number) {
  const sheet = await openSheet(sheetFile(bytes, piece), { columns });
  const rows: (string | number)[][] = [];
  // Cells that a row ends before are not there; here they are shown as the empty ones they are.
  const whole = (cells: readonly string[]) => Array.from({ length: columns }, (_, i) => cells[i] ?? '');
  for await (const batch of sheet.batches())
    rows.push(...batch.rows.map(({ number, cells }) => [number, ...whole(cells)]));
  return { rows, words: sheet.words };
}

/** What is said of a file that is not read. */
async function fault(bytes: Buffer | string): Promise<string> {
  try {
    await readThrough(await openSheet(sheetFile(bytes), { columns: 3 }), () => {});
  } catch (error) {
    expect(error).toMatchObject({ kind: 'bad-request', fields: { file_url: (error as Error).message } });
    return (error as Error).message;
  }
  throw new Error('the file was read');
}

const utf16 = (text: string) => Buffer.from(text, 'utf16le');

describe('a CSV file', () => {
  test.each<[string, Buffer | string, (string | number)[][]]>([
    [
      'with cells in quotes',
      'a,b,c\r\nd,"e\r\nx","f, ""g"""\r\n',
      [
        [1, 'a', 'b', 'c'],
        [2, 'd', 'e\r\nx', 'f, "g"'],
      ],
    ],
    [
      'with mixed line ends',
      'a\r\nb\nc\rd',
      [
        [1, 'a', '', ''],
        [2, 'b', '', ''],
        [3, 'c', '', ''],
        [4, 'd', '', ''],
      ],
    ],
    [
      'with blank rows, which keep their numbers',
      '\na\n\n,,\n \nb\n',
      [
        [2, 'a', '', ''],
        [6, 'b', '', ''],
      ],
    ],
    [
      'with rows of other lengths',
      'a\nb,c,d,e\n',
      [
        [1, 'a', '', ''],
        [2, 'b', 'c', 'd'],
      ],
    ],
    ['with quotes within cells', 'a,5" pipe,"b"c\n', [[1, 'a', '5" pipe', '"b"c']]],
    [
      'with semicolons',
      'a;1,5\nb;2,5\n',
      [
        [1, 'a', '1,5', ''],
        [2, 'b', '2,5', ''],
      ],
    ],
    [
      'with tabs',
      'a\tb, c\nd\te, f\n',
      [
        [1, 'a', 'b, c', ''],
        [2, 'd', 'e, f', ''],
      ],
    ],
    [
      'with bars',
      'a|b\nc|d\n',
      [
        [1, 'a', 'b', ''],
        [2, 'c', 'd', ''],
      ],
    ],
    [
      'with a comma in quotes and semicolons',
      '"a, b";c\n"d, e, f";g\n',
      [
        [1, 'a, b', 'c', ''],
        [2, 'd, e, f', 'g', ''],
      ],
    ],
    ['that names its delimiter', 'sep=|\r\na;x|b\r\n', [[2, 'a;x', 'b', '']]],
    ['with a byte order mark', '\ufeffé,b', [[1, 'é', 'b', '']]],
    [
      'in UTF-16 LE',
      utf16('\ufeff東京,b\nc,d'),
      [
        [1, '東京', 'b', ''],
        [2, 'c', 'd', ''],
      ],
    ],
    [
      'in UTF-16 BE',
      utf16('\ufeff東京,b\nc,d').swap16(),
      [
        [1, '東京', 'b', ''],
        [2, 'c', 'd', ''],
      ],
    ],
    ['in UTF-16 without a mark', utf16('+61411111111,Ana\n'), [[1, '+61411111111', 'Ana', '']]],
    ['in UTF-16 BE without a mark', utf16('+61411111111,Ana\n').swap16(), [[1, '+61411111111', 'Ana', '']]],
    ['with formulas, which are text', '=1+1,+1,@x\n', [[1, '=1+1', '+1', '@x']]],
    ['with NULs', 'a\0b,c,d\n', [[1, 'a\0b', 'c', 'd']]],
  ])(verifies('import:csv', '%s'), async (_, bytes, rows) => {
    expect((await read(bytes)).rows).toEqual(rows);
    // However it comes apart on its way.
    for (const piece of [1, 2, 3, 5]) expect((await read(bytes, 3, piece)).rows).toEqual(rows);
  });

  test(verifies('import:csv', 'is windows-1252 where it is not UTF-8, and says so'), async () => {
    const { rows, words } = await read(Buffer.from('Ren\xe9,\x80 5', 'latin1'));
    expect(rows).toEqual([[1, 'René', '€ 5', '']]);
    expect(words).toContain('windows-1252');
    expect((await read('René,€ 5')).words).toBeNull();
  });

  test('of UTF-8 is known by the whole of it, not by its beginning', async () => {
    const ascii = 'plain,text,here\n'.repeat(20_000);
    const { rows, words } = await read(Buffer.concat([Buffer.from(ascii), Buffer.from('Ren\xe9,b,c\n', 'latin1')]));
    expect(rows.at(-1)).toEqual([20_001, 'René', 'b', 'c']);
    expect(words).toContain('windows-1252');
  });

  test.each<[string, Buffer | string, RegExp]>([
    ['a quote open to the end', 'a,b\nc,"d\ne,f\n', /^Row 2 opens a quote .* never closed/],
    [
      'a quote open over a large rest',
      `a,b\nc,"d\n${'e,f\n'.repeat(200_000)}`,
      /^Row 2 is longer than 262,144 .*quote/,
    ],
    ['commas behind a line break in quotes', `"\n"${','.repeat(900_000)}`.repeat(3), /^Row 1 /],
    ['a million columns', `a,b\n${','.repeat(1_000_000)}\n`, /^Row 2 has more than 16,384 columns/],
    ['twenty million columns', `a,b\n${','.repeat(20_000_000)}\n`, /^Row 2 is longer than 262,144 .*columns/],
    ['16,385 columns', `${','.repeat(16_384)}\n`, /^Row 1 has more than 16,384 columns/],
    ['no rows', '\n\n,,\n', /holds no rows/],
    ['nothing', '', /is empty/],
    ['more than a million rows', 'a\n'.repeat(1_000_001), /more than 1,000,000 rows/],
    [
      'bytes that are no text',
      Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 37 + 1) % 256)),
      /neither text nor a workbook/,
    ],
    [
      'a mark of UTF-8 and other bytes',
      Buffer.from('\xef\xbb\xbfRen\xe9', 'latin1'),
      /says that it is UTF-8 and is not/,
    ],
    ['an old Excel file', Buffer.from('d0cf11e0a1b11ae1000000', 'hex'), /\.xls .*save it as \.xlsx .*or \.csv/],
    ['a PDF', '%PDF-1.7\n', /a PDF/],
    ['a picture', Buffer.from('\x89PNG\r\n', 'latin1'), /a picture/],
    ['a web page', '\n<!DOCTYPE html><html>', /web page/],
  ])(verifies('import:refused', 'fault:F42', 'of %s is refused'), async (_, bytes, words) => {
    expect(await fault(bytes)).toMatch(words);
  });

  test('of 16,384 columns is read', async () => {
    expect((await read(`${'x,'.repeat(16_383)}x\n`, 2)).rows).toEqual([[1, 'x', 'x']]);
  });
});
