/** Rows of 256 kB: few enough for a file of 64 MB, small enough to hold. */
export const CHUNK_BYTES = 256 * 1024;

/** The same bytes in pieces of exactly `size`, but for the last. Holds one of them, and what came last. */
export async function* inChunks(source: AsyncIterable<Uint8Array>, size = CHUNK_BYTES): AsyncGenerator<Buffer> {
  let held: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of source) {
    held.push(piece);
    bytes += piece.length;
    if (bytes < size) continue;
    const all = Buffer.concat(held, bytes);
    let at = 0;
    for (; bytes - at >= size; at += size) yield all.subarray(at, at + size);
    held = at < bytes ? [all.subarray(at)] : [];
    bytes -= at;
  }
  if (bytes > 0) yield Buffer.concat(held, bytes);
}
