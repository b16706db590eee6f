/** A multiple of 4 characters: about 192 kB of the file at once, so that a large one holds nobody up. */
const SLICE = 262_144;
const DIGITS = /^[A-Za-z0-9+/_-]*={0,2}$/;

export class NotBase64 extends Error {}

/**
 * The bytes of a base64 text, piece by piece: either alphabet, with or without padding, broken into lines or not, and
 * with the prefix of a data: URL, which is what a browser's FileReader gives.
 *
 * @throws NotBase64 on reaching what is none.
 */
export async function* decodeBase64(text: string): AsyncGenerator<Buffer> {
  let at = text.startsWith('data:') ? text.indexOf(',') + 1 : 0;
  let carried = '';
  let ended = false;
  while (at < text.length) {
    const slice = carried + text.slice(at, at + SLICE).replace(/\s+/g, '');
    at += SLICE;
    const whole = at >= text.length ? slice.length : slice.length - (slice.length % 4);
    const digits = slice.slice(0, whole);
    carried = slice.slice(whole);
    if (digits === '') continue;
    if (ended || !DIGITS.test(digits)) throw new NotBase64();
    const padding = digits.indexOf('=');
    ended = padding !== -1;
    // One digit alone is no byte, and only 2 or 3 of a group are padded.
    const last = (ended ? padding : digits.length) % 4;
    if (last === 1 || (ended && last === 0)) throw new NotBase64();
    yield Buffer.from(digits, 'base64');
  }
}
