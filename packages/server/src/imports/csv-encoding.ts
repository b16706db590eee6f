import { TextDecoder } from 'node:util';
import { HEAD_BYTES } from '../files/sniff-table.ts';
import { fileFault, inPieces, readRange, type SheetFile } from './sheet.ts';

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

export interface FoundEncoding {
  encoding: Encoding;
  /** Bytes of the byte order mark, which are no text. */
  mark: number;
}

const MARKS: readonly [hex: string, encoding: Encoding][] = [
  ['efbbbf', 'utf-8'],
  ['fffe', 'utf-16le'],
  ['feff', 'utf-16be'],
];

/**
 * How a text file is written: by its mark, else by where its zeros stand (UTF-16), else UTF-8 when all of it is, else the
 * code page of Western Windows, which Excel saves "CSV" in.
 *
 * @throws Refusal for what is no text in any of them.
 */
export async function findEncoding(file: SheetFile, lookAt = Number.POSITIVE_INFINITY): Promise<FoundEncoding> {
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  const head = await readRange(file, 0, HEAD_BYTES);
  const found = byMark(head) ?? byZeros(head);
  if (found && found.encoding !== 'utf-8') return found;
  let isUtf8 = true;
  let looked = 0;
  for await (const piece of inPieces(file.read())) {
    if (isUtf8) isUtf8 = decodes(utf8, piece, true);
    if (!isUtf8) refuseUnlessWestern(piece);
    looked += piece.length;
    if (looked >= lookAt) break;
  }
  // A character may be cut where the looking stopped, and only there.
  if (isUtf8 && looked >= file.size) isUtf8 = decodes(utf8, Buffer.alloc(0), false);
  if (isUtf8) return { encoding: 'utf-8', mark: found?.mark ?? 0 };
  if (found) throw fileFault('The file says that it is UTF-8 and is not: save it again as "CSV UTF-8".');
  return { encoding: 'windows-1252', mark: 0 };
}

function byMark(head: Buffer): FoundEncoding | null {
  const hex = head.subarray(0, 3).toString('hex');
  const mark = MARKS.find(([begins]) => hex.startsWith(begins));
  return mark ? { encoding: mark[1], mark: mark[0].length / 2 } : null;
}

/** Text of Europe in UTF-16 has a zero in every other byte; a mark would have been better. */
function byZeros(head: Buffer): FoundEncoding | null {
  const zeros = [0, 0];
  for (let i = 0; i < head.length; i++) if (head[i] === 0) zeros[i % 2]!++;
  const [even = 0, odd = 0] = zeros;
  const many = Math.max(3, head.length * 0.15);
  if (odd > many && even < odd / 10) return { encoding: 'utf-16le', mark: 0 };
  if (even > many && odd < even / 10) return { encoding: 'utf-16be', mark: 0 };
  return null;
}

function decodes(decoder: TextDecoder, piece: Buffer, stream: boolean): boolean {
  try {
    decoder.decode(piece, { stream });
    return true;
  } catch {
    return false;
  }
}

/** Control characters that no table has; tab, line feed, carriage return, NUL (a fault of its row) and end of file are apart. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const NO_TEXT = /[\x01-\x08\x0b\x0c\x0e-\x19\x1b-\x1f\x7f]/;

function refuseUnlessWestern(piece: Buffer): void {
  if (!NO_TEXT.test(piece.toString('latin1'))) return;
  throw fileFault(
    'This is neither a workbook nor text in UTF-8, UTF-16 or windows-1252: save as .xlsx or "CSV UTF-8".',
  );
}

/** The text of a file as UTF-8, without its mark. */
export async function* asUtf8(
  source: AsyncIterable<Buffer>,
  { encoding, mark }: FoundEncoding,
): AsyncIterable<{ text: Buffer; bytes: number }> {
  const decoder = encoding === 'utf-8' ? null : new TextDecoder(encoding, { ignoreBOM: true });
  let toSkip = mark;
  for await (const piece of source) {
    const skipped = Math.min(toSkip, piece.length);
    toSkip -= skipped;
    const rest = piece.subarray(skipped);
    yield { text: decoder ? Buffer.from(decoder.decode(rest, { stream: true })) : rest, bytes: piece.length };
  }
  const last = decoder?.decode() ?? '';
  if (last !== '') yield { text: Buffer.from(last), bytes: 0 };
}
