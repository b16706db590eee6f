import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { sheetFile } from '../../../../test/rig/sheet-file.ts';
import { workbook, workbookParts } from '../../../../test/rig/workbook.ts';
import { type ZipPart, zip } from '../../../../test/rig/zip.ts';
import { openSheet, readThrough } from './open-sheet.ts';
import { unzip } from './unzip.ts';
import { readDirectory } from './zip-directory.ts';

async function read(bytes: Buffer, columns = 3, piece?: number) {
  const sheet = await openSheet(sheetFile(bytes, piece), { columns });
  const rows: (string | number)[][] = [];
  // Cells that a row ends before are not there; here they are shown as the empty ones they are.
  const whole = (cells: readonly string[]) => Array.from({ length: columns }, (_, i) => cells[i] ?? '');
  for await (const batch of sheet.batches())
    rows.push(...batch.rows.map(({ number, cells }) => [number, ...whole(cells)]));
  return { rows, words: sheet.words };
}

async function fault(bytes: Buffer): Promise<string> {
  try {
    await readThrough(await openSheet(sheetFile(bytes), { columns: 3 }), () => {});
  } catch (error) {
    expect(error).toMatchObject({ kind: 'bad-request', fields: { file_url: (error as Error).message } });
    return (error as Error).message;
  }
  throw new Error('the file was read');
}

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}.xlsx`, import.meta.url));
const row = (number: number, cells: string) => `<row r="${number}">${cells}</row>`;
const one = (cell: string) => workbook({ rows: row(1, cell) });

describe('a workbook', () => {
  const written = [
    [1, 'Mobile', 'First Name', 'Joined', 'Points', 'Note'],
    [2, '61411111111', 'Ana', '2026-03-01', '1.5', 'plain'],
    [3, '+61422222222', '東京 & <b>', '2026-03-01T13:45:30', '1000000000000000000000', 'two\nlines'],
    [4, '411333333', 'say "hi"', '08:30:00', '0.3', 'TRUE'],
  ];

  test(verifies('import:xlsx', 'as openpyxl writes it'), async () => {
    const { rows, words } = await read(fixture('openpyxl'), 5);
    // Row 5 is blank, and a formula that was never calculated has no value.
    const rest = [
      [6, '0411 444 444', ' padded ', '', '-12345678901234', "'=x"],
      [7, '+61411555555', '', '', '', ''],
    ];
    expect(rows).toEqual([...written, ...rest]);
    expect(words).toBe('Of the 2 sheets only the first was read: "Sheet".');
  });

  test(verifies('import:xlsx', 'as XlsxWriter writes it, formulas by their saved value'), async () => {
    const { rows, words } = await read(fixture('xlsxwriter'), 5);
    const rest = [
      [6, '0411 444 444', ' padded ', '', '-12345678901234', '=1+1 is text'],
      [7, '+61411555555', '', '', '', '3'],
    ];
    expect(rows).toEqual([...written, ...rest]);
    expect(words).toBeNull();
  });

  test(verifies('import:xlsx', 'as ExcelJS streams it'), async () => {
    expect((await read(fixture('exceljs'))).rows).toEqual([
      [1, 'Mobile', 'First', 'Joined'],
      [2, '61411111111', '東京', '2026-03-01'],
      [3, 'x', 'bold', '2'],
    ]);
  });

  test('is the same however it comes apart on its way', async () => {
    const whole = await read(fixture('xlsxwriter'), 5);
    for (const piece of [1, 7, 100]) expect(await read(fixture('xlsxwriter'), 5, piece)).toEqual(whole);
  });

  test(verifies('import:content', 'is known by its bytes, and CSV by having none of them'), async () => {
    const named = { ...sheetFile(fixture('exceljs')), name: 'people.csv', contentType: 'text/csv' };
    expect((await openSheet(named, { columns: 1 })).words).toBeNull();
    const csv = { ...sheetFile('a,b\n'), name: 'people.xlsx' };
    expect((await openSheet(csv, { columns: 1 })).bytes).toBe(4);
  });

  test.each<[string, string, string]>([
    ['a number with an exponent', '<c r="A1"><v>6.1411111111E10</v></c>', '61411111111'],
    ['a long number', '<c r="A1"><v>614111111111111</v></c>', '614111111111111'],
    ['a sum of fractions', '<c r="A1"><v>0.30000000000000004</v></c>', '0.3'],
    ['an inline text', '<c r="A1" t="inlineStr"><is><r><t>bo</t></r><r><t>ld</t></r></is></c>', 'bold'],
    [
      'a text with its pronunciation',
      '<c r="A1" t="inlineStr"><is><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh></is></c>',
      '東京',
    ],
    ['an error', '<c r="A1" t="e"><f>1/0</f><v>#DIV/0!</v></c>', '#DIV/0!'],
    ['a text that a formula made', '<c r="A1" t="str"><f>"a"&amp;"b"</f><v>ab</v></c>', 'ab'],
    ['a boolean', '<c r="A1" t="b"><v>0</v></c>', 'FALSE'],
    ['an ISO date', '<c r="A1" t="d"><v>2026-03-01</v></c>', '2026-03-01'],
    ['an escaped line end', '<c r="A1" t="str"><v>a_x000A_b_x005F_x</v></c>', 'a\nb_x'],
    ['a cell that says not where it is', '<c><v>1</v></c>', '1'],
  ])(verifies('import:xlsx', 'gives %s as it is meant'), async (_, cell, text) => {
    expect((await read(one(cell), 1)).rows).toEqual([[1, text]]);
  });

  test('gives dates by their format, in either calendar', async () => {
    const styles =
      '<numFmts><numFmt numFmtId="170" formatCode="d\\.m\\.yy;@"/><numFmt numFmtId="171" formatCode="0.0&quot; days&quot;[Red]"/></numFmts>' +
      '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="22"/><xf numFmtId="170"/><xf numFmtId="171"/></cellXfs>';
    const cells = [1, 2, 3].map((s, i) => `<c r="${'ABC'[i]}1" s="${s}"><v>46082.5</v></c>`).join('');
    const parts = { rows: row(1, cells), styles };
    expect((await read(workbook(parts))).rows).toEqual([[1, '2026-03-01T12:00:00', '2026-03-01T12:00:00', '46082.5']]);
    const book = workbookParts(parts)[1]!.data.toString().replace('<sheets>', '<workbookPr date1904="1"/><sheets>');
    expect((await read(workbook({ ...parts, workbook: book }), 1)).rows).toEqual([[1, '2030-03-02T12:00:00']]);
  });

  test('keeps the numbers of its rows, and leaves blank ones out', async () => {
    const rows = `${row(2, '<c r="B2"><v>1</v></c>')}${row(5, '<c r="A5"/>')}<row><c><v>6</v></c></row>`;
    expect((await read(workbook({ rows }), 2)).rows).toEqual([
      [2, '', '1'],
      [6, '6', ''],
    ]);
  });

  test('with prefixes of its own and a hidden first sheet is read', async () => {
    const sheet =
      '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData><x:row><x:c t="s"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>';
    const book =
      '<x:workbook xmlns:x="m" xmlns:q="r"><x:sheets><x:sheet name="Secret" sheetId="1" state="hidden" q:id="rId9"/><x:sheet name="Shown" sheetId="2" q:id="rId1"/></x:sheets></x:workbook>';
    const bytes = workbook({ sheet, workbook: book, strings: '<si><t>no</t></si><si><t>yes</t></si>' });
    expect((await read(bytes, 1)).rows).toEqual([[1, 'yes']]);
  });
});

/** One tag again and again, which deflate packs several hundredfold. */
const tags = (bytes: number) => '<x/>'.repeat(bytes / 4);

describe(verifies('fault:F43', 'a workbook that is hostile or broken is refused:'), () => {
  const bomb = (size: number) => `<worksheet><sheetData>${tags(size)}</sheetData></worksheet>`;
  const cases: [string, () => Buffer, RegExp][] = [
    ['a bomb in its sheet', () => workbook({ sheet: bomb(60_000_000) }), /unpacks to more than 200 times/],
    ['a bomb in its texts', () => workbook({ strings: tags(60_000_000) }), /unpacks to more than/],
    ['a bomb in its relations', () => withPart('_rels/.rels', `<a>${tags(20_000_000)}</a>`), /unpacks to more than/],
    ['a size that says less', () => workbook({ rows: row(1, ''), lies: { size: 10 } }), /not what its directory says/],
    ['a size that says more', () => workbook({ rows: row(1, ''), lies: { size: 4e9 } }), /not what its directory says/],
    ['a packed size that says less', () => workbook({ rows: row(1, ''), lies: { packed: 5 } }), /cannot be unpacked/],
    ['a packed size beyond its end', () => workbook({ rows: row(1, ''), lies: { packed: 4e9 } }), /cut short|not what/],
    ['a wrong checksum', () => workbook({ rows: row(1, ''), lies: { crc: 1 } }), /not what its directory says/],
    ['an offset to nowhere', () => workbook({ rows: '', lies: { offset: 4e9 } }), /is missing/],
    ['70,000 files by its own count', () => zip(workbookParts({}), { count: 65_534 }), /holds 65,534 files/],
    ['two files of one name', () => zip([...workbookParts({}), ...workbookParts({})]), /twice/],
    ['an external entity', () => withDtd('<!ENTITY x SYSTEM "file:///etc/passwd">', '&x;'), /document type \(DTD\)/],
    ['a billion laughs', () => withDtd('<!ENTITY a "ha"><!ENTITY b "&a;&a;">', '&b;'), /document type \(DTD\)/],
    ['an entity it does not declare', () => workbook({ rows: row(1, '<c t="str"><v>&x;</v></c>') }), /damaged/],
    ['a cell of a million values', () => one(`<c r="A1">${'<v>1</v>'.repeat(1_000_000)}</c>`), /Row 1 is longer/],
    ['17,000 columns', () => one(`<c r="XFD1"/><c r="YCV1"><v>1</v></c>`), /Row 1 has more than 16,384 columns/],
    ['columns without names', () => one('<c><v>1</v></c>'.repeat(16_385)), /Row 1 has more than 16,384 columns/],
    ['a row number of 2 million', () => workbook({ rows: row(2_000_000, '') }), /more than 1,048,576 rows/],
    ['row numbers that go back', () => workbook({ rows: row(2, '') + row(1, '') }), /row 1 comes after 2/],
    ['XML a thousand deep', () => workbook({ rows: '<a>'.repeat(1_000) }), /too deep/],
    ['a cell of 10 MB', () => one(`<c t="str"><v>${noise(10_000_000)}</v></c>`), /far too long/],
    ['a tag of 10 MB', () => one(`<c ${noise(10_000_000)}="1"/>`), /far too long|damaged/],
    ['XML that ends early', () => workbook({ sheet: '<worksheet><sheetData><row>' }), /damaged/],
    ['a text it does not have', () => one('<c t="s"><v>7</v></c>'), /refers to a text that is not there/],
    ['no sheet', () => workbook({ workbook: '<workbook><sheets/></workbook>' }), /holds no sheet/],
    ['another kind of ZIP', () => zip([{ name: 'word/document.xml', data: '<x/>' }]), /no table/],
    ['a password', () => zip([{ name: 'xl/workbook.xml', data: 'x', flags: 1 }]), /has a password/],
    ['half of it', () => fixture('openpyxl').subarray(0, 2_000), /its end is missing/],
    ['no rows', () => workbook({}), /holds no rows/],
    [
      'a way out of its folder',
      () =>
        zip([
          {
            name: '_rels/.rels',
            data: '<Relationships><Relationship Id="a" Type="x/officeDocument" Target="../../etc/passwd"/></Relationships>',
          },
        ]),
      /no Excel workbook/,
    ],
  ];
  test.each(cases)('[import:refused] with %s', async (_, make, words) => {
    expect(await fault(make())).toMatch(words);
  });

  test('[import:refused] with two million rows', { timeout: 60_000 }, async () => {
    const rows = Array.from({ length: 1_000_001 }, (_, i) => `<row><c><v>${i % 977}${i}</v></c></row>`).join('');
    expect(await fault(workbook({ rows }))).toMatch(/more than 1,000,000 rows/);
  });

  test('and a bomb is stopped where its share is seen, not at its end', async () => {
    const file = sheetFile(workbook({ sheet: `<worksheet>${tags(60_000_000)}</worksheet>` }));
    const entry = (await readDirectory(file)).get('xl/worksheets/sheet1.xml')!;
    const unpacked = { bytes: 0 };
    const unpack = async () => {
      for await (const _ of unzip(file, entry, unpacked));
    };
    await expect(unpack()).rejects.toThrow(/200 times/);
    expect(unpacked.bytes).toBeLessThan(Math.max(4 * 1024 * 1024, entry.packed * 200) + 65_537);
    expect(unpacked.bytes).toBeLessThan(30_000_000);
  });
});

function withPart(name: string, data: string): Buffer {
  return zip(workbookParts({}).map((part): ZipPart => (part.name === name ? { name, data } : part)));
}

function withDtd(declared: string, used: string): Buffer {
  const rows = `<row><c t="str"><v>${used}</v></c></row>`;
  return workbook({
    sheet: `<?xml version="1.0"?><!DOCTYPE worksheet [${declared}]><worksheet><sheetData>${rows}</sheetData></worksheet>`,
  });
}

/** Letters that pack badly, so that no ratio gives them away. */
function noise(length: number): string {
  let seed = 1;
  const letters = Buffer.alloc(length);
  for (let i = 0; i < length; i++) {
    seed = (seed * 48_271) % 2_147_483_647;
    letters[i] = 97 + (seed % 26);
  }
  return letters.toString('latin1');
}
