import type { IncomingMessage } from '@veredus/protocols/smpp/ending';
import { STATUS, type StatusName } from '@veredus/protocols/smpp/status';
import { type Join, readText, UDHI } from '@veredus/protocols/smpp/text';
import { readTime } from '@veredus/protocols/smpp/time';
import { TAG, tlvBytes, tlvNumber } from '@veredus/protocols/smpp/tlv';
import { normaliseRecipient } from '../../numbers/numbers.ts';
import { knownCoding } from './data-coding.ts';

/** A submit as the platform takes it, or the status it is refused with. */
export interface ReadSubmit {
  to: string;
  from: string;
  body: string;
  /** Null where the text is whole. */
  join: Join | null;
  /** Unix seconds; null = now. */
  schedule: number | null;
  /** How long it may wait from when it is due; null = as long as any. */
  validityMs: number | null;
  /** Which receipts it asks for: none, all, failures, successes. */
  registered: number;
  /** As written, for its receipt. */
  source: string;
  destination: string;
}

/** esm_class bits 5–2: a message may be said to be a receipt or an answer of a handset, which no ESME has to give. */
const MESSAGE_TYPE = 0x3c;
const TON = { international: 1, alphanumeric: 5 } as const;

/** Reads a submit_sm or data_sm for an account of `country`. Its text is copied out of the PDU. */
export function readSubmit(message: IncomingMessage, country: string, now: number): ReadSubmit | number {
  const fault = faultOf(message);
  if (fault !== null) return STATUS[fault];
  const dataCoding = knownCoding(message.dataCoding);
  if (dataCoding === null) return STATUS.ESME_RSUBMITFAIL;
  const times = timesOf(message, now);
  if (typeof times === 'number') return times;
  const shortMessage = message.command === 'data_sm' ? NOTHING : message.shortMessage;
  const { body, join } = readText({ ...message, shortMessage, dataCoding });
  return {
    to: numberOf(message.destination, message.destinationTon, country),
    from: senderOf(message.source, message.sourceTon, country),
    body,
    join,
    ...times,
    registered: message.registeredDelivery & 3,
    source: message.source,
    destination: message.destination,
  };
}

const NOTHING = Buffer.alloc(0);

/** What makes a submit something else than a text for a person, or one that cannot be read. */
function faultOf(message: IncomingMessage): StatusName | null {
  if ((message.esmClass & MESSAGE_TYPE) !== 0) return 'ESME_RINVESMCLASS';
  // To a port, so for a program on the handset.
  if (tlvBytes(message.tlvs, TAG.destination_port) !== null) return 'ESME_ROPTPARNOTALLWD';
  const payload = tlvBytes(message.tlvs, TAG.message_payload);
  const short = message.command === 'data_sm' ? NOTHING : message.shortMessage;
  // Two texts, and no telling which is meant.
  if (payload !== null && short.length > 0) return 'ESME_ROPTPARNOTALLWD';
  if (message.command !== 'data_sm' && message.defaultMessageId !== 0) return 'ESME_RINVDFTMSGID';
  return (message.esmClass & UDHI) === 0 ? null : headerFault(payload ?? short);
}

/** Information elements 0x04 and 0x05: ports of one octet and of two (3GPP TS 23.040 §9.2.3.24). */
const PORTS = new Set([0x04, 0x05]);

function headerFault(octets: Uint8Array): StatusName | null {
  const length = (octets[0] ?? 0) + 1;
  if (length < 2 || length > octets.length) return 'ESME_RINVMSGLEN';
  for (let at = 1; at + 1 < length; at += 2 + octets[at + 1]!) if (PORTS.has(octets[at]!)) return 'ESME_RINVESMCLASS';
  return null;
}

/** When it is due, and until when it is worth sending. A validity counts from now, ours from when it is due. */
function timesOf(message: IncomingMessage, now: number): Pick<ReadSubmit, 'schedule' | 'validityMs'> | number {
  if (message.command === 'data_sm') {
    const seconds = tlvNumber(message.tlvs, TAG.qos_time_to_live);
    if (seconds === 0) return STATUS.ESME_RINVEXPIRY;
    return { schedule: null, validityMs: seconds === null ? null : seconds * 1000 };
  }
  const at = message.scheduleDelivery === '' ? now : readTime(message.scheduleDelivery, now);
  if (at === null) return STATUS.ESME_RINVSCHED;
  // Rounded up: never early.
  const schedule = at > now ? Math.ceil(at / 1000) : null;
  if (message.validityPeriod === '') return { schedule, validityMs: null };
  const until = readTime(message.validityPeriod, now);
  if (until === null) return STATUS.ESME_RINVEXPIRY;
  // To the second, so that texts with the same validity share a commit.
  const validityMs = Math.floor((until - Math.max(at, now)) / 1000) * 1000;
  return validityMs > 0 ? { schedule, validityMs } : STATUS.ESME_RINVEXPIRY;
}

const DIGITS = /^\+?\d+$/;

/**
 * A number in the form the platform reads: international by its type, else first as one of the account's country and then
 * as international, because many clients leave the type unset.
 */
function numberOf(address: string, ton: number, country: string): string {
  if (!DIGITS.test(address) || address.startsWith('+')) return address;
  const international = `+${address.replace(/^00/, '')}`;
  if (ton === TON.international) return international;
  return (normaliseRecipient(address, country) ?? normaliseRecipient(international, country))?.e164 ?? address;
}

/** Empty = the account's usual sender; letters are a tag, whatever type they were given. */
function senderOf(source: string, ton: number, country: string): string {
  return ton === TON.alphanumeric ? source : numberOf(source, ton, country);
}
