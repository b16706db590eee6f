import { encodePart, splitText } from '@veredus/protocols/gsm/parts';
import type { ShortMessage } from '@veredus/protocols/smpp/pdu';
import { UDHI } from '@veredus/protocols/smpp/text';
import { NO_TLVS, numberTlv, TAG, type Tlv, textTlv } from '@veredus/protocols/smpp/tlv';
import { DeliveryKind, type DueDelivery } from '../../esmes/delivery.ts';

/** A text or a receipt on its way to an ESME, in as many deliver_sm as it takes. */
export interface Parcel {
  readonly delivery: DueDelivery;
  /** In how many deliver_sm it goes. */
  readonly parts: number;
  /** deliver_sm without an end. */
  left: number;
  /** Why it must be tried again or given up; null while nothing is against it. */
  against: { why: string; forGood: boolean } | null;
  /** Whether any of its bytes may have left. */
  tried: boolean;
}

const RECEIPT = 0x04;
const UCS_2 = 8;
const SMPP_3_4 = 0x34;
/** Longer texts go whole, in message_payload: more parts than that would fill a client's window. */
const MOST_PARTS = 10;

/** The deliver_sm of a delivery, for a client of this interface version. `reference` tells one long text from another. */
export function deliverPdus(delivery: DueDelivery, version: number, reference: number): ShortMessage[] {
  const receipt = delivery.kind === DeliveryKind.receipt;
  const { parts, encoding } = splitText(delivery.body);
  const source = addressOf(delivery.source, receipt);
  const destination = addressOf(delivery.destination, receipt);
  const base = {
    ...ADDRESSLESS,
    source: source.text,
    sourceTon: source.ton,
    sourceNpi: source.npi,
    destination: destination.text,
    destinationTon: destination.ton,
    destinationNpi: destination.npi,
    esmClass: receipt ? RECEIPT : 0,
    dataCoding: encoding === 'ucs2' ? UCS_2 : 0,
    tlvs: receipt && version >= SMPP_3_4 ? receiptTlvs(delivery) : NO_TLVS,
  };
  if (parts.length === 1) return [{ ...base, shortMessage: encodePart(delivery.body, encoding) }];
  if (parts.length > MOST_PARTS) {
    const payload = { tag: TAG.message_payload, value: encodePart(delivery.body, encoding) };
    return [{ ...base, shortMessage: Buffer.alloc(0), tlvs: [...base.tlvs, payload] }];
  }
  return parts.map((part, i) => ({
    ...base,
    esmClass: base.esmClass | UDHI,
    shortMessage: Buffer.concat([
      Buffer.from([5, 0, 3, reference & 0xff, parts.length, i + 1]),
      encodePart(part, encoding),
    ]),
  }));
}

const ADDRESSLESS = {
  serviceType: '',
  protocolId: 0,
  priority: 0,
  scheduleDelivery: '',
  validityPeriod: '',
  registeredDelivery: 0,
  replaceIfPresent: 0,
  defaultMessageId: 0,
};

function receiptTlvs({ facts }: DueDelivery): Tlv[] {
  const { receipted_message_id: id, message_state: state } = facts;
  return [
    ...(id === undefined ? [] : [textTlv(TAG.receipted_message_id, id)]),
    ...(state === undefined ? [] : [numberTlv(TAG.message_state, state, 1)]),
  ];
}

/** A receipt speaks of addresses as the ESME wrote them; a text comes with numbers as SMPP writes them, without the plus. */
function addressOf(address: string, asWritten: boolean): { text: string; ton: number; npi: number } {
  const number = /^\+?\d+$/.test(address);
  const international = number && (address.startsWith('+') || !asWritten);
  return {
    text: number && !asWritten ? address.replace('+', '') : address,
    ton: international ? 1 : number || address === '' ? 0 : 5,
    npi: number ? 1 : 0,
  };
}
