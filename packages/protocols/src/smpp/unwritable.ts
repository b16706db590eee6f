import { type BindFields, MOST_LENGTH, MOST_OCTETS, type Pdu, type ShortMessage } from './pdu.ts';
import type { Tlv } from './tlv.ts';

/**
 * Why these fields cannot be written; null when they can. A session asks before it writes, so half a PDU never stands
 * in the outbox.
 */
export function unwritable(pdu: Pdu): string | null {
  switch (pdu.command) {
    case 'submit_sm':
    case 'deliver_sm':
      return unwritableMessage(pdu);
    case 'bind_receiver':
    case 'bind_transmitter':
    case 'bind_transceiver':
      return unwritableBind(pdu);
    case 'data_sm':
      return (
        misfit(pdu.serviceType, MOST_OCTETS.serviceType, 'service_type') ?? addresses(pdu) ?? tlvFault(pdu.tlvs, 80)
      );
    case 'query_sm':
      return (
        misfit(pdu.messageId, MOST_OCTETS.messageId, 'message_id') ??
        misfit(pdu.source, MOST_OCTETS.address, 'source_addr')
      );
    case 'query_sm_resp':
      return (
        misfit(pdu.messageId, MOST_OCTETS.messageId, 'message_id') ??
        misfit(pdu.finalDate, MOST_OCTETS.time, 'final_date')
      );
    case 'bind_receiver_resp':
    case 'bind_transmitter_resp':
    case 'bind_transceiver_resp':
      return misfit(pdu.systemId, MOST_OCTETS.systemId, 'system_id') ?? tlvFault(pdu.tlvs, 81);
    case 'submit_sm_resp':
    case 'deliver_sm_resp':
    case 'data_sm_resp':
      return misfit(pdu.messageId, MOST_OCTETS.messageId, 'message_id') ?? tlvFault(pdu.tlvs, 81);
    default:
      return null;
  }
}

/** As `unwritable`, for the body of submit_sm and deliver_sm. */
export function unwritableMessage(message: ShortMessage): string | null {
  const { length } = message.shortMessage;
  if (length > 254) return `short_message has ${length} octets, at most 254 fit`;
  return (
    addresses(message) ??
    misfit(message.serviceType, MOST_OCTETS.serviceType, 'service_type') ??
    misfit(message.scheduleDelivery, MOST_OCTETS.time, 'schedule_delivery_time') ??
    misfit(message.validityPeriod, MOST_OCTETS.time, 'validity_period') ??
    tlvFault(message.tlvs, 120 + length)
  );
}

/** As `unwritable`, for a bind. */
export function unwritableBind(bind: BindFields): string | null {
  return (
    misfit(bind.systemId, MOST_OCTETS.systemId, 'system_id') ??
    misfit(bind.password, MOST_OCTETS.password, 'password') ??
    misfit(bind.systemType, MOST_OCTETS.systemType, 'system_type') ??
    misfit(bind.addressRange, MOST_OCTETS.addressRange, 'address_range')
  );
}

const addresses = (message: { source: string; destination: string }): string | null =>
  misfit(message.source, MOST_OCTETS.address, 'source_addr') ??
  misfit(message.destination, MOST_OCTETS.address, 'destination_addr');

function misfit(text: string, most: number, field: string): string | null {
  if (text.length >= most) return `${field} has ${text.length} characters, at most ${most - 1} fit`;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0 || code > 255) return `${field} holds a character that SMPP cannot carry`;
  }
  return null;
}

function tlvFault(tlvs: readonly Tlv[], before: number): string | null {
  let length = before;
  for (const tlv of tlvs) length += 4 + tlv.value.length;
  return length > MOST_LENGTH ? `the PDU would have ${length} octets, at most ${MOST_LENGTH} fit` : null;
}
