import { COMMAND_NAME, type CommandName } from './command.ts';
import { type MalformedPdu, type MessagePdu, MOST_OCTETS, type Pdu } from './pdu.ts';
import { STATUS } from './status.ts';
import { NO_TLVS, type Tlv } from './tlv.ts';

/**
 * Reads fields in order. The first fault stays; every later read answers nothing, so a decoder reads straight through
 * and asks once at the end.
 */
class Reader {
  why: string | null = null;
  status = 0;
  private readonly bytes: Buffer;
  private at: number;
  private readonly end: number;

  constructor(bytes: Buffer, at: number, end: number) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  get empty(): boolean {
    return this.at >= this.end;
  }

  fail(why: string, status: number): void {
    if (this.why !== null) return;
    this.why = why;
    this.status = status;
    this.at = this.end;
  }

  octet(): number {
    if (this.at < this.end) return this.bytes[this.at++]!;
    this.fail('the body ends before its last field', STATUS.ESME_RINVCMDLEN);
    return 0;
  }

  /** A NUL-terminated string of at most `most` octets, the NUL included. The fields are short: a loop beats indexOf here. */
  text(most: number, field: string, status: number): string {
    const { bytes, at, end } = this;
    const stop = at + most < end ? at + most : end;
    for (let i = at; i < stop; i++) {
      if (bytes[i] !== 0) continue;
      this.at = i + 1;
      return i === at ? '' : bytes.toString('latin1', at, i);
    }
    this.fail(`${field} is ${stop < end || at + most === end ? `longer than ${most - 1}` : 'not terminated'}`, status);
    return '';
  }

  shortMessage(): Buffer {
    const length = this.octet();
    if (length > this.end - this.at) this.fail('sm_length runs beyond the PDU', STATUS.ESME_RINVMSGLEN);
    if (this.why !== null) return EMPTY;
    const start = this.at;
    this.at += length;
    return this.bytes.subarray(start, this.at);
  }

  tlvs(): readonly Tlv[] {
    if (this.at >= this.end) return NO_TLVS;
    const tlvs: Tlv[] = [];
    while (this.at < this.end) {
      if (this.end - this.at < 4) this.fail('an optional parameter is cut short', STATUS.ESME_RINVOPTPARSTREAM);
      if (this.why !== null) break;
      const tag = this.bytes.readUInt16BE(this.at);
      const length = this.bytes.readUInt16BE(this.at + 2);
      const start = this.at + 4;
      if (length > this.end - start) {
        this.fail(`optional parameter 0x${tag.toString(16)} runs beyond the PDU`, STATUS.ESME_RINVPARLEN);
        break;
      }
      this.at = start + length;
      tlvs.push({ tag, value: this.bytes.subarray(start, this.at) });
    }
    return tlvs;
  }
}

const EMPTY = Buffer.alloc(0);

/**
 * Reads the one PDU that fills `bytes[start, end)`, whose length the framer has checked. Strict: what does not fit the
 * specification's limits comes back as `malformed` with the status to nack it with. Never throws.
 */
export function decode(bytes: Buffer, start: number, end: number): Pdu | MalformedPdu {
  const commandId = bytes.readUInt32BE(start + 4);
  const status = bytes.readUInt32BE(start + 8);
  const sequence = bytes.readUInt32BE(start + 12);
  const command = COMMAND_NAME.get(commandId);
  if (command === undefined) {
    const why = `command 0x${commandId.toString(16)} is not known`;
    return { command: 'malformed', commandId, sequence, status: STATUS.ESME_RINVCMDID, why };
  }
  const reader = new Reader(bytes, start + 16, end);
  const pdu = body(command, reader, sequence, status);
  if (reader.why === null) return pdu;
  return { command: 'malformed', commandId, sequence, status: reader.status, why: `${command}: ${reader.why}` };
}

