/** What a `clicksend://` URL says. Times in milliseconds. */
export interface ClicksendSettings {
  /** e.g. `https://rest.clicksend.com`. */
  readonly origin: string;
  /** As operators see it: scheme, host and user name, never the key. */
  readonly name: string;
  /** The Authorization header. Secret. */
  readonly authorization: string;
  /** Parts without an answer, at most. */
  readonly window: number;
  /** Parts a second; null = no limit of ours. */
  readonly tps: number | null;
  /** Between two looks at receipts and replies; null = they are not fetched. */
  readonly pollMs: number | null;
  /** From the call to the last byte of its answer. */
  readonly timeoutMs: number;
}

const EXAMPLE = 'clicksend://username:key@rest.clicksend.com?poll=15s';
const DEFAULT_WINDOW = 1_000;
const DEFAULT_POLL_MS = 15_000;
const DEFAULT_TIMEOUT_MS = 60_000;
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };

/**
 * Reads `clicksend://username:key@host[:port]?poll=15s&timeout=60s&window=1000&tps=50`, its parts percent-encoded.
 * `scheme=http` is for a loopback host only: the key travels with every call. All faults at once, none shows the key.
 */
export function readSettings(url: URL): ClicksendSettings | { faults: string[] } {
  const faults: string[] = [];
  const username = decoded(url.username);
  const key = decoded(url.password);
  if (!username || !key || username.includes(':')) {
    faults.push(`The carrier URL must name an API user and its key, percent-encoded, as in ${EXAMPLE}.`);
  }
  if (url.hostname === '') faults.push(`The carrier URL must name a host, as in ${EXAMPLE}.`);
  if (!['', '/'].includes(url.pathname)) faults.push('The carrier URL must end at its host: /v3 is added by itself.');
  const terms = readTerms(url, faults);
  if (terms.scheme === 'http' && !isLoopback(url.hostname)) {
    faults.push('scheme=http is for a loopback host only: the key would travel in clear.');
  }
  if (faults.length > 0) return { faults };
  return {
    origin: `${terms.scheme}://${url.host}`,
    name: `clicksend://${url.host}/${username}`,
    authorization: `Basic ${Buffer.from(`${username}:${key}`).toString('base64')}`,
    // A second's worth of parts at most, so that a message of many parts finds room once the rate has recovered.
    window: terms.tps === null ? terms.window : Math.min(terms.window, Math.ceil(terms.tps)),
    tps: terms.tps,
    pollMs: terms.pollMs,
    timeoutMs: terms.timeoutMs,
  };
}

function readTerms(url: URL, faults: string[]) {
  const known = ['scheme', 'poll', 'timeout', 'window', 'tps'];
  for (const name of new Set(url.searchParams.keys())) {
    if (!known.includes(name)) faults.push(`${name} is not a setting of this carrier; there are ${known.join(', ')}.`);
  }
  const term = <T>(name: string, fallback: T, expects: string, read: (text: string) => T | undefined): T => {
    const text = url.searchParams.get(name);
    if (text === null) return fallback;
    const value = read(text);
    if (value === undefined) faults.push(`${name} must be ${expects}, not ${JSON.stringify(text.slice(0, 40))}.`);
    return value === undefined ? fallback : value;
  };
  return {
    scheme: term('scheme', 'https', 'https or http', (text) => (/^https?$/.test(text) ? text : undefined)),
    pollMs: term<number | null>('poll', DEFAULT_POLL_MS, '1s to 60m, or off', (text) =>
      text === 'off' ? null : duration(text, 1_000, 3_600_000),
    ),
    timeoutMs: term('timeout', DEFAULT_TIMEOUT_MS, '1s to 10m', (text) => duration(text, 1_000, 600_000)),
    window: term('window', DEFAULT_WINDOW, 'a whole number from 1 to 100000', (text) => whole(text, 100_000)),
    tps: term<number | null>('tps', null, 'a whole number from 1 to 100000', (text) => whole(text, 100_000)),
  };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function duration(text: string, least: number, most: number): number | undefined {
  const [, number, unit] = /^(\d{1,7})(ms|s|m)$/.exec(text) ?? [];
  if (number === undefined || unit === undefined) return undefined;
  const milliseconds = Number(number) * UNITS[unit]!;
  return milliseconds >= least && milliseconds <= most ? milliseconds : undefined;
}

function whole(text: string, most: number): number | undefined {
  return /^[1-9]\d{0,5}$/.test(text) && Number(text) <= most ? Number(text) : undefined;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
