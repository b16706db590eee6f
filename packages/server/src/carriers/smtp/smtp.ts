import type { Carrier, CarrierParts } from '../../messages/carrier.ts';
import { SmtpLink } from './link.ts';
import { readSmtpUrl } from './settings.ts';

/** Hands mails to a mail server, by a URL such as `smtp://user:password@host:587?from=noreply@example.com`; see `readSmtpUrl`. */
export function openSmtp(url: URL, parts: CarrierParts): Carrier | { faults: string[] } {
  const settings = readSmtpUrl(url);
  if ('faults' in settings) return settings;
  const { host, port, user, connections } = settings;
  return {
    name: `${url.protocol}//${host}:${port}${user === null ? '' : `/${user}`}`,
    links: connections,
    // One mail at a time over each connection.
    window: 1,
    receiptIds: 'same',
    open: (index, events) => new SmtpLink(parts, settings, events, index === 0),
  };
}
