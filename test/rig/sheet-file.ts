/** Bytes as a stored file, read in pieces of any size. */
export function sheetFile(bytes: Buffer | string, piece = 64 * 1024) {
  const whole = Buffer.from(bytes);
  return {
    size: whole.length,
    async *read(from = 0): AsyncIterable<Buffer> {
      for (let at = from; at < whole.length; at += piece) yield whole.subarray(at, at + piece);
    },
  };
}
