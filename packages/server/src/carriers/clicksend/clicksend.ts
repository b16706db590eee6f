import type { Carrier, CarrierParts } from '../../messages/carrier.ts';
import { openCalls } from './calls.ts';
import { ClicksendLink } from './link.ts';
import { readSettings } from './settings.ts';

/**
 * Passes SMS on to the ClickSend cloud, or to any peer that speaks its v3 contract, from a URL such as
 * `clicksend://username:key@rest.clicksend.com?poll=15s` (settings.ts has every term). One link: the lists of receipts and
 * replies are marked as read by date, so an account has exactly one reader. The account needs one POLL rule for receipts
 * and one for inbound messages.
 */
export function openClicksend(url: URL, parts: CarrierParts): Carrier | { faults: string[] } {
  const settings = readSettings(url);
  if ('faults' in settings) return settings;
  return {
    name: settings.name,
    links: 1,
    window: settings.window,
    open: (_index, events) => new ClicksendLink(settings, parts, openCalls(settings, parts.clock), events),
  };
}
