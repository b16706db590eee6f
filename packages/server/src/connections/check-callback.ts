import { Refusal } from '../refusal.ts';

const LENGTH = 2_048;
const FIELD = 'callback_url';

/**
 * Where a connect page may send a browser back to: a page of the web, over HTTPS (or on this machine, or this server), on a host
 * the operator allows. It becomes a `Location` and a link on a page of ours: nothing else may stand there.
 *
 * @returns the URL as browsers read it.
 * @throws Refusal bad-request naming callback_url.
 */
export function checkCallback(
  given: string,
  { publicUrl, hosts }: { publicUrl: string; hosts: readonly string[] },
): string {
  // Browsers drop these silently: what was checked would not be what is opened.
  if (given.length > LENGTH) throw fault(`must have ${LENGTH} characters at most.`);
  if (/[\p{Cc}\s\\]/u.test(given) || !given.isWellFormed()) throw fault('must hold no space, line break or backslash.');
  if (!/^https?:\/\/[^/]/i.test(given) || !URL.canParse(given)) {
    throw fault('must be a whole http or https URL, such as https://app.example.com/connected.');
  }
  const url = new URL(given);
  if (url.username !== '' || url.password !== '') throw fault('must hold no username and password.');
  if (url.href.length > LENGTH) throw fault(`must have ${LENGTH} characters at most.`);
  // Browsers take more for a host; in a policy of a page, what goes beyond these would be read as more than a host.
  if (!/^([a-z0-9.-]+|\[[0-9a-f:.]+\])$/i.test(url.hostname))
    throw fault('must name a host of letters, digits, dots and hyphens.');
  if (url.origin === new URL(publicUrl).origin || isLoopback(url.hostname)) return url.href;
  if (url.protocol !== 'https:') throw fault('must begin with https: what is appended would travel unprotected.');
  if (!isAllowed(url.hostname, hosts)) {
    throw fault(`leads to ${url.hostname}, which this server does not return to (VEREDUS_CALLBACK_HOSTS).`);
  }
  return url.href;
}

/** The callback with what became of the connection appended; the caller's own query stays as it is. */
export function callbackWith(callback: string, terms: Readonly<Record<string, string | null>>): string {
  const url = new URL(callback);
  const told = Object.entries(terms).filter((term): term is [string, string] => term[1] !== null);
  const appended = new URLSearchParams(told).toString();
  url.search = url.search === '' ? appended : `${url.search}&${appended}`;
  return url.href;
}

function isLoopback(hostname: string): boolean {
  const bare = hostname.replace(/\.$/, '');
  return bare === 'localhost' || bare.endsWith('.localhost') || bare === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(bare);
}

/** `*` = any; `*.example.com` = all below it, itself not; else the host as it is. Ports do not matter. */
function isAllowed(hostname: string, hosts: readonly string[]): boolean {
  const bare = hostname.toLowerCase().replace(/\.$/, '');
  return hosts.some((host) => host === '*' || host === bare || (host.startsWith('*.') && bare.endsWith(host.slice(1))));
}

function fault(words: string): Refusal {
  return new Refusal('bad-request', `${FIELD} ${words}`, { fields: { [FIELD]: words } });
}
