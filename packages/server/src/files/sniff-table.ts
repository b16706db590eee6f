/** As much of a file as is looked at. */
export const HEAD_BYTES = 4_096;

export type Sniffed = { kind: 'csv' | 'xlsx' } | { kind: null; words: string };

const OLE = 'd0cf11e0a1b11ae1';
const ZIP = '504b0304';
const EMPTY_ZIP = '504b0506';
const GZIP = '1f8b';
/** How the first entries of a workbook are called. */
const WORKBOOK = /\[Content_Types\]\.xml|_rels\/|xl\/|docProps\/|customXml\//;

const SAVE_AS = 'save it as .xlsx or .csv.';

/** Files people send by mistake, by how they begin; a name says nothing. */
const OTHERS: readonly (readonly [begins: RegExp, what: string])[] = [
  [/^%PDF-/, 'a PDF'],
  [/^\x89PNG|^GIF8|^\xff\xd8\xff/, 'a picture'],
  [/^Rar!|^7z\xbc\xaf/, 'a compressed archive'],
  [/^\{\\rtf/, 'a text document (RTF)'],
  [/^SQLite format 3/, 'a database'],
  [/^(\xef\xbb\xbf)?\s*<(!doctype|html|head|body)\b/i, 'a web page'],
  [/^(\xef\xbb\xbf)?\s*<\?xml/i, 'XML'],
];

/** Whether a file is CSV or a workbook, by its first bytes. That it is whole and sound only reading it shows. */
export function sniffTable(head: Uint8Array): Sniffed {
  if (head.length === 0) return not('The file is empty.');
  const bytes = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, HEAD_BYTES));
  const text = bytes.toString('latin1');
  const hex = bytes.subarray(0, 8).toString('hex');
  if (hex === OLE) {
    return not(
      'This is an .xls file of an old Excel, or a workbook with a password: save it as .xlsx (without a password) or .csv.',
    );
  }
  if (hex.startsWith(ZIP)) return sniffZip(text);
  if (hex.startsWith(EMPTY_ZIP)) return not(`This is an empty ZIP file: ${SAVE_AS}`);
  if (hex.startsWith(GZIP)) return not(`This is compressed (gzip): unpack it, or ${SAVE_AS}`);
  const other = OTHERS.find(([begins]) => begins.test(text));
  if (other) return not(`This is ${other[1]} and no table: ${SAVE_AS}`);
  if (!isText(bytes, text)) return not(`This is neither text nor a workbook: ${SAVE_AS}`);
  return { kind: 'csv' };
}

const not = (words: string): Sniffed => ({ kind: null, words });

function sniffZip(text: string): Sniffed {
  if (/word\/|ppt\//.test(text)) return not(`This is a text document or slides and no table: ${SAVE_AS}`);
  if (text.includes('opendocument.')) return not(`This is an OpenDocument file: ${SAVE_AS}`);
  return WORKBOOK.test(text) ? { kind: 'xlsx' } : not(`This is a ZIP archive and no workbook: ${SAVE_AS}`);
}

/** Control characters that no table has. Tab, line feed, carriage return, end of file and NUL are looked at apart. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const NO_TEXT = /[\x01-\x08\x0b\x0e-\x19\x1b-\x1f]/;

function isText(bytes: Buffer, text: string): boolean {
  const zeros = [0, 0];
  for (let i = 0; i < bytes.length; i++) if (bytes[i] === 0) zeros[i % 2]! += 1;
  const [even = 0, odd = 0] = zeros;
  // UTF-16, by its mark or because its zeros stand in every other byte; a stray NUL is a fault of its row.
  const few = Math.min(even, odd);
  const many = Math.max(even, odd);
  const wide = /^(\xff\xfe|\xfe\xff)/.test(text) || (many > bytes.length * 0.15 && few * 10 < many);
  return wide || (even + odd < 4 && !NO_TEXT.test(text));
}
