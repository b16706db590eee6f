import { FILE_LIMIT } from '@veredus/contract/endpoints/uploads';
import { Refusal } from '../refusal.ts';

/** What a table is read from: a stored file, from any byte on. */
export interface SheetFile {
  size: number;
  read(fromByte?: number): AsyncIterable<Buffer>;
}

/** One row that is not blank. */
export interface Row {
  /** As a spreadsheet counts: from 1, the header and blank rows included. */
  number: number;
  /** As many as were asked for; '' where the file has none. */
  cells: string[];
}

export interface Batch {
  rows: Row[];
  /** How much was read so far, out of `Sheet.bytes`. */
  bytes: number;
}

/** A table, opened: CSV or the first sheet of a workbook. */
export interface Sheet {
  bytes: number;
  /** What its owner may want to know of how it is read. */
  words: string | null;
  /** From the first row, each time it is called; at most some 64 kB of the file are held at once. */
  batches(): AsyncIterable<Batch>;
}

export interface SheetOptions {
  /** How many cells of each row are wanted; the others are read over. */
  columns: number;
  /** Look at so much of the file to find its encoding; the whole of it unless told. */
  lookAt?: number;
}

/** What one file may hold. Excel's own limits are 16,384 columns and 1,048,576 rows. */
export const MOST_BYTES = FILE_LIMIT;
export const MOST_COLUMNS = 16_384;
export const MOST_ROWS = 1_000_000;
export const MOST_ROW_CHARACTERS = 256 * 1024;

/** A file that cannot be read as a whole; `words` say where and how to mend it. */
export function fileFault(words: string): Refusal {
  return new Refusal('bad-request', words, { fields: { file_url: words } });
}

export function tooManyColumns(row: number): Refusal {
  return fileFault(`Row ${row} has more than ${MOST_COLUMNS.toLocaleString('en')} columns; no more are read.`);
}

/** The first `length` bytes from a byte on, or as many as there are. */
export async function readRange(file: SheetFile, from: number, length: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let held = 0;
  if (length <= 0 || from >= file.size) return Buffer.alloc(0);
  for await (const piece of file.read(from)) {
    pieces.push(piece);
    held += piece.length;
    if (held >= length) break;
  }
  return Buffer.concat(pieces).subarray(0, length);
}

/** Lets everybody else have their turn. */
export function breath(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const PIECE_BYTES = 64 * 1024;

/** The same bytes in pieces small enough that using one holds nobody up, with a breath for everybody else between them. */
export async function* inPieces(source: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  for await (const piece of source) {
    for (let at = 0; at < piece.length; at += PIECE_BYTES) {
      yield piece.subarray(at, at + PIECE_BYTES);
      await breath();
    }
  }
}
