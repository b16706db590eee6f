import { crc32, deflateRawSync } from 'node:zlib';

/** One file to be put into a ZIP; what it says of itself may be made to differ from what it is. */
export interface ZipPart {
  name: string;
  data: string | Buffer;
  /** Not packed. */
  stored?: boolean;
  lies?: { size?: number; packed?: number; crc?: number; offset?: number };
  flags?: number;
}

/** Writes a ZIP (APPNOTE 6.3.9) by hand, so that tests can write broken and hostile ones. */
export function zip(parts: readonly ZipPart[], end: { count?: number; comment?: string } = {}): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, data, stored = false, lies = {}, flags = 0 } of parts) {
    const bytes = Buffer.from(data);
    const packed = stored ? bytes : deflateRawSync(bytes);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(flags, 2);
    fields.writeUInt16LE(stored ? 0 : 8, 4);
    fields.writeUInt32LE(lies.crc ?? crc32(bytes), 10);
    fields.writeUInt32LE(lies.packed ?? packed.length, 14);
    fields.writeUInt32LE(lies.size ?? bytes.length, 18);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, Buffer.from(name), packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(lies.offset ?? offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), fields, rest, Buffer.from(name));
    files.push(local);
    offset += local.length;
  }
  const length = directory.reduce((sum, piece) => sum + piece.length, 0);
  const comment = Buffer.from(end.comment ?? '');
  const tail = Buffer.alloc(18);
  tail.writeUInt16LE(end.count ?? parts.length, 4);
  tail.writeUInt16LE(end.count ?? parts.length, 6);
  tail.writeUInt32LE(length, 8);
  tail.writeUInt32LE(offset, 12);
  tail.writeUInt16LE(comment.length, 16);
  return Buffer.concat([...files, ...directory, Buffer.from('PK\x05\x06', 'latin1'), tail, comment]);
}
