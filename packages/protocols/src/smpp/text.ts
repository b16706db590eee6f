import { decodePart } from '../gsm/parts.ts';
import type { ShortMessage } from './pdu.ts';
import { TAG, type Tlv, tlvBytes, tlvNumber } from './tlv.ts';

/** What data_coding 0, "the centre's default alphabet", means at a centre. */
export type DefaultAlphabet = 'gsm' | 'latin1' | 'ascii';

/** Where a part stands in a longer text. */
export interface Join {
  readonly reference: number;
  /** 1-based. */
  readonly number: number;
  readonly of: number;
}

export interface ReadText {
  readonly body: string;
  /** Null where the text is one part. */
  readonly join: Join | null;
}

/** esm_class bit: a user data header leads the text. */
export const UDHI = 0x40;

const UNDERSTOOD = { ascii: 1, latin1: 3, ucs2: 8 } as const;

/** The text of a message from its short_message or message_payload, whatever its coding and its way of being split. */
export function readText(
  message: Pick<ShortMessage, 'esmClass' | 'dataCoding' | 'tlvs' | 'shortMessage'>,
  alphabet: DefaultAlphabet = 'gsm',
): ReadText {
  const octets = tlvBytes(message.tlvs, TAG.message_payload) ?? message.shortMessage;
  const header = (message.esmClass & UDHI) === 0 ? null : octets.subarray(0, (octets[0] ?? 0) + 1);
  const text = header ? octets.subarray(header.length) : octets;
  return {
    body: decode(text, message.dataCoding, alphabet),
    join: sensible(header ? joinByHeader(header) : joinBySar(message.tlvs)),
  };
}

function decode(octets: Uint8Array, dataCoding: number, alphabet: DefaultAlphabet): string {
  if (dataCoding === UNDERSTOOD.ucs2) return decodePart(octets, 'ucs2');
  const single = dataCoding === UNDERSTOOD.latin1 || dataCoding === UNDERSTOOD.ascii || alphabet !== 'gsm';
  return single ? Buffer.from(octets).toString('latin1') : decodePart(octets, 'gsm');
}

/** A part 3 of 2, or of none, is a text of its own: whoever joins parts may rely on 1 ≤ number ≤ of. */
function sensible(join: Join | null): Join | null {
  return join !== null && join.of > 1 && join.number >= 1 && join.number <= join.of ? join : null;
}

/** Information elements 0x00 (reference of one octet) and 0x08 (of two), 3GPP TS 23.040 §9.2.3.24. */
function joinByHeader(header: Uint8Array): Join | null {
  for (let at = 1; at + 1 < header.length; at += 2 + header[at + 1]!) {
    const value = header.subarray(at + 2, at + 2 + header[at + 1]!);
    if (header[at] === 0x00 && value.length === 3) return { reference: value[0]!, of: value[1]!, number: value[2]! };
    if (header[at] === 0x08 && value.length === 4) {
      return { reference: (value[0]! << 8) | value[1]!, of: value[2]!, number: value[3]! };
    }
  }
  return null;
}

function joinBySar(tlvs: readonly Tlv[]): Join | null {
  const reference = tlvNumber(tlvs, TAG.sar_msg_ref_num);
  const of = tlvNumber(tlvs, TAG.sar_total_segments);
  const number = tlvNumber(tlvs, TAG.sar_segment_seqnum);
  return reference === null || of === null || number === null ? null : { reference, of, number };
}
