/**
 * The GSM 7-bit default alphabet and its extension table (3GPP TS 23.038 §6.2.1 and §6.2.1.1).
 *
 * Octets here are *unpacked*: one septet an octet, top bit clear, the form SMPP carries under data_coding 0.
 */

/** Position in the string = septet. Position 0x1b is the escape, which stands for no character. */
const BASIC =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ' +
  ' !"#¤%&\'()*+,-./0123456789:;<=>?' +
  '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§' +
  '¿abcdefghijklmnopqrstuvwxyzäöñüà';

/** Septet after the escape → character. */
const EXTENSION: ReadonlyMap<number, string> = new Map([
  [0x0a, '\f'],
  [0x14, '^'],
  [0x28, '{'],
  [0x29, '}'],
  [0x2f, '\\'],
  [0x3c, '['],
  [0x3d, '~'],
  [0x3e, ']'],
  [0x40, '|'],
  [0x65, '€'],
]);

const ESCAPE = 0x1b;
const REPLACEMENT = '\ufffd';

/**
 * Septets a UTF-16 code unit costs: 1 or 2, and 0 for what the alphabet lacks. A flat 64 KiB table, because
 * `charCodeAt` can never leave it: no bounds to test and no map to hash, 0.16 µs for 100 characters.
 */
export const SEPTETS: Uint8Array = new Uint8Array(0x10000);

/** UTF-16 code unit → septet; meaningful only where SEPTETS says 1 or 2. */
const SEPTET_OF = new Uint8Array(0x10000);

for (let septet = 0; septet < BASIC.length; septet++) {
  if (septet === ESCAPE) continue;
  SEPTETS[BASIC.charCodeAt(septet)] = 1;
  SEPTET_OF[BASIC.charCodeAt(septet)] = septet;
}
for (const [septet, character] of EXTENSION) {
  SEPTETS[character.charCodeAt(0)] = 2;
  SEPTET_OF[character.charCodeAt(0)] = septet;
}

/** Whether every character of `text` is in the alphabet or its extension, so that it need not go as UCS-2. */
export function fits(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    if (SEPTETS[text.charCodeAt(at)] === 0) return false;
  }
  return true;
}

/**
 * `text` as unpacked octets, an extension character as escape + septet. A character the alphabet lacks becomes `?`:
 * callers ask `fits` first.
 */
export function encodeGsm(text: string): Uint8Array<ArrayBuffer> {
  // Two octets a character is the most there can be.
  const octets = new Uint8Array(text.length * 2);
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const cost = SEPTETS[code];
    if (cost === 2) octets[length++] = ESCAPE;
    octets[length++] = cost === 0 ? 0x3f : SEPTET_OF[code]!;
  }
  return octets.slice(0, length);
}

/**
 * Text of unpacked octets, for what comes in from the network, so it refuses nothing. An escape before a septet the
 * extension table lacks shows the basic character (§6.2.1.1 note); a doubled or trailing escape is a space (§6.2.1
 * note 1); an octet with its top bit set is U+FFFD.
 */
export function decodeGsm(octets: Uint8Array): string {
  let text = '';
  for (let at = 0; at < octets.length; at++) {
    const octet = octets[at]!;
    if (octet !== ESCAPE) {
      text += BASIC[octet] ?? REPLACEMENT;
      continue;
    }
    const next = octets[++at] ?? ESCAPE;
    text += next === ESCAPE ? ' ' : (EXTENSION.get(next) ?? BASIC[next] ?? REPLACEMENT);
  }
  return text;
}
