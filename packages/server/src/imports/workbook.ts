import { posix } from 'node:path';
import { fileFault, type SheetFile } from './sheet.ts';
import { type Unpacked, unzip } from './unzip.ts';
import type { Calendar } from './xlsx-values.ts';
import { localName, readWholeXml } from './xml-events.ts';
import { readDirectory, type ZipEntry } from './zip-directory.ts';

/** Where things stand in one workbook. */
export interface Workbook {
  /** The sheet that is read: the first that is shown. */
  sheet: ZipEntry;
  sheetName: string;
  /** How many sheets there are; only one is read. */
  sheets: number;
  strings: ZipEntry | null;
  styles: ZipEntry | null;
  calendar: Calendar;
}

/** Parts that only say where others are; a large one is no workbook's. */
const MOST_MAP_BYTES = 8 * 1024 * 1024;

/** Sheets, and parts that one part refers to: some hundreds in the largest of workbooks. */
const MOST_PARTS = 10_000;
const tooManyParts = () => fileFault(`The workbook has more than ${MOST_PARTS} parts: save the sheet as .csv.`);

const NO_WORKBOOK = 'This is a ZIP file but no Excel workbook: save as .xlsx or .csv.';

/** Finds the parts of a workbook (ECMA-376, part 2) by the relations between them, as their names are anybody's choice. */
export async function readWorkbook(file: SheetFile, unpacked: Unpacked): Promise<Workbook> {
  const entries = await readDirectory(file);
  const find = (path: string) => entries.get(path.toLowerCase().replace(/^\//, '')) ?? null;
  const relations = (path: string) => readRelations(file, find, unpacked, path);

  const [main] = (await relations('')).filter(({ type }) => type.endsWith('/officeDocument'));
  const entry = main ? find(main.target) : null;
  if (!main || !entry || !/^xl\//i.test(entry.name)) throw fileFault(NO_WORKBOOK);
  const { sheets, calendar } = await readSheets(file, entry, unpacked);
  const parts = await relations(main.target);
  const part = (type: string) => find(parts.find((relation) => relation.type.endsWith(type))?.target ?? ' ');
  const worksheets = new Map(parts.filter(({ type }) => type.endsWith('/worksheet')).map((part) => [part.id, part]));
  const tables = sheets.flatMap(({ id, ...sheet }) => {
    const relation = worksheets.get(id);
    const entry = relation && find(relation.target);
    return entry ? [{ ...sheet, entry }] : [];
  });
  const sheet = tables.find(({ hidden }) => !hidden) ?? tables[0];
  if (!sheet) throw fileFault('This workbook holds no sheet with cells: save as .xlsx or .csv.');
  return {
    sheet: sheet.entry,
    sheetName: sheet.name,
    sheets: tables.length,
    strings: part('/sharedStrings'),
    styles: part('/styles'),
    calendar,
  };
}

interface Relation {
  id: string;
  type: string;
  target: string;
}

/** What a part refers to, with targets as paths from the top; '' = the package itself. */
async function readRelations(
  file: SheetFile,
  find: (path: string) => ZipEntry | null,
  unpacked: Unpacked,
  path: string,
): Promise<Relation[]> {
  const folder = posix.dirname(path);
  const entry = find(posix.join(folder, '_rels', `${posix.basename(path)}.rels`));
  if (!entry) return [];
  const found: Relation[] = [];
  await readWholeXml(unzip(file, entry, unpacked, MOST_MAP_BYTES), {
    open(name, { Id = '', Type = '', Target = '', TargetMode }) {
      if (name !== 'Relationship' || TargetMode === 'External') return;
      if (found.length === MOST_PARTS) throw tooManyParts();
      found.push({ id: Id, type: Type, target: posix.join('/', Target.startsWith('/') ? '' : folder, Target) });
    },
  });
  return found;
}

interface SheetEntry {
  name: string;
  id: string;
  hidden: boolean;
}

async function readSheets(file: SheetFile, entry: ZipEntry, unpacked: Unpacked) {
  const sheets: SheetEntry[] = [];
  let calendar: Calendar = 1900;
  await readWholeXml(unzip(file, entry, unpacked, MOST_MAP_BYTES), {
    open(name, attributes) {
      if (name === 'workbookPr' && /^(1|true)$/.test(attributes.date1904 ?? '')) calendar = 1904;
      if (name !== 'sheet') return;
      if (sheets.length === MOST_PARTS) throw tooManyParts();
      // The prefix of r:id is the writer's choice.
      const [, id = ''] =
        Object.entries(attributes).find(([key]) => key.includes(':') && localName(key) === 'id') ?? [];
      sheets.push({ name: attributes.name ?? '', id, hidden: /hidden/i.test(attributes.state ?? '') });
    },
  });
  return { sheets, calendar };
}
