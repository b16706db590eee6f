import { encode } from '@veredus/protocols/smpp/encode';
import { Outbox } from '@veredus/protocols/smpp/outbox';
import type { MessagePdu, Pdu } from '@veredus/protocols/smpp/pdu';
import { NO_TLVS } from '@veredus/protocols/smpp/tlv';

/** An ordinary submit_sm, for tests to vary. */
export const submit: MessagePdu = {
  command: 'submit_sm',
  sequence: 2,
  status: 0,
  serviceType: '',
  sourceTon: 5,
  sourceNpi: 0,
  source: 'SENDER',
  destinationTon: 1,
  destinationNpi: 1,
  destination: '61411111111',
  esmClass: 0,
  protocolId: 0,
  priority: 0,
  scheduleDelivery: '',
  validityPeriod: '000001000000000R',
  registeredDelivery: 1,
  replaceIfPresent: 0,
  dataCoding: 0,
  defaultMessageId: 0,
  shortMessage: Buffer.from('Hi'),
  tlvs: NO_TLVS,
};

export const bindFields = {
  systemId: 'veredus',
  password: 'secret',
  systemType: '',
  interfaceVersion: 0x34,
  addressTon: 0,
  addressNpi: 0,
  addressRange: '',
};

/** The bytes of a PDU as they leave. */
export function bytesOf(pdu: Pdu): Buffer {
  const outbox = new Outbox();
  encode(outbox, pdu);
  return Buffer.concat(outbox.take());
}
