import { TextDecoder } from 'node:util';
import { type CsvError, type Options, type Parser, parse } from 'csv-parse';
import { type FoundDelimiter, findDelimiter } from './csv-delimiter.ts';
import { asUtf8, type FoundEncoding, findEncoding } from './csv-encoding.ts';
import {
  type Batch,
  fileFault,
  inPieces,
  MOST_COLUMNS,
  MOST_ROW_CHARACTERS,
  type Row,
  readRange,
  type Sheet,
  type SheetFile,
  type SheetOptions,
  tooManyColumns,
} from './sheet.ts';

const SAMPLE_BYTES = 64 * 1024;

/** Opens a CSV file: finds how it is written and what parts its cells. */
export async function openCsv(file: SheetFile, options: SheetOptions): Promise<Sheet> {
  const encoding = await findEncoding(file, options.lookAt);
  const sample = await readRange(file, encoding.mark, SAMPLE_BYTES);
  const delimiter = findDelimiter(new TextDecoder(encoding.encoding).decode(sample));
  const western =
    'It was read as windows-1252, as it is not UTF-8: if letters with accents are wrong, save as "CSV UTF-8".';
  return {
    bytes: file.size,
    words: encoding.encoding === 'windows-1252' ? western : null,
    batches: () => readBatches(file, { encoding, delimiter, columns: options.columns }),
  };
}

interface Reading {
  encoding: FoundEncoding;
  delimiter: FoundDelimiter;
  columns: number;
}

async function* readBatches(file: SheetFile, reading: Reading): AsyncIterable<Batch> {
  const rows = new RowCollector(reading);
  const parser = parse({ ...optionsOf(reading), on_record: (cells: string[]) => rows.add(cells) });
  // Each error comes by the callback of the write or end that met it; an unheard one would end the process.
  parser.on('error', () => {});
  parser.resume();
  const lines = new LineGuard();
  let bytes = 0;
  try {
    for await (const piece of asUtf8(inPieces(file.read()), reading.encoding)) {
      bytes += piece.bytes;
      if (lines.isTooLong(piece.text, rows)) throw tooLong(rows.number + 1);
      await write(parser, piece.text, rows);
      yield { rows: rows.take(), bytes };
    }
    await end(parser, rows);
    yield { rows: rows.take(), bytes };
  } finally {
    parser.destroy();
  }
}

function optionsOf({ delimiter }: Reading): Options<string[]> {
  return {
    delimiter: delimiter.delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    // A quote within a cell (`5" pipe`) is text; one that opens a cell must be closed.
    relax_quotes: true,
    max_record_size: MOST_ROW_CHARACTERS,
  };
}

/** Numbers the records and keeps those that are not blank. */
class RowCollector {
  number = 0;
  private readonly reading: Reading;
  private rows: Row[] = [];

  constructor(reading: Reading) {
    this.reading = reading;
  }

  /** @returns null, which tells the parser not to keep it too. */
  add(cells: string[]): null {
    this.number++;
    if (cells.length > MOST_COLUMNS) throw tooManyColumns(this.number);
    if (this.number === 1 && this.reading.delimiter.named) return null;
    if (cells.every((cell) => cell.trim() === '')) return null;
    const { columns } = this.reading;
    if (cells.length > columns) cells.length = columns;
    this.rows.push({ number: this.number, cells });
    return null;
  }

  take(): Row[] {
    const taken = this.rows;
    this.rows = [];
    return taken;
  }
}

/**
 * The parser counts no empty cells, so a row of commas alone must be stopped beside it: by the bytes that came since the last
 * row ended, wherever there are line breaks in between, as they may stand in quotes.
 */
class LineGuard {
  private row = 0;
  private bytes = 0;

  isTooLong(text: Buffer, rows: RowCollector): boolean {
    if (rows.number > this.row) this.bytes = 0;
    this.row = rows.number;
    this.bytes += text.length;
    // UTF-8 has up to four bytes for a character.
    return this.bytes > MOST_ROW_CHARACTERS * 4;
  }
}

function write(parser: Parser, text: Buffer, rows: RowCollector): Promise<void> {
  return new Promise((resolve, reject) => {
    parser.write(text, (error) => (error ? reject(faultOf(error, rows)) : resolve()));
  });
}

function end(parser: Parser, rows: RowCollector): Promise<void> {
  return new Promise((resolve, reject) => {
    parser.once('end', resolve);
    parser.once('error', (error) => reject(faultOf(error, rows)));
    parser.end();
  });
}

function faultOf(error: Error, { number }: RowCollector): Error {
  const { code } = error as CsvError;
  if (code === 'CSV_MAX_RECORD_SIZE') return tooLong(number + 1);
  if (code === 'CSV_QUOTE_NOT_CLOSED') {
    return fileFault(`Row ${number + 1} opens a quote (") that is never closed: close it, or write it twice ("").`);
  }
  return typeof code === 'string' && code.startsWith('CSV_')
    ? fileFault(`Row ${number + 1} cannot be read as CSV: ${error.message}`)
    : error;
}

function tooLong(row: number): Error {
  return fileFault(
    `Row ${row} is longer than ${MOST_ROW_CHARACTERS.toLocaleString('en')} characters: ` +
      'a quote (") that is opened and never closed, or far too many columns.',
  );
}
