/** No message comes near it; whoever sends more sends no messages. */
const LONGEST = 16 * 1024 * 1024;

/** Bytes as lines of text, each whole; null stands for a line that is too long to be kept. */
export async function* linesOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<string | null> {
  const decoder = new TextDecoder();
  let begun = '';
  let dropping = false;
  for await (const chunk of source) {
    const [first = '', ...rest] = decoder.decode(chunk, { stream: true }).split('\n');
    if (!dropping) begun += first;
    for (const next of rest) {
      yield dropping ? null : begun;
      dropping = false;
      begun = next;
    }
    if (begun.length > LONGEST) {
      dropping = true;
      begun = '';
    }
  }
  begun += decoder.decode();
  if (dropping) yield null;
  else if (begun !== '') yield begun;
}
