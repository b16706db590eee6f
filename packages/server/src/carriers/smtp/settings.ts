import { isEmail } from '../../email-address.ts';

/** How a mail server is reached and spoken to. Times in milliseconds. */
export interface SmtpSettings {
  host: string;
  port: number;
  /** `implicit` = TLS before the first byte; `required` = STARTTLS or nothing; `offered` = STARTTLS where the server has it. */
  tls: 'implicit' | 'required' | 'offered' | 'off';
  /** The name its certificate must bear, where that is not the host. */
  tlsName: string | null;
  user: string | null;
  /** Secret. */
  password: string;
  /** The sender of a mail that names none, as people see it. */
  from: string;
  fromName: string;
  /** Where bounces go. */
  envelopeFrom: string;
  /** What we call ourselves in EHLO; null = the name of this machine. */
  helo: string | null;
  /** At once, over all nodes together. */
  connections: number;
  connectTimeoutMs: number;
  /** From MAIL FROM to the answer to the whole message. */
  timeoutMs: number;
}

const EXAMPLE = 'smtp://user:password@mail.example.com:587?from=noreply@example.com';
const NAMES = [
  ...['from', 'from_name', 'envelope_from', 'connections', 'tls', 'tls_name', 'helo'],
  ...['connect_timeout', 'timeout'],
];
const MODES = ['required', 'offered', 'off'] as const;
const HOST_NAME = /^[A-Za-z0-9.:_[\]-]{1,253}$/;
/** RFC 5321 §4.5.3.2.6: the answer to the end of a message may take ten minutes; who asks sooner sends it twice. */
const TIMEOUT_S = 600;

/**
 * Reads `smtp://user:password@host:587?from=noreply@example.com&connections=5&tls=required&…` (`smtps://` = TLS from the
 * start, port 465). Without credentials STARTTLS is used where it is offered; with them it is required, unless `tls` says otherwise.
 * Times in the URL are seconds.
 * @returns the settings, or everything that is wrong, one sentence each, never with the password.
 */
export function readSmtpUrl(url: URL): SmtpSettings | { faults: string[] } {
  const faults: string[] = [];
  for (const name of new Set(url.searchParams.keys())) {
    if (!NAMES.includes(name)) faults.push(`${name} is not a parameter; there are ${NAMES.join(', ')}.`);
  }
  const settings = {
    ...readServer(url, faults),
    ...readSenders(url, faults),
    connections: whole(url, 'connections', 5, 64, faults),
    connectTimeoutMs: whole(url, 'connect_timeout', 30, 600, faults) * 1000,
    timeoutMs: whole(url, 'timeout', TIMEOUT_S, 3_600, faults) * 1000,
  };
  return faults.length > 0 ? { faults } : settings;
}

function readServer(url: URL, faults: string[]) {
  const implicit = url.protocol === 'smtps:';
  const user = decoded(url.username, faults);
  const password = decoded(url.password, faults);
  if (url.hostname === '') faults.push(`The host is missing; write it as in ${EXAMPLE}.`);
  if (!['', '/'].includes(url.pathname))
    faults.push('The URL must end at its host; parameters follow after a question mark.');
  if ((user === '') !== (password === ''))
    faults.push('A user name and a password go together; one of them is missing.');
  for (const text of [user, password])
    if (/\p{Cc}/u.test(text)) faults.push('The user name or the password holds a control character.');
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (implicit ? 465 : 587) : Number(url.port),
    tls: readTls(url, implicit, user !== '', faults),
    tlsName: name(url, 'tls_name', faults),
    user: user === '' ? null : user,
    password,
    helo: name(url, 'helo', faults),
  };
}

function readTls(url: URL, implicit: boolean, withUser: boolean, faults: string[]): SmtpSettings['tls'] {
  const text = url.searchParams.get('tls');
  const mode = MODES.find((each) => each === text);
  if (text !== null && mode === undefined) faults.push(`tls must be one of ${MODES.join(', ')}, not ${shown(text)}.`);
  if (implicit && mode !== undefined && mode !== 'required')
    faults.push(`tls=${mode} contradicts smtps://, which is TLS from the start; write smtp:// for it.`);
  return implicit ? 'implicit' : (mode ?? (withUser ? 'required' : 'offered'));
}

function readSenders(url: URL, faults: string[]) {
  const from = url.searchParams.get('from') ?? '';
  if (from === '') faults.push(`from is missing: the address mails come from, as in ${EXAMPLE}.`);
  else if (!isAddress(from))
    faults.push(`from must be an email address, not ${shown(from)}; a + in it is written %2B.`);
  const envelopeFrom = url.searchParams.get('envelope_from') ?? from;
  if (envelopeFrom !== from && !isAddress(envelopeFrom))
    faults.push(`envelope_from must be an email address, not ${shown(envelopeFrom)}; a + in it is written %2B.`);
  const fromName = url.searchParams.get('from_name') ?? '';
  if (fromName.length > 100 || /\p{Cc}/u.test(fromName))
    faults.push('from_name must be one line of 100 characters at most.');
  return { from, fromName, envelopeFrom };
}

/** Into commands and headers only what cannot be anything else. */
const isAddress = (text: string): boolean => isEmail(text) && /^[\x21-\x7e]+$/.test(text);

function whole(url: URL, name: string, fallback: number, most: number, faults: string[]): number {
  const text = url.searchParams.get(name);
  if (text === null) return fallback;
  if (/^[1-9]\d{0,4}$/.test(text) && Number(text) <= most) return Number(text);
  faults.push(`${name} must be a whole number from 1 to ${most}, not ${shown(text)}.`);
  return fallback;
}

function name(url: URL, parameter: string, faults: string[]): string | null {
  const text = url.searchParams.get(parameter);
  if (text !== null && !HOST_NAME.test(text)) faults.push(`${parameter} must be a host name, not ${shown(text)}.`);
  return text;
}

function decoded(text: string, faults: string[]): string {
  try {
    return decodeURIComponent(text);
  } catch {
    faults.push('The user name or the password holds a % that is no escape; write it as %25.');
    return text;
  }
}

const shown = (text: string): string => JSON.stringify(text.slice(0, 80));
