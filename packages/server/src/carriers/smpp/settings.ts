import type { DefaultAlphabet } from '@veredus/protocols/smpp/text';
import { unwritableBind } from '@veredus/protocols/smpp/unwritable';

/** How one SMPP account is reached and spoken to. */
export interface SmppSettings {
  host: string;
  port: number;
  tls: boolean;
  systemId: string;
  password: string;
  systemType: string;
  /** Submits without an answer, per bind. */
  window: number;
  /** Parts a second over each bind; 0 = as fast as it takes them. */
  tps: number;
  binds: number;
  /** One transceiver, or a transmitter and a receiver. */
  mode: 'trx' | 'tx+rx';
  /** Null = by the kind of address. */
  sourceTon: number | null;
  sourceNpi: number | null;
  destinationTon: number | null;
  destinationNpi: number | null;
  alphabet: DefaultAlphabet;
  /** How a text of several parts travels. */
  long: 'udh' | 'sar' | 'payload';
  responseTimeoutMs: number;
  enquireMs: number;
  receiptIds: 'auto' | 'same' | 'decimal-of-hex' | 'hex-of-decimal';
}

type Read<T> = (text: string) => T | string;

/** A whole number in a range; a text is what is wrong. */
const whole =
  (least: number, most: number): Read<number> =>
  (text) => {
    const number = Number(text);
    return Number.isInteger(number) && number >= least && number <= most && text !== ''
      ? number
      : `a whole number from ${least} to ${most}`;
  };

const oneOf =
  <const T extends string>(...values: T[]): Read<{ is: T }> =>
  (text) => {
    // `+` in a query decodes to a space.
    const value = values.find((each) => each === text.replace(' ', '+'));
    return value === undefined ? `one of ${values.join(', ')}` : { is: value };
  };

const PARAMETERS = {
  window: whole(1, 5_000),
  tps: whole(0, 100_000),
  binds: whole(1, 64),
  mode: oneOf('trx', 'tx+rx'),
  source_ton: whole(0, 7),
  source_npi: whole(0, 18),
  dest_ton: whole(0, 7),
  dest_npi: whole(0, 18),
  alphabet: oneOf('gsm', 'latin1', 'ascii'),
  long: oneOf('udh', 'sar', 'payload'),
  response_timeout: whole(1, 600),
  enquire_link: whole(1, 3_600),
  receipt_ids: oneOf('auto', 'same', 'decimal-of-hex', 'hex-of-decimal'),
} as const;

/**
 * Reads `smpp://system:password@host:2775?window=100&tps=0&…` (`smpps://` = TLS). Times in the URL are seconds.
 * @returns the settings, or everything that is wrong, one sentence each, never with the password.
 */
export function readSmppUrl(url: URL): SmppSettings | { faults: string[] } {
  const faults: string[] = [];
  const given: Record<string, number | string> = {};
  for (const [name, text] of url.searchParams) {
    if (name === 'system_type') {
      given.system_type = text;
      continue;
    }
    const read = (PARAMETERS as Record<string, Read<number | { is: string }>>)[name];
    if (!read) {
      faults.push(`${name} is not a parameter; there are system_type, ${Object.keys(PARAMETERS).join(', ')}.`);
      continue;
    }
    const value = read(text);
    if (typeof value === 'string') faults.push(`${name} must be ${value}, not ${JSON.stringify(text)}.`);
    else given[name] = typeof value === 'number' ? value : value.is;
  }
  if (url.hostname === '') faults.push('The host is missing.');
  if (url.username === '') faults.push('The system id (user name) is missing.');
  const credentials = { systemId: decoded(url.username), password: decoded(url.password) };
  for (const text of Object.values(credentials)) {
    if (text === null) faults.push('The system id or the password holds a % that is no escape; write it as %25.');
  }
  if (faults.length > 0) return { faults };
  const settings = settingsOf(url, given);
  // A bind that cannot be written would otherwise be found out at each reconnect, for ever.
  const fault = unwritableBind({ ...settings, interfaceVersion: 0x34, addressTon: 0, addressNpi: 0, addressRange: '' });
  return fault === null ? settings : { faults: [`${fault}.`] };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function settingsOf(url: URL, given: Record<string, number | string>): SmppSettings {
  const number = (name: string, fallback: number) => (given[name] as number | undefined) ?? fallback;
  const tls = url.protocol === 'smpps:';
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (tls ? 3550 : 2775) : Number(url.port),
    tls,
    systemId: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    systemType: String(given.system_type ?? ''),
    window: number('window', 100),
    tps: number('tps', 0),
    binds: number('binds', 1),
    mode: (given.mode as SmppSettings['mode'] | undefined) ?? 'trx',
    sourceTon: (given.source_ton as number | undefined) ?? null,
    sourceNpi: (given.source_npi as number | undefined) ?? null,
    destinationTon: (given.dest_ton as number | undefined) ?? null,
    destinationNpi: (given.dest_npi as number | undefined) ?? null,
    alphabet: (given.alphabet as DefaultAlphabet | undefined) ?? 'gsm',
    long: (given.long as SmppSettings['long'] | undefined) ?? 'udh',
    responseTimeoutMs: number('response_timeout', 60) * 1000,
    enquireMs: number('enquire_link', 30) * 1000,
    receiptIds: (given.receipt_ids as SmppSettings['receiptIds'] | undefined) ?? 'auto',
  };
}
