import { storable } from '../db/storable.ts';
import { readCell } from '../files/csv.ts';
import { type ContactField, type ContactValues, readContact } from '../lists/contact-fields.ts';
import type { FieldOrder } from './field-order.ts';
import type { Row } from './sheet.ts';

export interface RowFault {
  row: number;
  field: string;
  words: string;
  /** The cell as it stood, cut short. */
  value: string | null;
}

export type RowReading = { ok: true; values: ContactValues } | { ok: false; faults: RowFault[] };

/** Characters of a refused cell that are kept: enough to find it by. */
const SHOWN_CHARACTERS = 100;

/** A row as a contact, or everything that is wrong with it. */
export function readRow({ number, cells }: Row, order: FieldOrder, country: string): RowReading {
  const raw: Partial<Record<ContactField, string>> = {};
  const faults: RowFault[] = [];
  for (const [column, field] of order.entries()) {
    if (field === null) continue;
    const cell = cells[column] ?? '';
    raw[field] = isNumber(field) ? readCell(cell).replace(/^'/, '') : readCell(cell);
    const words = cellFault(field, cell);
    if (words) faults.push({ row: number, field, words, value: shown(cell) });
  }
  const contact = readContact(raw, country);
  if (contact.ok && faults.length === 0) return contact;
  if (!contact.ok) {
    for (const [field, words] of Object.entries(contact.faults)) {
      if (faults.some((fault) => fault.field === field)) continue;
      const cell = raw[field as ContactField];
      faults.push({ row: number, field, words, value: cell === undefined ? null : shown(cell) });
    }
  }
  return { ok: false, faults };
}

/** People put a ' before a number so that a spreadsheet leaves it alone. */
const isNumber = (field: ContactField) => field === 'phone_number' || field === 'fax_number';

const SPREADSHEET_ERROR = /^#(N\/A|REF!|NAME\?|VALUE!|DIV\/0!|NUM!|NULL!|SPILL!|CALC!)$/;
const SHORTENED = /^\d([.,]\d+)?E\+\d+$/i;

/** What is wrong with a cell before its field is looked at: what a spreadsheet leaves behind, which would pass for text. */
function cellFault(field: ContactField, cell: string): string | null {
  if (cell.includes('\u0000')) return `${field} holds a NUL character, which no text may: remove it.`;
  if (SPREADSHEET_ERROR.test(cell)) return `${field} holds the spreadsheet's error ${cell} instead of a value.`;
  if (isNumber(field) && SHORTENED.test(cell.trim())) {
    return `${field} was shortened by a spreadsheet and its last digits are lost: format the column as text and save again.`;
  }
  return null;
}

function shown(cell: string): string {
  return storable([...cell.slice(0, SHOWN_CHARACTERS * 2)].slice(0, SHOWN_CHARACTERS).join(''));
}
