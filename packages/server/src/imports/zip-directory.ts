import { fileFault, readRange, type SheetFile } from './sheet.ts';

/** One file in a ZIP, as the directory at its end names it. What it says of sizes is believed of nothing but where to look. */
export interface ZipEntry {
  name: string;
  method: number;
  crc: number;
  /** As stored. */
  packed: number;
  /** As it claims to be when unpacked. */
  size: number;
  /** Where its local header stands. */
  offset: number;
}

/** A workbook has some ten to a few hundred. */
const MOST_ENTRIES = 10_000;
const MOST_DIRECTORY_BYTES = 4 * 1024 * 1024;

const END = 0x06054b50;
const END_LENGTH = 22;
const MOST_COMMENT = 0xffff;
const END64_LOCATOR = 0x07064b50;
const END64_LOCATOR_LENGTH = 20;
const END64 = 0x06064b50;
const END64_LENGTH = 56;
const CENTRAL = 0x02014b50;
const CENTRAL_LENGTH = 46;
const ENCRYPTED = 1;
const ZIP64_EXTRA = 1;
const ELSEWHERE_16 = 0xffff;
const ELSEWHERE_32 = 0xffffffff;

export function damaged(what: string): Error {
  return fileFault(`The workbook is damaged (${what}): open it in a spreadsheet and save it again as .xlsx.`);
}

/**
 * The files of a ZIP (APPNOTE 6.3.9), read from the directory at its end.
 *
 * @throws Refusal for more of them than a workbook has, two of one name, or a password.
 */
export async function readDirectory(file: SheetFile): Promise<Map<string, ZipEntry>> {
  const { count, length, start } = await findDirectory(file);
  if (count > MOST_ENTRIES || length > MOST_DIRECTORY_BYTES) {
    throw fileFault(`This ZIP holds ${count.toLocaleString('en')} files, which no workbook does.`);
  }
  const directory = await readRange(file, start, length);
  if (directory.length < length) throw damaged('its directory is cut short');
  const entries = new Map<string, ZipEntry>();
  for (let at = 0, number = 0; number < count; number++) {
    const { entry, next } = readEntry(directory, at);
    const name = entry.name.toLowerCase();
    if (entries.has(name)) throw damaged(`it holds ${entry.name} twice`);
    entries.set(name, entry);
    at = next;
  }
  return entries;
}

interface Place {
  count: number;
  length: number;
  start: number;
}

async function findDirectory(file: SheetFile): Promise<Place> {
  const tailStart = Math.max(0, file.size - END_LENGTH - MOST_COMMENT - END64_LOCATOR_LENGTH);
  const tail = await readRange(file, tailStart, file.size - tailStart);
  for (let at = tail.length - END_LENGTH; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== END) continue;
    const count = tail.readUInt16LE(at + 10);
    const length = tail.readUInt32LE(at + 12);
    const start = tail.readUInt32LE(at + 16);
    const isElsewhere = count === ELSEWHERE_16 || length === ELSEWHERE_32 || start === ELSEWHERE_32;
    return isElsewhere ? await findDirectory64(file, tail, at - END64_LOCATOR_LENGTH) : { count, length, start };
  }
  throw damaged('its end is missing');
}

async function findDirectory64(file: SheetFile, tail: Buffer, at: number): Promise<Place> {
  if (at < 0 || tail.readUInt32LE(at) !== END64_LOCATOR) throw damaged('its directory is missing');
  const record = await readRange(file, read64(tail, at + 8), END64_LENGTH);
  if (record.length < END64_LENGTH || record.readUInt32LE(0) !== END64) throw damaged('its directory is missing');
  return { count: read64(record, 32), length: read64(record, 40), start: read64(record, 48) };
}

function readEntry(directory: Buffer, at: number): { entry: ZipEntry; next: number } {
  if (at + CENTRAL_LENGTH > directory.length || directory.readUInt32LE(at) !== CENTRAL) {
    throw damaged('its directory is cut short');
  }
  const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => directory.readUInt16LE(at + offset));
  const nameAt = at + CENTRAL_LENGTH;
  const extraAt = nameAt + nameLength!;
  const next = extraAt + extraLength! + commentLength!;
  if (next > directory.length) throw damaged('its directory is cut short');
  if (directory.readUInt16LE(at + 8) & ENCRYPTED) throw fileFault('This workbook has a password: save it without one.');
  const entry = {
    name: directory.toString('utf8', nameAt, extraAt).replaceAll('\\', '/'),
    method: directory.readUInt16LE(at + 10),
    crc: directory.readUInt32LE(at + 16),
    packed: directory.readUInt32LE(at + 20),
    size: directory.readUInt32LE(at + 24),
    offset: directory.readUInt32LE(at + 42),
  };
  return { entry: withWideSizes(entry, directory.subarray(extraAt, extraAt + extraLength!)), next };
}

/** Sizes of four bytes that overflow stand as eight in an extra field, in this order and only those. */
function withWideSizes(entry: ZipEntry, extra: Buffer): ZipEntry {
  const wide = (['size', 'packed', 'offset'] as const).filter((field) => entry[field] === ELSEWHERE_32);
  if (wide.length === 0) return entry;
  const found = { ...entry };
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== ZIP64_EXTRA) continue;
    const end = Math.min(extra.length, at + 4 + extra.readUInt16LE(at + 2));
    for (const [order, field] of wide.entries()) {
      if (at + 12 + order * 8 > end) throw damaged('its sizes are missing');
      found[field] = read64(extra, at + 4 + order * 8);
    }
  }
  return found;
}

function read64(bytes: Buffer, at: number): number {
  const value = bytes.readBigUInt64LE(at);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw damaged('its sizes are impossible');
  return Number(value);
}
