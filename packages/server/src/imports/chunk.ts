import type { ContactValues } from '../lists/contact-fields.ts';
import type { FieldOrder } from './field-order.ts';
import { type RowFault, readRow } from './read-row.ts';
import type { Row } from './sheet.ts';

/** Rows that are read and go into the database together. */
export interface Chunk {
  contacts: ContactValues[];
  faults: RowFault[];
  /** Rows with faults. */
  refused: number;
  /** The number of the last row in it; 0 = none. */
  lastRow: number;
  bytesRead: number;
  hasHeader: boolean | null;
  characters: number;
}

/** One statement of 1,000 contacts takes some 15 ms; larger ones gain nothing and lock the list for longer. */
const CHUNK_ROWS = 1_000;
/** Rows may be long; so much text at most is held. */
const CHUNK_CHARACTERS = 2_000_000;

export function emptyChunk(): Chunk {
  return { contacts: [], faults: [], refused: 0, lastRow: 0, bytesRead: 0, hasHeader: null, characters: 0 };
}

export function addRow(chunk: Chunk, row: Row, order: FieldOrder, country: string): void {
  const reading = readRow(row, order, country);
  if (reading.ok) chunk.contacts.push(reading.values);
  else {
    chunk.faults.push(...reading.faults);
    chunk.refused++;
  }
  chunk.lastRow = row.number;
  for (const cell of row.cells) chunk.characters += cell.length;
}

export function isFull({ contacts, refused, characters }: Chunk): boolean {
  return contacts.length + refused >= CHUNK_ROWS || characters >= CHUNK_CHARACTERS;
}
