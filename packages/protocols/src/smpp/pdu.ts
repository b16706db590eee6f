import type { Tlv } from './tlv.ts';

/** What every PDU carries: `sequence` ties an answer to its request, `status` is 0 in requests. */
export interface PduHead {
  readonly sequence: number;
  readonly status: number;
}

export type BindMode = 'receiver' | 'transmitter' | 'transceiver';

export interface BindFields {
  readonly systemId: string;
  readonly password: string;
  readonly systemType: string;
  /** 0x34 for SMPP 3.4. */
  readonly interfaceVersion: number;
  readonly addressTon: number;
  readonly addressNpi: number;
  readonly addressRange: string;
}

/** The body that submit_sm and deliver_sm share (SMPP 3.4 §4.4.1, §4.6.1). */
export interface ShortMessage {
  readonly serviceType: string;
  readonly sourceTon: number;
  readonly sourceNpi: number;
  readonly source: string;
  readonly destinationTon: number;
  readonly destinationNpi: number;
  readonly destination: string;
  readonly esmClass: number;
  readonly protocolId: number;
  readonly priority: number;
  /** SMPP time text, empty = now. */
  readonly scheduleDelivery: string;
  /** SMPP time text, empty = the centre's default. */
  readonly validityPeriod: string;
  readonly registeredDelivery: number;
  readonly replaceIfPresent: number;
  readonly dataCoding: number;
  readonly defaultMessageId: number;
  /** At most 254 octets, user data header included; the rest travels in message_payload. */
  readonly shortMessage: Uint8Array;
  readonly tlvs: readonly Tlv[];
}

export interface DataFields {
  readonly serviceType: string;
  readonly sourceTon: number;
  readonly sourceNpi: number;
  readonly source: string;
  readonly destinationTon: number;
  readonly destinationNpi: number;
  readonly destination: string;
  readonly esmClass: number;
  readonly registeredDelivery: number;
  readonly dataCoding: number;
  readonly tlvs: readonly Tlv[];
}

export interface BindPdu extends PduHead, BindFields {
  readonly command: 'bind_receiver' | 'bind_transmitter' | 'bind_transceiver';
}
export interface BindResponsePdu extends PduHead {
  readonly command: 'bind_receiver_resp' | 'bind_transmitter_resp' | 'bind_transceiver_resp';
  readonly systemId: string;
  readonly tlvs: readonly Tlv[];
}
/** `shortMessage` of a decoded PDU is a view of the chunk it came in: copy it to keep it. */
export interface MessagePdu extends PduHead, ShortMessage {
  readonly command: 'submit_sm' | 'deliver_sm';
}
export interface DataPdu extends PduHead, DataFields {
  readonly command: 'data_sm';
}
export interface MessageResponsePdu extends PduHead {
  readonly command: 'submit_sm_resp' | 'deliver_sm_resp' | 'data_sm_resp';
  /** Empty where the peer left it out, as it may when it refuses. */
  readonly messageId: string;
  readonly tlvs: readonly Tlv[];
}
export interface QueryPdu extends PduHead {
  readonly command: 'query_sm';
  readonly messageId: string;
  readonly sourceTon: number;
  readonly sourceNpi: number;
  readonly source: string;
}
export interface QueryResponsePdu extends PduHead {
  readonly command: 'query_sm_resp';
  readonly messageId: string;
  readonly finalDate: string;
  readonly messageState: number;
  readonly errorCode: number;
}
export interface PlainPdu extends PduHead {
  readonly command: 'unbind' | 'unbind_resp' | 'enquire_link' | 'enquire_link_resp' | 'generic_nack';
}

export type Pdu =
  | BindPdu
  | BindResponsePdu
  | MessagePdu
  | DataPdu
  | MessageResponsePdu
  | QueryPdu
  | QueryResponsePdu
  | PlainPdu;

/** A whole frame that is no PDU we can read. A value, never an exception; `status` is what to nack it with. */
export interface MalformedPdu extends PduHead {
  readonly command: 'malformed';
  readonly commandId: number;
  readonly why: string;
}

/** Most octets of each C-octet string, its NUL included. */
export const MOST_OCTETS = {
  // SMPP says 16 and 9; carriers do hand out longer credentials, and a bind refused here would be our fault, not theirs.
  systemId: 65,
  password: 65,
  systemType: 13,
  addressRange: 41,
  serviceType: 6,
  address: 21,
  time: 17,
  messageId: 65,
} as const;

/** A PDU is a header of 16 octets and a body; 64 KiB holds the largest message_payload. */
export const LEAST_LENGTH = 16;
export const MOST_LENGTH = 65_536;
