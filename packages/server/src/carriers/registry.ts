import type { Carrier, CarrierParts } from '../messages/carrier.ts';
import { openClicksend } from './clicksend/clicksend.ts';
import { openSmpp } from './smpp/smpp.ts';
import { openSmtp } from './smtp/smtp.ts';

/** What opens a carrier from its URL, or says everything that is wrong with it. */
export type OpenCarrier = (url: URL, parts: CarrierParts) => Carrier | { faults: string[] };

/** What a carrier can send. */
export type Sends = 'sms' | 'email';

/** One line per carrier, by the scheme of its URL. */
const CARRIERS: Readonly<Record<string, { sends: Sends; open: OpenCarrier }>> = {
  'smpp:': { sends: 'sms', open: openSmpp },
  'smpps:': { sends: 'sms', open: openSmpp },
  'clicksend:': { sends: 'sms', open: openClicksend },
  'smtp:': { sends: 'email', open: openSmtp },
  'smtps:': { sends: 'email', open: openSmtp },
};

/** Opens the carrier of a URL such as `smpp://system:pass@host:2775?window=100`, which must be one that `sends` such messages. */
export function openCarrier(text: string, parts: CarrierParts, sends?: Sends): Carrier | { faults: string[] } {
  const url = new URL(text);
  const carrier = CARRIERS[url.protocol];
  if (carrier && (sends === undefined || carrier.sends === sends)) return carrier.open(url, parts);
  const known = Object.entries(CARRIERS).filter(([, each]) => sends === undefined || each.sends === sends);
  const names = known.map(([scheme]) => `${scheme}//`).join(', ');
  const what = sends === undefined ? '' : sends === 'sms' ? ' that sends SMS' : ' that sends emails';
  return { faults: [`There is no carrier for ${url.protocol}//${what}; there are ${names}.`] };
}
