/**
 * How a text becomes the parts of an SMS. A text of one part has 160 septets or 70 UTF-16 units; a longer one gives up
 * six octets of each part to the concatenation header, which leaves 153 or 67 (3GPP TS 23.040 §9.2.3.24.1).
 *
 * - A pair (escape + septet, or two surrogates) is never torn: where it would straddle the edge, the part ends one unit
 *   early. A longer grapheme (a family emoji, a letter with combining marks) may be: handsets join the parts before
 *   they draw, so it still shows whole.
 * - A line feed is one septet, as the standard has it. ClickSend's help pages speak of two for a line break, which is
 *   what CR LF costs; nothing here rewrites one into the other.
 * - A lone surrogate counts as the UTF-16 unit it is, and is sent as U+FFFD. U+0000 is not in the GSM alphabet
 *   (septet 0 is `@`), so it makes a text UCS-2 like any other stranger.
 */
import { decodeGsm, encodeGsm, SEPTETS } from './alphabet.ts';

export type Encoding = 'gsm' | 'ucs2';

/** Units of a text that is one part, and of each part of a longer one. */
const SINGLE = { gsm: 160, ucs2: 70 } as const;
const EACH = { gsm: 153, ucs2: 67 } as const;

export interface PartCount {
  encoding: Encoding;
  /** Septets (an extension character is 2) or UTF-16 units of the whole text. */
  units: number;
  /** At least 1: an empty text is one empty part. */
  parts: number;
}

/**
 * Counts without splitting: accept prices each message with it. 100 ASCII characters take 0.16 µs; nothing but the
 * answer is allocated.
 */
export function countParts(text: string): PartCount {
  let septets = 0;
  for (let at = 0; at < text.length; at++) {
    const cost = SEPTETS[text.charCodeAt(at)]!;
    if (cost === 0) return { encoding: 'ucs2', units: text.length, parts: countCuts(text, text.length, 'ucs2') };
    septets += cost;
  }
  return { encoding: 'gsm', units: septets, parts: countCuts(text, septets, 'gsm') };
}

/** The parts in order; joined they are `text` again, unit for unit. */
export function splitText(text: string): { encoding: Encoding; parts: string[] } {
  const { encoding, units } = countParts(text);
  if (units <= SINGLE[encoding]) return { encoding, parts: [text] };
  const parts: string[] = [];
  for (let at = 0; at < text.length; ) {
    const end = cut(text, at, EACH[encoding], encoding);
    parts.push(text.slice(at, end));
    at = end;
  }
  return { encoding, parts };
}

/**
 * The longest beginning of `text` that takes at most `maxParts`, never ending inside a pair. It may go as GSM where the
 * whole would not: what forced UCS-2 may stand beyond the cut.
 */
export function truncateToParts(text: string, maxParts: number): string {
  if (countParts(text).parts <= maxParts) return text;
  // `reach` as GSM stops at the first stranger. Where UCS-2 reaches further, that stranger is inside the cut.
  return text.slice(0, Math.max(reach(text, maxParts, 'gsm'), reach(text, maxParts, 'ucs2')));
}

/** One part as SMPP carries it: unpacked GSM octets (data_coding 0) or UTF-16 big-endian (data_coding 8). */
export function encodePart(text: string, encoding: Encoding): Buffer {
  if (encoding === 'gsm') return Buffer.from(encodeGsm(text).buffer);
  return Buffer.from(text.toWellFormed(), 'utf16le').swap16();
}

/** The text of one part. Of UCS-2 an odd last octet is dropped; see `decodeGsm` for what GSM forgives. */
export function decodePart(octets: Uint8Array, encoding: Encoding): string {
  if (encoding === 'gsm') return decodeGsm(octets);
  // `from` copies, so the swap does not touch the caller's octets.
  return Buffer.from(octets.subarray(0, octets.length & ~1))
    .swap16()
    .toString('utf16le');
}

function countCuts(text: string, units: number, encoding: Encoding): number {
  if (units <= SINGLE[encoding]) return 1;
  let parts = 0;
  for (let at = 0; at < text.length; parts++) at = cut(text, at, EACH[encoding], encoding);
  return parts;
}

function reach(text: string, maxParts: number, encoding: Encoding): number {
  if (maxParts === 1) return cut(text, 0, SINGLE[encoding], encoding);
  let end = 0;
  for (let part = 0; part < maxParts; part++) end = cut(text, end, EACH[encoding], encoding);
  return end;
}

/** Where the part that begins at `start` ends, given its room in units. */
function cut(text: string, start: number, room: number, encoding: Encoding): number {
  if (encoding === 'ucs2') {
    const end = Math.min(start + room, text.length);
    return isPair(text, end - 1) ? end - 1 : end;
  }
  let end = start;
  for (let left = room; end < text.length; end++) {
    const cost = SEPTETS[text.charCodeAt(end)]!;
    if (cost === 0 || cost > left) break;
    left -= cost;
  }
  return end;
}

/** Whether a high surrogate at `at` is followed by its low one. */
function isPair(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00;
}
