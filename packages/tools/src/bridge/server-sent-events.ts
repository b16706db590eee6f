import { LARGEST, tooLarge } from './no-answer.ts';

/**
 * The data of each server-sent event, as it comes. Comments and everything but `data` are of no use here.
 * @throws NoAnswer where one is too large to be kept.
 */
export async function* eventsOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  /** A line whose end has not come yet. */
  let begun = '';
  let data: string[] = [];
  let kept = 0;
  /** The first half of CR LF, or the whole end of a line: what comes next tells. */
  let held = '';
  for await (const chunk of source) {
    const text = held + decoder.decode(chunk, { stream: true });
    held = text.endsWith('\r') ? '\r' : '';
    const [first = '', ...rest] = text.slice(0, text.length - held.length).split(/\r\n|\n|\r/);
    begun += first;
    for (const next of rest) {
      const line = begun;
      begun = next;
      if (line.startsWith('data:')) {
        data.push(line.slice(line[5] === ' ' ? 6 : 5));
        kept += line.length;
      }
      if (kept > LARGEST) throw tooLarge();
      if (line !== '' || data.length === 0) continue;
      yield data.join('\n');
      data = [];
      kept = 0;
    }
    if (kept + begun.length > LARGEST) throw tooLarge();
  }
}
