import { Refusal } from '../refusal.ts';

/** No body of this API nests deeper than a handful; a hostile one nests 100,000 deep. */
const DEPTH_LIMIT = 64;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Reads a JSON body. The depth is counted on the bytes before anything is built of them (about 1 ns a byte). An empty body
 * is none: several official clients send JSON content types on calls without a body.
 */
export function readJson(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  if (tooDeep(body)) throw new Refusal('bad-request', `The body nests deeper than ${DEPTH_LIMIT} levels.`);
  const text = body.toString('utf8');
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Refusal('bad-request', `The body is not valid JSON: ${(error as Error).message}`);
  }
}

function tooDeep(body: Buffer): boolean {
  let depth = 0;
  for (let i = 0; i < body.length; i++) {
    const byte = body[i]!;
    if (byte === QUOTE) {
      i = endOfString(body, i + 1);
    } else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > DEPTH_LIMIT) return true;
    } else if (byte === 0x5d || byte === 0x7d) {
      depth -= 1;
    }
  }
  return false;
}

/** Where a string ends: the next quote that no odd run of backslashes escapes. */
function endOfString(body: Buffer, from: number): number {
  for (let i = body.indexOf(QUOTE, from); i !== -1; i = body.indexOf(QUOTE, i + 1)) {
    let slashes = 0;
    while (i - 1 - slashes >= from && body[i - 1 - slashes] === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return i;
  }
  return body.length;
}
