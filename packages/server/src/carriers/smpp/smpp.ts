import type { Carrier, CarrierParts } from '../../messages/carrier.ts';
import { SmppLink } from './link.ts';
import { readSmppUrl } from './settings.ts';

/** SMPP 3.4 to a carrier's message centre; see `readSmppUrl` for the URL. */
export function openSmpp(url: URL, parts: CarrierParts): Carrier | { faults: string[] } {
  const settings = readSmppUrl(url);
  if ('faults' in settings) return settings;
  return {
    name: `${url.protocol}//${settings.host}:${settings.port}/${settings.systemId}`,
    links: settings.binds,
    window: settings.window,
    receiptIds: settings.receiptIds,
    open: (_index, events) => new SmppLink(parts, settings, events),
  };
}
