import {
  type Batch,
  fileFault,
  MOST_COLUMNS,
  MOST_ROW_CHARACTERS,
  type Row,
  type Sheet,
  type SheetFile,
  type SheetOptions,
  tooManyColumns,
} from './sheet.ts';
import { type Unpacked, unzip } from './unzip.ts';
import { readWorkbook } from './workbook.ts';
import { readDateStyles, readStrings } from './workbook-tables.ts';
import { type Calendar, columnOf, isoDate, plainNumber, unescaped } from './xlsx-values.ts';
import { readXml, type XmlReader } from './xml-events.ts';
import { damaged } from './zip-directory.ts';

/** Excel's own. */
const MOST_ROW_NUMBER = 1_048_576;

/**
 * Opens the first sheet of a workbook. It is read as it is unpacked; only the texts that cells refer to are held. Formulas
 * are not run: their cells give the value they had when the file was saved.
 */
export async function openXlsx(file: SheetFile, options: SheetOptions): Promise<Sheet> {
  const unpacked: Unpacked = { bytes: 0 };
  const workbook = await readWorkbook(file, unpacked);
  const dates = await readDateStyles(file, workbook.styles, unpacked);
  const strings = await readStrings(file, workbook.strings, unpacked);
  const context = { ...options, dates, strings, calendar: workbook.calendar };
  const { sheet, sheets, sheetName } = workbook;
  return {
    bytes: sheet.size,
    words:
      sheets > 1
        ? `Of the ${sheets} sheets only the first was read: "${[...sheetName].slice(0, 100).join('')}".`
        : null,
    async *batches() {
      const collector = new CellCollector(context);
      let bytes = 0;
      const counted = countBytes(unzip(file, sheet, { ...unpacked }), (count) => {
        bytes += count;
      });
      yield* readXml(counted, collector.reader, (): Batch => ({ rows: collector.take(), bytes }));
    },
  };
}

async function* countBytes(source: AsyncIterable<Buffer>, count: (bytes: number) => void) {
  for await (const piece of source) {
    count(piece.length);
    yield piece;
  }
}

interface Context {
  columns: number;
  dates: readonly boolean[];
  strings: readonly string[];
  calendar: Calendar;
}

/** Follows the tags of a sheet and makes rows of them. */
class CellCollector {
  private readonly context: Context;
  private rows: Row[] = [];
  private number = 0;
  private cells: string[] = [];
  private characters = 0;
  private column = -1;
  private type = 'n';
  private style = 0;
  private value = '';
  /** Whether text is the cell's: within `v`, or `t` of an inline text; formulas and pronunciations are not. */
  private within = false;
  private aside = 0;

  constructor(context: Context) {
    this.context = context;
  }

  readonly reader: XmlReader = {
    open: (name, attributes) => {
      if (name === 'row') this.openRow(attributes.r);
      else if (name === 'c') this.openCell(attributes);
      else if (name === 'rPh') this.aside++;
      this.within = name === 'v' || (name === 't' && this.aside === 0);
    },
    text: (text) => {
      if (this.within && this.column < this.context.columns) this.add(text);
    },
    close: (name) => {
      this.within = false;
      if (name === 'c') this.closeCell();
      else if (name === 'row') this.closeRow();
      else if (name === 'rPh') this.aside--;
    },
  };

  take(): Row[] {
    const taken = this.rows;
    this.rows = [];
    return taken;
  }

  private openRow(reference: string | undefined): void {
    const number = reference === undefined ? this.number + 1 : Number(reference);
    if (!Number.isInteger(number) || number <= this.number)
      throw damaged(`row ${reference} comes after ${this.number}`);
    if (number > MOST_ROW_NUMBER) {
      throw fileFault(
        `The sheet has more than ${MOST_ROW_NUMBER.toLocaleString('en')} rows, which no spreadsheet has.`,
      );
    }
    this.number = number;
    this.cells = [];
    this.characters = 0;
    this.column = -1;
  }

  private openCell({ r = '', t = 'n', s = '0' }: Readonly<Record<string, string>>): void {
    this.column = columnOf(r) ?? this.column + 1;
    if (this.column >= MOST_COLUMNS) throw tooManyColumns(this.number);
    this.type = t;
    this.style = Number(s);
    this.value = '';
  }

  private closeCell(): void {
    if (this.column >= this.context.columns) return;
    const text = this.text();
    this.characters += text.length;
    if (this.characters > MOST_ROW_CHARACTERS) throw this.tooLong();
    while (this.cells.length < this.column) this.cells.push('');
    this.cells[this.column] = text;
  }

  /** Many small pieces make one cell as well as a large one does. */
  private add(text: string): void {
    this.value += text;
    if (this.value.length > MOST_ROW_CHARACTERS) throw this.tooLong();
  }

  private tooLong(): Error {
    return fileFault(`Row ${this.number} is longer than ${MOST_ROW_CHARACTERS.toLocaleString('en')} characters.`);
  }

  private text(): string {
    const { dates, strings, calendar } = this.context;
    switch (this.type) {
      case 's':
        return this.value === '' ? '' : (strings[Number(this.value)] ?? this.missing());
      case 'n':
        return dates[this.style] ? isoDate(this.value, calendar) : plainNumber(this.value);
      case 'b':
        return this.value === '1' ? 'TRUE' : this.value === '' ? '' : 'FALSE';
      default:
        return unescaped(this.value);
    }
  }

  private missing(): never {
    throw damaged(`a cell in row ${this.number} refers to a text that is not there`);
  }

  private closeRow(): void {
    if (this.cells.every((cell) => cell.trim() === '')) return;
    this.rows.push({ number: this.number, cells: this.cells });
  }
}
