import { type Encoding, encodePart, splitText } from '@veredus/protocols/gsm/parts';
import type { ShortMessage } from '@veredus/protocols/smpp/pdu';
import { UDHI } from '@veredus/protocols/smpp/text';
import { relativeTime } from '@veredus/protocols/smpp/time';
import { NO_TLVS, numberTlv, TAG, type Tlv } from '@veredus/protocols/smpp/tlv';
import type { Outgoing } from '../../messages/carrier.ts';
import type { SmppSettings } from './settings.ts';

const UCS_2 = 8;
const LATIN_1 = 3;
/** Receipt asked for, of success and failure alike. */
const WITH_RECEIPT = 1;

/** Type of number and numbering plan by the look of an address (SMPP 3.4 §5.2.5, §5.2.6). */
function kindOf(address: string): { ton: number; npi: number } {
  if (/^\+\d+$/.test(address)) return { ton: 1, npi: 1 };
  if (address !== '' && !/^\d+$/.test(address)) return { ton: 5, npi: 0 };
  return { ton: 0, npi: address === '' ? 0 : 1 };
}

/** The submit_sm of each part, in order. `reference` tells this text's parts from another's at the handset. */
export function submitsOf(message: Outgoing, settings: SmppSettings, reference: number, now: number): ShortMessage[] {
  const source = kindOf(message.sender);
  const destination = kindOf(message.recipient);
  const { parts, encoding } = splitText(message.body);
  const base = {
    serviceType: '',
    sourceTon: settings.sourceTon ?? source.ton,
    sourceNpi: settings.sourceNpi ?? source.npi,
    source: message.sender.replace(/^\+/, ''),
    destinationTon: settings.destinationTon ?? destination.ton,
    destinationNpi: settings.destinationNpi ?? destination.npi,
    destination: message.recipient.replace(/^\+/, ''),
    protocolId: 0,
    priority: 0,
    scheduleDelivery: '',
    validityPeriod: validity(message.validUntil - now),
    registeredDelivery: WITH_RECEIPT,
    replaceIfPresent: 0,
    defaultMessageId: 0,
  };
  const coded = parts.map((part) => codePart(part, encoding, settings));
  if (coded.length === 1) {
    const { octets, dataCoding } = coded[0]!;
    return [{ ...base, esmClass: 0, dataCoding, shortMessage: octets, tlvs: NO_TLVS }];
  }
  if (settings.long === 'payload') {
    const payload: Tlv = { tag: TAG.message_payload, value: Buffer.concat(coded.map(({ octets }) => octets)) };
    return [{ ...base, esmClass: 0, dataCoding: coded[0]!.dataCoding, shortMessage: NOTHING, tlvs: [payload] }];
  }
  return coded.map(({ octets, dataCoding }, i) =>
    settings.long === 'sar'
      ? { ...base, esmClass: 0, dataCoding, shortMessage: octets, tlvs: sar(reference, i + 1, coded.length) }
      : {
          ...base,
          esmClass: UDHI,
          dataCoding,
          shortMessage: Buffer.concat([Buffer.from([5, 0, 3, reference & 0xff, coded.length, i + 1]), octets]),
          tlvs: NO_TLVS,
        },
  );
}

const NOTHING = Buffer.alloc(0);

/** The octets of one part. A centre whose default alphabet is not GSM is told Latin-1 where that holds the text. */
function codePart(part: string, encoding: Encoding, settings: SmppSettings): { octets: Buffer; dataCoding: number } {
  if (encoding === 'ucs2') return { octets: encodePart(part, 'ucs2'), dataCoding: UCS_2 };
  if (settings.alphabet === 'gsm') return { octets: encodePart(part, 'gsm'), dataCoding: 0 };
  const most = settings.alphabet === 'ascii' ? 0x7f : 0xff;
  if ([...part].every((character) => character.codePointAt(0)! <= most)) {
    return { octets: Buffer.from(part, 'latin1'), dataCoding: 0 };
  }
  if ([...part].every((character) => character.codePointAt(0)! <= 0xff)) {
    return { octets: Buffer.from(part, 'latin1'), dataCoding: LATIN_1 };
  }
  return { octets: encodePart(part, 'gsm'), dataCoding: 0 };
}

const sar = (reference: number, number: number, of: number): Tlv[] => [
  numberTlv(TAG.sar_msg_ref_num, reference, 2),
  numberTlv(TAG.sar_total_segments, of, 1),
  numberTlv(TAG.sar_segment_seqnum, number, 1),
];

let lastSpan = -1;
let lastText = '';

/** To the second, and kept: the messages of a chunk share it. */
function validity(milliseconds: number): string {
  const seconds = Math.max(1, Math.floor(milliseconds / 1000));
  if (seconds !== lastSpan) {
    lastSpan = seconds;
    lastText = relativeTime(seconds * 1000);
  }
  return lastText;
}
