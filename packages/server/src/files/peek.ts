/**
 * The first bytes of a stream, and the stream with nothing missing. `rest` must be read, or the source is left open.
 *
 * @param length at least so many are waited for, unless there are fewer.
 */
export async function peek(
  source: AsyncIterable<Uint8Array>,
  length: number,
): Promise<{ head: Buffer; rest: AsyncIterable<Uint8Array> }> {
  const pieces = source[Symbol.asyncIterator]();
  const seen: Uint8Array[] = [];
  let bytes = 0;
  while (bytes < length) {
    const next = await pieces.next();
    if (next.done) break;
    seen.push(next.value);
    bytes += next.value.length;
  }
  const head = Buffer.concat(seen, bytes);
  return { head, rest: goOn(head, pieces) };
}

async function* goOn(head: Buffer, pieces: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (head.length > 0) yield head;
    for (;;) {
      const next = await pieces.next();
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await pieces.return?.();
  }
}
