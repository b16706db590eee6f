import { type ZipPart, zip } from './zip.ts';

const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';

export interface WorkbookParts {
  /** The inside of `sheetData`. */
  rows?: string;
  /** The whole of the sheet's XML, instead. */
  sheet?: string;
  /** The inside of `sst`. */
  strings?: string;
  /** The inside of `styleSheet`. */
  styles?: string;
  workbook?: string;
  more?: ZipPart[];
  lies?: ZipPart['lies'];
}

/** A workbook of one sheet as a spreadsheet would write it, but for what a test wants otherwise. */
export function workbook(parts: WorkbookParts): Buffer {
  return zip(workbookParts(parts));
}

export function workbookParts({
  rows = '',
  sheet,
  strings,
  styles,
  workbook,
  more = [],
  lies,
}: WorkbookParts): ZipPart[] {
  const relation = (id: string, type: string, target: string) =>
    `<Relationship Id="${id}" Type="${RELATIONS}/${type}" Target="${target}"/>`;
  const relations = (inside: string) =>
    `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${inside}</Relationships>`;
  return [
    { name: '_rels/.rels', data: relations(relation('rId1', 'officeDocument', 'xl/workbook.xml')) },
    {
      name: 'xl/workbook.xml',
      data:
        workbook ??
        `<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets><sheet name="People" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      data: relations(
        relation('rId1', 'worksheet', 'worksheets/sheet1.xml') +
          relation('rId2', 'sharedStrings', 'sharedStrings.xml') +
          relation('rId3', 'styles', '/xl/styles.xml'),
      ),
    },
    {
      name: 'xl/worksheets/sheet1.xml',
      data: sheet ?? `<?xml version="1.0"?><worksheet xmlns="${MAIN}"><sheetData>${rows}</sheetData></worksheet>`,
      lies,
    },
    ...(strings === undefined ? [] : [{ name: 'xl/sharedStrings.xml', data: `<sst xmlns="${MAIN}">${strings}</sst>` }]),
    ...(styles === undefined
      ? []
      : [{ name: 'xl/styles.xml', data: `<styleSheet xmlns="${MAIN}">${styles}</styleSheet>` }]),
    ...more,
  ];
}
