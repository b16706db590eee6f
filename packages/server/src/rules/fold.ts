/**
 * A text as rules compare it: wide letters are plain ones, capitals and small letters the same, ß is ss, and of the Turkish
 * letters i, dotted or not, each is the other. (JavaScript has no case folding: down, up and down again does what it would.)
 */
export function fold(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .replaceAll('i\u0307', 'i')
    .replaceAll('\u0131', 'i')
    .replaceAll('\u03c2', '\u03c3')
    .normalize('NFKC');
}

/** Blanks, and what shows nothing: handsets and keyboards put either in front. */
const LEADING = /^[\s\p{Cf}]+/u;

export const withoutLead = (text: string): string => text.replace(LEADING, '');

/** Where in `text` that ends which `length` characters of its folded form are made of. */
export function unfoldedLength(text: string, length: number): number {
  let [low, high] = [0, text.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (fold(text.slice(0, middle)).length < length) low = middle + 1;
    else high = middle;
  }
  return low;
}
