import { Refusal } from '../refusal.ts';
import type { Deadlines } from './deadlines.ts';
import { isBug, urlFault } from './faults.ts';

export interface BodyLimits {
  maxBytes: number;
  field: string;
  times: Deadlines;
}

/**
 * The pieces of an answer, no more than `maxBytes` of them. What the other side announces can only refuse it sooner.
 *
 * @throws Refusal at once for one that is announced as too large; later, from the iteration, for one that is.
 */
export function readBody(
  source: AsyncIterable<Uint8Array>,
  announced: number,
  limits: BodyLimits,
): AsyncIterable<Uint8Array> {
  if (announced > limits.maxBytes) throw tooLarge(limits);
  return counted(source, limits);
}

async function* counted(source: AsyncIterable<Uint8Array>, limits: BodyLimits): AsyncGenerator<Uint8Array> {
  const { times, field } = limits;
  const pieces = source[Symbol.asyncIterator]();
  let bytes = 0;
  try {
    for (;;) {
      times.expectBytes();
      const next = await times.within(pieces.next());
      times.expectNothing();
      if (next.done) return;
      bytes += next.value.length;
      if (bytes > limits.maxBytes) throw tooLarge(limits);
      yield next.value;
    }
  } catch (error) {
    if (error instanceof Refusal || isBug(error)) throw error;
    throw urlFault(field, `${field}: ${times.late() ?? 'the connection broke off before the file was complete.'}`);
  } finally {
    times.stop();
  }
}

function tooLarge({ field, maxBytes }: BodyLimits): Refusal {
  return urlFault(field, `${field} leads to a file of more than ${shownBytes(maxBytes)}.`);
}

/** In the largest unit that leaves a whole number. */
export function shownBytes(bytes: number): string {
  if (bytes % 1_048_576 === 0) return `${bytes / 1_048_576} MB`;
  return bytes % 1_024 === 0 ? `${bytes / 1_024} kB` : `${bytes} bytes`;
}
