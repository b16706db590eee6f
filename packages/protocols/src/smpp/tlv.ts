/** Tags of SMPP 3.4 §5.3.2 that this product reads or writes, under the specification's names. Others pass through by number. */
export const TAG = {
  source_subaddress: 0x0202,
  dest_subaddress: 0x0203,
  payload_type: 0x0019,
  receipted_message_id: 0x001e,
  qos_time_to_live: 0x0017,
  privacy_indicator: 0x0201,
  user_message_reference: 0x0204,
  user_response_code: 0x0205,
  source_port: 0x020a,
  destination_port: 0x020b,
  sar_msg_ref_num: 0x020c,
  language_indicator: 0x020d,
  sar_total_segments: 0x020e,
  sar_segment_seqnum: 0x020f,
  sc_interface_version: 0x0210,
  callback_num: 0x0381,
  network_error_code: 0x0423,
  message_payload: 0x0424,
  delivery_failure_reason: 0x0425,
  more_messages_to_send: 0x0426,
  message_state: 0x0427,
} as const;

/** An optional parameter: its tag and its bytes, not interpreted. */
export interface Tlv {
  readonly tag: number;
  readonly value: Uint8Array;
}

/** Shared by every PDU that has none: most, and an array each would be the largest cost of decoding them. */
export const NO_TLVS: readonly Tlv[] = Object.freeze([]);

/** The bytes of the first TLV with this tag; null when there is none. */
export function tlvBytes(tlvs: readonly Tlv[], tag: number): Uint8Array | null {
  for (const tlv of tlvs) if (tlv.tag === tag) return tlv.value;
  return null;
}

/** An unsigned big-endian integer of 1 to 4 bytes; null when absent or of another length. */
export function tlvNumber(tlvs: readonly Tlv[], tag: number): number | null {
  const value = tlvBytes(tlvs, tag);
  if (value === null || value.length < 1 || value.length > 4) return null;
  let number = 0;
  for (const octet of value) number = number * 256 + octet;
  return number;
}

/** Latin-1 text up to its first NUL: some centres terminate octet strings, some do not. */
export function tlvText(tlvs: readonly Tlv[], tag: number): string | null {
  const value = tlvBytes(tlvs, tag);
  if (value === null) return null;
  const end = value.indexOf(0);
  return Buffer.from(value.buffer, value.byteOffset, end < 0 ? value.length : end).toString('latin1');
}

export function numberTlv(tag: number, number: number, octets: 1 | 2 | 4): Tlv {
  const value = Buffer.allocUnsafe(octets);
  value.writeUIntBE(number, 0, octets);
  return { tag, value };
}

/** A C-octet string: the NUL belongs to it (SMPP 3.4 §5.3.2.12 for receipted_message_id). */
export function textTlv(tag: number, text: string): Tlv {
  return { tag, value: Buffer.from(`${text}\0`, 'latin1') };
}
