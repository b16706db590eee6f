import { isIP } from 'node:net';
import { urlFault } from './faults.ts';
import type { Address, OutboundParts, Target } from './parts.ts';
import { isPublic } from './public-address.ts';

const URL_LIMIT = 2_048;
const USUAL_PORTS = [80, 443];

/**
 * Judges a URL of a user's and pins it to addresses: http or https, a usual port, no credentials, and a host all of whose
 * addresses are public. The name is resolved once and the connection goes to what was judged, so that a name server that
 * answers differently the second time gains nothing. Redirects are judged the same way, each anew.
 *
 * @param field named in the refusal, which never repeats the path, the query or an address.
 * @throws Refusal bad-request, saying which rule objected.
 */
export async function guardUrl(parts: OutboundParts, text: string, field: string): Promise<Target> {
  const { allowed, ...judged } = judgeUrl(parts.allow, text, field);
  const { host } = judged;
  const addresses = isIP(host) ? [literal(host)] : await parts.resolve(host).catch(() => []);
  if (addresses.length === 0 || !(allowed || addresses.every(({ address }) => isPublic(address))))
    throw notPublic(host, field);
  return { ...judged, addresses };
}

/**
 * The rules that ask no name server, for a URL that is kept for later: what they let through is judged again, with all
 * the rules, each time it is used.
 *
 * @throws Refusal bad-request, saying which rule objected.
 */
export function judgeUrl(
  allow: OutboundParts['allow'],
  text: string,
  field: string,
): Omit<Target, 'addresses'> & { allowed: boolean } {
  const url = readUrl(text, field);
  const secure = url.protocol === 'https:';
  const host = bareHost(url.hostname);
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  const allowed = isAllowed(allow, host, port);
  if (!allowed && !USUAL_PORTS.includes(port)) {
    throw urlFault(
      field,
      `${field} names port ${port}: only 80 and 443 are reached, unless the operator allows another (VEREDUS_ALLOW_URLS).`,
    );
  }
  if (!allowed && isIP(host) && !isPublic(host)) throw notPublic(host, field);
  return { url, host, port, secure, allowed };
}

/** One sentence for a name that is not found and for one that leads inside: which names there are inside is nobody's business. */
function notPublic(host: string, field: string): Error {
  const words = isIP(host) ? 'an address that is' : `a host (${shortened(host)}) that cannot be found, or is`;
  return urlFault(
    field,
    `${field} leads to ${words} not on the public internet; only the operator can allow that (VEREDUS_ALLOW_URLS).`,
  );
}

function readUrl(text: string, field: string): URL {
  if (text.length > URL_LIMIT) throw urlFault(field, `${field} is longer than ${URL_LIMIT} characters.`);
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null) throw urlFault(field, `${field} is not a URL: write it in full, e.g. https://example.com/a/path.`);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw urlFault(field, `${field} must begin with https:// or http://.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw urlFault(field, `${field} must not hold a user name or password before the host.`);
  }
  return url;
}

/** Without the brackets of IPv6 and the dot of a full name: certificates and the allow list have neither. */
function bareHost(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}

function isAllowed(allow: OutboundParts['allow'], host: string, port: number): boolean {
  return allow.some((entry) => entry.port === port && sameHost(entry.host, host));
}

/** The operator may have written capitals, or an IPv6 address the long way. */
export function sameHost(written: string, host: string): boolean {
  const url = `http://${isIP(written) === 6 ? `[${written}]` : written}/`;
  return URL.canParse(url) && bareHost(new URL(url).hostname) === host;
}

function literal(host: string): Address {
  return { address: host, family: isIP(host) === 6 ? 6 : 4 };
}

/** A name is the caller's own word; an address, which may come from inside by way of a redirect, is not repeated. */
const shortened = (host: string): string => (host.length > 100 ? `${host.slice(0, 100)}…` : host);
