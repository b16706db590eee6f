import { HEAD_BYTES, sniffTable } from '../files/sniff-table.ts';
import { openCsv } from './read-csv.ts';
import { openXlsx } from './read-xlsx.ts';
import { fileFault, MOST_ROWS, readRange, type Sheet, type SheetFile, type SheetOptions } from './sheet.ts';

/**
 * Opens a table by what it is, whatever its name says.
 *
 * @throws Refusal for a file that is neither CSV nor a workbook, or holds nothing; reading it later may throw more.
 */
export async function openSheet(file: SheetFile, options: SheetOptions): Promise<Sheet> {
  const found = sniffTable(await readRange(file, 0, HEAD_BYTES));
  if (found.kind === null) throw fileFault(found.words);
  return found.kind === 'xlsx' ? openXlsx(file, options) : openCsv(file, options);
}

/**
 * Reads a table to its end and keeps nothing, so that a file with a fault anywhere is refused before a row of it is used.
 *
 * @param beat is called for each piece read; what it throws ends the reading.
 * @returns how many rows are not blank.
 */
export async function readThrough(sheet: Sheet, beat: () => void): Promise<number> {
  let rows = 0;
  for await (const batch of sheet.batches()) {
    beat();
    rows += batch.rows.length;
    if (rows > MOST_ROWS) {
      throw fileFault(`The file has more than ${MOST_ROWS.toLocaleString('en')} rows: split it into several.`);
    }
  }
  if (rows === 0) throw fileFault('The file holds no rows.');
  return rows;
}
