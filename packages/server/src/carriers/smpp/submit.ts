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
  const coding = codingOf(message.body, encoding, settings);
  const { dataCoding } = coding;
  const coded = parts.map((part) => coding.octets(part));
  if (coded.length === 1) return [{ ...base, esmClass: 0, dataCoding, shortMessage: coded[0]!, tlvs: NO_TLVS }];
  if (settings.long === 'payload') {
    const payload: Tlv = { tag: TAG.message_payload, value: Buffer.concat(coded) };
    return [{ ...base, esmClass: 0, dataCoding, shortMessage: NOTHING, tlvs: [payload] }];
  }
  return coded.map((octets, i) =>
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

interface Coding {
  dataCoding: number;
  octets(part: string): Buffer;
}

const IN_UCS_2: Coding = { dataCoding: UCS_2, octets: (part) => encodePart(part, 'ucs2') };
const IN_GSM: Coding = { dataCoding: 0, octets: (part) => encodePart(part, 'gsm') };

/**
 * One coding for all parts of a text. A centre whose default alphabet is not GSM is told Latin-1 where that holds the
 * text, and gets UCS-2 where it does not (`€`): GSM octets would be read as something else. Where that is more than a
 * part holds, the message is refused, which is better than another text arriving.
 */
function codingOf(body: string, encoding: Encoding, { alphabet }: SmppSettings): Coding {
  if (encoding === 'ucs2') return IN_UCS_2;
  if (alphabet === 'gsm') return IN_GSM;
  let highest = 0;
  for (let at = 0; at < body.length; at++) highest = Math.max(highest, body.charCodeAt(at));
  if (highest > 0xff) return IN_UCS_2;
  const byDefault = highest <= (alphabet === 'ascii' ? 0x7f : 0xff);
  return { dataCoding: byDefault ? 0 : LATIN_1, octets: (part) => Buffer.from(part, 'latin1') };
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
