import { COMMAND } from './command.ts';
import type { Outbox } from './outbox.ts';
import type { BindFields, DataFields, Pdu, ShortMessage } from './pdu.ts';
import type { Tlv } from './tlv.ts';

/** Writes one PDU whose fields `unwritable` has passed. */
export function encode(outbox: Outbox, pdu: Pdu): void {
  switch (pdu.command) {
    case 'submit_sm':
    case 'deliver_sm':
      encodeMessage(outbox, COMMAND[pdu.command], pdu.sequence, pdu);
      break;
    case 'submit_sm_resp':
    case 'deliver_sm_resp':
    case 'data_sm_resp':
      encodeResponse(outbox, COMMAND[pdu.command], pdu.status, pdu.sequence, pdu.messageId, pdu.tlvs);
      break;
    default:
      encodeRare(outbox, pdu);
  }
}

function encodeRare(outbox: Outbox, pdu: Pdu): void {
  outbox.room(tlvRoom('tlvs' in pdu ? pdu.tlvs : []) + 256);
  const start = head(outbox, COMMAND[pdu.command], pdu.status, pdu.sequence);
  switch (pdu.command) {
    case 'bind_receiver':
    case 'bind_transmitter':
    case 'bind_transceiver':
      bindBody(outbox, pdu);
      break;
    case 'bind_receiver_resp':
    case 'bind_transmitter_resp':
    case 'bind_transceiver_resp':
      outbox.text(pdu.systemId);
      outbox.tlvs(pdu.tlvs);
      break;
    case 'data_sm':
      dataBody(outbox, pdu);
      break;
    case 'query_sm':
      outbox.text(pdu.messageId);
      address(outbox, pdu.sourceTon, pdu.sourceNpi, pdu.source);
      break;
    case 'query_sm_resp':
      outbox.text(pdu.messageId);
      outbox.text(pdu.finalDate);
      outbox.octet(pdu.messageState);
      outbox.octet(pdu.errorCode);
  }
  finish(outbox, start);
}

/** The hot path out: a submit_sm or deliver_sm straight from its fields. */
export function encodeMessage(outbox: Outbox, commandId: number, sequence: number, message: ShortMessage): void {
  outbox.room(tlvRoom(message.tlvs) + message.shortMessage.length + 140);
  const start = head(outbox, commandId, 0, sequence);
  outbox.text(message.serviceType);
  address(outbox, message.sourceTon, message.sourceNpi, message.source);
  address(outbox, message.destinationTon, message.destinationNpi, message.destination);
  outbox.octet(message.esmClass);
  outbox.octet(message.protocolId);
  outbox.octet(message.priority);
  outbox.text(message.scheduleDelivery);
  outbox.text(message.validityPeriod);
  outbox.octet(message.registeredDelivery);
  outbox.octet(message.replaceIfPresent);
  outbox.octet(message.dataCoding);
  outbox.octet(message.defaultMessageId);
  outbox.octet(message.shortMessage.length);
  outbox.blob(message.shortMessage);
  if (message.tlvs.length > 0) outbox.tlvs(message.tlvs);
  finish(outbox, start);
}

/** The hot path back: a response to submit_sm, deliver_sm or data_sm. */
export function encodeResponse(
  outbox: Outbox,
  commandId: number,
  status: number,
  sequence: number,
  messageId: string,
  tlvs: readonly Tlv[],
): void {
  outbox.room(tlvRoom(tlvs) + 96);
  const start = head(outbox, commandId, status, sequence);
  outbox.text(messageId);
  if (tlvs.length > 0) outbox.tlvs(tlvs);
  finish(outbox, start);
}

function head(outbox: Outbox, commandId: number, status: number, sequence: number): number {
  const start = outbox.at;
  outbox.at += 4;
  outbox.int32(commandId);
  outbox.int32(status);
  outbox.int32(sequence);
  return start;
}

function finish(outbox: Outbox, start: number): void {
  outbox.bytes.writeUInt32BE(outbox.at - start, start);
}

function address(outbox: Outbox, ton: number, npi: number, text: string): void {
  outbox.octet(ton);
  outbox.octet(npi);
  outbox.text(text);
}

function bindBody(outbox: Outbox, bind: BindFields): void {
  outbox.text(bind.systemId);
  outbox.text(bind.password);
  outbox.text(bind.systemType);
  outbox.octet(bind.interfaceVersion);
  address(outbox, bind.addressTon, bind.addressNpi, bind.addressRange);
}

function dataBody(outbox: Outbox, data: DataFields): void {
  outbox.text(data.serviceType);
  address(outbox, data.sourceTon, data.sourceNpi, data.source);
  address(outbox, data.destinationTon, data.destinationNpi, data.destination);
  outbox.octet(data.esmClass);
  outbox.octet(data.registeredDelivery);
  outbox.octet(data.dataCoding);
  outbox.tlvs(data.tlvs);
}

function tlvRoom(tlvs: readonly Tlv[]): number {
  let length = 0;
  for (const tlv of tlvs) length += 4 + tlv.value.length;
  return length;
}
