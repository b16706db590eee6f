import type { Body } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import type { Answer } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import type { FileOfUrlParts } from '../files/file-of-url.ts';
import { findStoredFile } from '../files/stored-file.ts';
import { showMessageId } from '../messages/ids.ts';
import { type FieldOrder, readFieldOrder } from './field-order.ts';
import { isHeader, suggestOrder } from './header-row.ts';
import { openSheet } from './open-sheet.ts';
import { readRow } from './read-row.ts';
import { fileFault, type Row, type Sheet } from './sheet.ts';
import { takeFile } from './source.ts';
import { requireList } from './start-import.ts';

const ROWS = 10;
/** Columns that are shown; those behind can be imported all the same. */
const COLUMNS = 100;
/** Enough to tell an encoding by. */
const LOOK_AT_BYTES = 1024 * 1024;

/** The first row of a file. The file is fetched and kept; no contact is made. */
export async function previewFirstRow(
  parts: FileOfUrlParts,
  caller: Caller,
  listId: number,
  body: Body<Endpoints['listImportCsvPreview']>,
): Promise<Answer<Endpoints['listImportCsvPreview']>> {
  await requireList(parts, caller, listId);
  const { sheet } = await openFile(parts, caller, body.file_url);
  const [first] = await firstRows(sheet, 1);
  return { data: { row: trimmed(first!.cells) }, words: 'Preview.' };
}

/** The first rows, what their columns seem to hold, and what an import would say of them. */
export async function previewImport(
  parts: FileOfUrlParts,
  caller: Caller,
  listId: number,
  body: Body<Endpoints['listImportPreview']>,
): Promise<Answer<Endpoints['listImportPreview']>> {
  const given = body.field_order == null ? null : readFieldOrder(body.field_order);
  await requireList(parts, caller, listId);
  const { sheet, fileId } = await openFile(parts, caller, body.file_url);
  const rows = await firstRows(sheet, ROWS);
  const width = Math.max(...rows.map(({ cells }) => trimmed(cells).length));
  const shown = rows.map(({ number, cells }) => ({
    number,
    cells: Array.from({ length: width }, (_, i) => cells[i] ?? ''),
  }));
  const suggested = suggestOrder(shown.map(({ cells }) => cells));
  const order = given ?? suggested.order;
  const hasHeader = given ? isHeader(rows[0]!.cells, given) : suggested.hasHeader;
  return {
    data: {
      file_url: `${parts.publicUrl()}/files/${showMessageId(fileId)}`,
      has_header: hasHeader,
      field_order: [...order],
      words: sheet.words,
      rows: shown.map((row, index) => ({
        row_number: row.number,
        cells: row.cells,
        faults: hasHeader && index === 0 ? [] : faultsOf(rows[index]!, order, caller.account.country),
      })),
    },
    words: 'Preview.',
  };
}

function faultsOf(row: Row, order: FieldOrder, country: string): { field: string; words: string }[] {
  const reading = readRow(row, order, country);
  return reading.ok ? [] : reading.faults.map(({ field, words }) => ({ field, words }));
}

async function openFile(parts: FileOfUrlParts, caller: Caller, url: string): Promise<{ sheet: Sheet; fileId: string }> {
  const fileId = await takeFile(parts, caller, url);
  const stored = await findStoredFile(parts.db, { accountId: caller.accountId, fileId });
  if (!stored) throw fileFault('The file is not here any more: upload it again.');
  return { sheet: await openSheet(stored, { columns: COLUMNS, lookAt: LOOK_AT_BYTES }), fileId };
}

async function firstRows(sheet: Sheet, count: number): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const batch of sheet.batches()) {
    rows.push(...batch.rows.slice(0, count - rows.length));
    if (rows.length === count) break;
  }
  if (rows.length === 0) throw fileFault('The file holds no rows.');
  return rows;
}

function trimmed(cells: readonly string[]): string[] {
  return cells.slice(0, cells.findLastIndex((cell) => cell !== '') + 1);
}
