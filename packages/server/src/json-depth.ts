const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Whether JSON nests deeper than so many levels. Counted on the bytes before anything is built of them (about 1 ns a byte):
 * what nests 100,000 deep would run whoever walks it out of stack.
 */
export function nestsDeeper(json: Buffer, limit: number): boolean {
  let depth = 0;
  for (let i = 0; i < json.length; i++) {
    const byte = json[i]!;
    if (byte === QUOTE) {
      i = endOfString(json, i + 1);
    } else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > limit) return true;
    } else if (byte === 0x5d || byte === 0x7d) {
      depth -= 1;
    }
  }
  return false;
}

/** Where a string ends: the next quote that no odd run of backslashes escapes. */
function endOfString(json: Buffer, from: number): number {
  for (let i = json.indexOf(QUOTE, from); i !== -1; i = json.indexOf(QUOTE, i + 1)) {
    let slashes = 0;
    while (i - 1 - slashes >= from && json[i - 1 - slashes] === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return i;
  }
  return json.length;
}