function body(command: CommandName, reader: Reader, sequence: number, status: number): Pdu {
  switch (command) {
    case 'submit_sm':
    case 'deliver_sm':
      return message(command, reader, sequence, status);
    case 'submit_sm_resp':
    case 'deliver_sm_resp':
    case 'data_sm_resp':
      return { command, sequence, status, messageId: optionalId(reader), tlvs: reader.tlvs() };
    case 'bind_receiver':
    case 'bind_transmitter':
    case 'bind_transceiver':
      return {
        command,
        sequence,
        status,
        systemId: reader.text(MOST_OCTETS.systemId, 'system_id', STATUS.ESME_RINVSYSID),
        password: reader.text(MOST_OCTETS.password, 'password', STATUS.ESME_RINVPASWD),
        systemType: reader.text(MOST_OCTETS.systemType, 'system_type', STATUS.ESME_RINVSYSTYP),
        interfaceVersion: reader.octet(),
        addressTon: reader.octet(),
        addressNpi: reader.octet(),
        addressRange: reader.text(MOST_OCTETS.addressRange, 'address_range', STATUS.ESME_RBINDFAIL),
      };
    case 'bind_receiver_resp':
    case 'bind_transmitter_resp':
    case 'bind_transceiver_resp': {
      const systemId = reader.empty ? '' : reader.text(MOST_OCTETS.systemId, 'system_id', STATUS.ESME_RINVSYSID);
      return { command, sequence, status, systemId, tlvs: reader.tlvs() };
    }
    case 'data_sm':
      return { command, sequence, status, ...data(reader) };
    case 'query_sm':
      return { command, sequence, status, messageId: messageId(reader), ...source(reader) };
    case 'query_sm_resp':
      // A centre that cannot answer sends the header alone.
      if (reader.empty)
        return { command, sequence, status, messageId: '', finalDate: '', messageState: 0, errorCode: 0 };
      return {
        command,
        sequence,
        status,
        messageId: messageId(reader),
        finalDate: reader.text(MOST_OCTETS.time, 'final_date', STATUS.ESME_RINVCMDLEN),
        messageState: reader.octet(),
        errorCode: reader.octet(),
      };
    default:
      // unbind, enquire_link, their answers and generic_nack have no body; one that comes with them is not looked at.
      return { command, sequence, status };
  }
}

function message(command: 'submit_sm' | 'deliver_sm', reader: Reader, sequence: number, status: number): MessagePdu {
  return {
    command,
    sequence,
    status,
    serviceType: reader.text(MOST_OCTETS.serviceType, 'service_type', STATUS.ESME_RINVSERTYP),
    sourceTon: reader.octet(),
    sourceNpi: reader.octet(),
    source: reader.text(MOST_OCTETS.address, 'source_addr', STATUS.ESME_RINVSRCADR),
    destinationTon: reader.octet(),
    destinationNpi: reader.octet(),
    destination: reader.text(MOST_OCTETS.address, 'destination_addr', STATUS.ESME_RINVDSTADR),
    esmClass: reader.octet(),
    protocolId: reader.octet(),
    priority: reader.octet(),
    scheduleDelivery: reader.text(MOST_OCTETS.time, 'schedule_delivery_time', STATUS.ESME_RINVSCHED),
    validityPeriod: reader.text(MOST_OCTETS.time, 'validity_period', STATUS.ESME_RINVEXPIRY),
    registeredDelivery: reader.octet(),
    replaceIfPresent: reader.octet(),
    dataCoding: reader.octet(),
    defaultMessageId: reader.octet(),
    shortMessage: reader.shortMessage(),
    tlvs: reader.tlvs(),
  };
}

function source(reader: Reader): { sourceTon: number; sourceNpi: number; source: string } {
  return {
    sourceTon: reader.octet(),
    sourceNpi: reader.octet(),
    source: reader.text(MOST_OCTETS.address, 'source_addr', STATUS.ESME_RINVSRCADR),
  };
}

function data(reader: Reader) {
  return {
    serviceType: reader.text(MOST_OCTETS.serviceType, 'service_type', STATUS.ESME_RINVSERTYP),
    ...source(reader),
    destinationTon: reader.octet(),
    destinationNpi: reader.octet(),
    destination: reader.text(MOST_OCTETS.address, 'destination_addr', STATUS.ESME_RINVDSTADR),
    esmClass: reader.octet(),
    registeredDelivery: reader.octet(),
    dataCoding: reader.octet(),
    tlvs: reader.tlvs(),
  };
}

const messageId = (reader: Reader): string => reader.text(MOST_OCTETS.messageId, 'message_id', STATUS.ESME_RINVMSGID);

/** Responses may leave the whole body out: §4.4.2 for a refusal, and many centres in deliver_sm_resp. */
const optionalId = (reader: Reader): string => (reader.empty ? '' : messageId(reader));
