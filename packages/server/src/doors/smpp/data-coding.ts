const GSM = 0;
const ASCII = 1;
const LATIN_1 = 3;
const UCS_2 = 8;

/** Alphabet by bits 3 and 2 of the groups that have a message class (3GPP TS 23.038 §4); the others are octets. */
const BY_BITS: Readonly<Record<number, number>> = { 0: GSM, 8: UCS_2 };

/**
 * The data_coding to read a text with: SMPP's own values, and those of GSM with a message class (flash), which is not kept.
 * Null for octets that are no text, and for alphabets that are not read.
 */
export function knownCoding(dataCoding: number): number | null {
  if ([GSM, ASCII, LATIN_1, UCS_2].includes(dataCoding)) return dataCoding;
  // 0001 xxxx: uncompressed, with a class.
  if ((dataCoding & 0xf0) === 0x10) return BY_BITS[dataCoding & 0x0c] ?? null;
  // 1111 0xcc: the default alphabet, with a class.
  return (dataCoding & 0xfc) === 0xf0 ? GSM : null;
}
