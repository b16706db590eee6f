import { TextDecoder } from 'node:util';
import { SaxesParser } from 'saxes';
import { fileFault } from './sheet.ts';
import { damaged } from './zip-directory.ts';

/** What a workbook's XML is read for. Names come without their prefix, which every writer chooses for itself. */
export interface XmlReader {
  open?(name: string, attributes: Readonly<Record<string, string>>): void;
  close?(name: string): void;
  text?(text: string): void;
}

const MOST_DEPTH = 64;
/** Characters without a tag's beginning or end. A cell holds 32,767 at most. */
const MOST_UNBROKEN = 512 * 1024;

/**
 * Reads XML piece by piece; `afterPiece` runs when a piece is read, and what it answers is yielded. Nothing is ever fetched
 * or expanded: a document type, where entities would be declared, is refused, and unknown entities are an error.
 */
export async function* readXml<T>(
  source: AsyncIterable<Buffer>,
  reader: XmlReader,
  afterPiece: () => T,
): AsyncIterable<T> {
  const watch = { depth: 0, unbroken: 0 };
  const parser = openParser(reader, watch);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for await (const piece of source) {
    const text = decoded(decoder, piece);
    watch.unbroken += text.length;
    parser.write(text);
    if (watch.unbroken > MOST_UNBROKEN) throw damaged('a cell in it is far too long');
    yield afterPiece();
  }
  parser.close();
  yield afterPiece();
}

/** The same for those who only want the whole of it read. */
export async function readWholeXml(source: AsyncIterable<Buffer>, reader: XmlReader): Promise<void> {
  for await (const _ of readXml(source, reader, () => null));
}

function decoded(decoder: TextDecoder, piece: Buffer): string {
  try {
    return decoder.decode(piece, { stream: true });
  } catch {
    throw damaged('its text is not UTF-8');
  }
}

function openParser(reader: XmlReader, watch: { depth: number; unbroken: number }): SaxesParser {
  const parser = new SaxesParser({ position: false });
  parser.on('doctype', () => {
    throw fileFault('The workbook holds a document type (DTD), which no spreadsheet writes: it is not read.');
  });
  parser.on('error', (error) => {
    throw damaged(error.message);
  });
  parser.on('opentag', ({ name, attributes }) => {
    watch.unbroken = 0;
    if (++watch.depth > MOST_DEPTH) throw damaged('its XML is far too deep');
    reader.open?.(localName(name), attributes as Record<string, string>);
  });
  parser.on('closetag', ({ name }) => {
    watch.unbroken = 0;
    watch.depth--;
    reader.close?.(localName(name));
  });
  const { text } = reader;
  if (text) {
    parser.on('text', (found) => text(found));
    parser.on('cdata', (found) => text(found));
  }
  return parser;
}

export function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
