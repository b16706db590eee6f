import { pipeline, Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { fileFault, inPieces, readRange, type SheetFile } from './sheet.ts';
import { damaged, type ZipEntry } from './zip-directory.ts';

/** What one workbook may unpack to, counted on the bytes that come out and not on what it says. */
const MOST_UNPACKED = 512 * 1024 * 1024;
/** Sheets shrink to a tenth, repetitive ones to a fiftieth; deflate's most, 1,032 to 1, is what bombs use. */
const MOST_RATIO = 200;
/** Below this a ratio says nothing. */
const RATIO_FROM = 4 * 1024 * 1024;

const LOCAL = 0x04034b50;
const LOCAL_LENGTH = 30;
const STORED = 0;
const DEFLATED = 8;

/** How much a workbook has unpacked to so far, over all its entries. */
export interface Unpacked {
  bytes: number;
}

/**
 * Unpacks one entry, piece by piece.
 *
 * @param most what this entry may hold at most.
 * @throws Refusal where it unpacks to more, or to something else than the directory says.
 */
export async function* unzip(
  file: SheetFile,
  entry: ZipEntry,
  unpacked: Unpacked,
  most = MOST_UNPACKED,
): AsyncIterable<Buffer> {
  if (entry.method !== STORED && entry.method !== DEFLATED) throw damaged(`${entry.name} is packed in an unknown way`);
  const packed = packedBytes(file, entry);
  let size = 0;
  let sum = 0;
  try {
    for await (const piece of entry.method === STORED ? packed : inflate(packed)) {
      size += piece.length;
      unpacked.bytes += piece.length;
      refuseBomb(entry, size, most, unpacked);
      sum = crc32(piece, sum);
      yield piece;
    }
  } catch (error) {
    const { code } = error as { code?: unknown };
    throw typeof code === 'string' && code.startsWith('Z_') ? damaged(`${entry.name} cannot be unpacked`) : error;
  }
  if (size !== entry.size || sum !== entry.crc) throw damaged(`${entry.name} is not what its directory says`);
}

function refuseBomb(entry: ZipEntry, size: number, most: number, unpacked: Unpacked): void {
  if (size > most || unpacked.bytes > MOST_UNPACKED) {
    throw fileFault(
      `The workbook unpacks to more than ${Math.round(Math.min(most, MOST_UNPACKED) / 1024 / 1024)} MB (${entry.name}): save it as .csv.`,
    );
  }
  if (size > RATIO_FROM && size > entry.packed * MOST_RATIO) {
    throw fileFault(
      `${entry.name} in the workbook unpacks to more than ${MOST_RATIO} times its size: save it as .csv.`,
    );
  }
}

async function* packedBytes(file: SheetFile, entry: ZipEntry): AsyncIterable<Buffer> {
  const header = await readRange(file, entry.offset, LOCAL_LENGTH);
  if (header.length < LOCAL_LENGTH || header.readUInt32LE(0) !== LOCAL) throw damaged(`${entry.name} is missing`);
  const start = entry.offset + LOCAL_LENGTH + header.readUInt16LE(26) + header.readUInt16LE(28);
  let left = entry.packed;
  if (left === 0) return;
  for await (const piece of inPieces(file.read(start))) {
    yield piece.subarray(0, left);
    left -= piece.length;
    if (left <= 0) return;
  }
  throw damaged(`${entry.name} is cut short`);
}

function inflate(packed: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const out = createInflateRaw({ chunkSize: 64 * 1024 });
  // Its errors come out of the iteration; the callback is only there because it must be.
  pipeline(Readable.from(packed, { objectMode: false }), out, () => {});
  return out;
}
