import { resolve } from 'node:path';
import { mailAddress } from './email-address.ts';

/** How one setting is read. Pure: text in, value or nothing out. */
export interface Kind<T> {
  /** Completes the sentence "NAME must be …". */
  readonly expects: string;
  /** undefined = not such a value. The text is trimmed and never empty. */
  read(text: string): T | undefined;
  /** Never shown in a fault, a log or a page. */
  readonly secret?: boolean;
}

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

const integer = (text: string, low: number, high: number): number | undefined => {
  if (!/^\d{1,15}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= low && value <= high ? value : undefined;
};

export const port: Kind<number> = {
  expects: 'a port from 0 to 65535 (0 = any free one)',
  read: (text) => integer(text, 0, 65_535),
};

export const minutes = (low: number, high: number): Kind<number> => ({
  expects: `a number of minutes from ${low} to ${high}`,
  read: (text) => integer(text, low, high),
});

export const host: Kind<string> = {
  expects: 'a host name or an IP address without a port, e.g. 127.0.0.1 or 0.0.0.0',
  read: (text) => (/^[A-Za-z0-9._:-]+$/.test(text) && !/^[^:]+:\d+$/.test(text) ? text : undefined),
};

/** Made absolute, so that a later change of the working folder changes nothing. */
export const folder: Kind<string> = {
  expects: 'a folder',
  read: (text) => (text.includes('\0') ? undefined : resolve(text)),
};

export const databaseUrl: Kind<string> = {
  expects: 'a PostgreSQL URL, e.g. postgres://user:password@host:5432/veredus',
  secret: true,
  read: (text) =>
    /^postgres(ql)?:\/\/\S+$/.test(text) && URL.canParse(text.replace('@/', '@localhost/')) ? text : undefined,
};

export const publicUrl: Kind<string> = {
  expects: 'an http or https URL without query, e.g. https://sms.example.com',
  read(text) {
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url === null || !/^https?:$/.test(url.protocol) || url.search || url.hash || url.username) return undefined;
    return url.href.replace(/\/+$/, '');
  },
};

/** Credentials travel with every call: only loopback may do without TLS. */
export const cloudUrl: Kind<string> = {
  expects: 'an https URL that ends at its host, e.g. https://rest.clicksend.com (http for a loopback host only)',
  read(text) {
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url === null || url.pathname !== '/' || url.search || url.hash || url.username || url.password)
      return undefined;
    const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
    return url.protocol === 'https:' || (url.protocol === 'http:' && loopback) ? url.origin : undefined;
  },
};

/** In lower case, as URLs are compared; `*` = any, `*.example.com` = all below it. */
export const hosts: Kind<readonly string[]> = {
  expects: 'a list of host names separated by commas, e.g. app.example.com,*.example.org, or * for any',
  read: (text) =>
    listOf(text.toLowerCase(), (item) =>
      item === '*' || /^(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(item) ? item : undefined,
    ),
};

/** Kept as text: only the carriers' registry knows which schemes there are. It may hold a password. */
export const carrierUrl: Kind<string> = {
  expects: 'a carrier URL, e.g. smpp://system:password@host:2775?window=100&tps=500',
  secret: true,
  read: (text) => (/^[a-z][a-z0-9+.-]*:/.test(text) && URL.canParse(text) ? text : undefined),
};

export const username: Kind<string> = {
  expects: '1 to 254 characters without a colon or a space (HTTP Basic cannot carry a colon in a user name)',
  read: (text) => (text.length <= 254 && !/[\s:]/.test(text) ? text : undefined),
};

export const email: Kind<string> = {
  expects: 'one email address, e.g. ana@example.com',
  read: (text) => mailAddress(text) ?? undefined,
};

export const secretOf = (shortest: number): Kind<string> => ({
  expects: `at least ${shortest} characters`,
  secret: true,
  read: (text) => (text.length >= shortest ? text : undefined),
});

export const oneOf = <T extends string>(...values: readonly T[]): Kind<T> => ({
  expects: new Intl.ListFormat('en', { type: 'disjunction' }).format(values),
  read: (text) => values.find((value) => value === text),
});

export const someOf = <T extends string>(...values: readonly T[]): Kind<readonly T[]> => ({
  expects: `one or more of ${values.join(', ')}, separated by commas`,
  read: (text) => listOf(text, (item) => values.find((value) => value === item)),
});

export const currency: Kind<string> = {
  expects: 'a currency in three capital letters (ISO 4217), e.g. USD',
  read: (text) => (Intl.supportedValuesOf('currency').includes(text) ? text : undefined),
};

export const country: Kind<string> = {
  expects: 'a country in two capital letters (ISO 3166), e.g. AU',
  read(text) {
    if (!/^[A-Z]{2}$/.test(text)) return undefined;
    const named = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' }).of(text);
    return named && named !== 'Unknown Region' ? text : undefined;
  },
};

export const endpoint: Kind<Endpoint> = {
  expects: 'host:port, e.g. 0.0.0.0:2775 or [::1]:2775',
  read: readEndpoint,
};

export const endpoints: Kind<readonly Endpoint[]> = {
  expects: 'a list of host:port separated by commas, e.g. 10.0.0.5:8080,hooks.internal:443',
  read: (text) => listOf(text, readEndpoint),
};

export const proxies: Kind<readonly string[]> = {
  expects: 'a list of IP addresses or networks separated by commas, e.g. 10.0.0.0/8,127.0.0.1',
  read: (text) =>
    listOf(text, (item) => (/^[0-9a-fA-F.:]+(\/\d{1,3})?$/.test(item) && /[.:]/.test(item) ? item : undefined)),
};

function readEndpoint(text: string): Endpoint | undefined {
  const found = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/.exec(text);
  const value = found && integer(found[3] ?? '', 0, 65_535);
  return found && value !== undefined && value !== null ? { host: found[1] ?? found[2] ?? '', port: value } : undefined;
}

function listOf<T>(text: string, read: (item: string) => T | undefined): readonly T[] | undefined {
  const items = text
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean)
    .map(read);
  const values = items.filter((item) => item !== undefined);
  return values.length === items.length && items.length > 0 ? values : undefined;
}
