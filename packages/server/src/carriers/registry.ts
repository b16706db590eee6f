import type { Carrier, CarrierParts } from '../messages/carrier.ts';
import { openClicksend } from './clicksend/clicksend.ts';
import { openSmpp } from './smpp/smpp.ts';

/** What opens a carrier from its URL, or says everything that is wrong with it. */
export type OpenCarrier = (url: URL, parts: CarrierParts) => Carrier | { faults: string[] };

/** One line per carrier, by the scheme of its URL. */
const CARRIERS: Readonly<Record<string, OpenCarrier>> = {
  'smpp:': openSmpp,
  'smpps:': openSmpp,
  'clicksend:': openClicksend,
};

/** Opens the carrier of a URL such as `smpp://system:pass@host:2775?window=100`. */
export function openCarrier(text: string, parts: CarrierParts): Carrier | { faults: string[] } {
  const url = new URL(text);
  const open = CARRIERS[url.protocol];
  if (open) return open(url, parts);
  const known = Object.keys(CARRIERS).map((scheme) => `${scheme}//`);
  return { faults: [`There is no carrier for ${url.protocol}//; there are ${known.join(', ')}.`] };
}
