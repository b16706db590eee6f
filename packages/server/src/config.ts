import { resolve } from 'node:path';
import * as kinds from './config-kinds.ts';

/** One setting: what it is called outside, how its text is read, what holds without it, and a sentence for the docs. */
export interface Setting<T> {
  readonly name: string;
  readonly kind: kinds.Kind<T>;
  readonly fallback: T | null;
  readonly about: string;
  /** The default in words, where the value alone does not say it. */
  readonly otherwise?: string;
}

const required = <T>(name: string, kind: kinds.Kind<T>, fallback: T, about: string, otherwise?: string) =>
  ({ name, kind, fallback, about, otherwise }) as Setting<T> & { readonly fallback: T };
const optional = <T>(name: string, kind: kinds.Kind<T>, otherwise: string, about: string) =>
  ({ name, kind, fallback: null, about, otherwise }) as Setting<T> & { readonly fallback: null };

/** Every setting there is. `docs/settings.md` is written from this table. */
export const SETTINGS = {
  port: required('PORT', kinds.port, 8080, 'The port of the API and the console.'),
  host: required('HOST', kinds.host, '127.0.0.1', 'The address to listen on; 0.0.0.0 lets other machines in.'),
  dataDir: required(
    'VEREDUS_DATA_DIR',
    kinds.folder,
    resolve('.veredus'),
    'Where the embedded database, generated keys and credentials.json are kept.',
    '`.veredus`',
  ),
  databaseUrl: optional(
    'DATABASE_URL',
    kinds.databaseUrl,
    'the embedded PostgreSQL',
    'A PostgreSQL of your own, version 15 or newer.',
  ),
  publicUrl: optional(
    'VEREDUS_PUBLIC_URL',
    kinds.publicUrl,
    'the address it listens on',
    'How the outside reaches this server; used in links, webhooks and hosted pages.',
  ),
  linkUrl: optional(
    'VEREDUS_LINK_URL',
    kinds.publicUrl,
    'the public URL and `/s`',
    'Where short links stand, e.g. https://acme.link: a short host of its own saves characters. It must lead to this server.',
  ),
  roles: required(
    'VEREDUS_ROLES',
    kinds.someOf('api', 'worker'),
    ['api', 'worker'],
    'What this node does: answer requests, send messages, or both.',
    '`api,worker`',
  ),
  secretKey: optional(
    'VEREDUS_SECRET_KEY',
    kinds.secretOf(32),
    'generated in the data folder',
    'The key that signing keys of webhooks and the vault of connections are derived from; must be the same on every node of one database, and never lost.',
  ),
  username: optional(
    'VEREDUS_USERNAME',
    kinds.username,
    'generated',
    'User name of the first owner; a changed one is followed at the next start.',
  ),
  apiKey: optional(
    'VEREDUS_API_KEY',
    kinds.secretOf(8),
    'generated',
    'API key of the first owner; a changed one is followed at the next start, and ends the one before.',
  ),
  password: optional(
    'VEREDUS_PASSWORD',
    kinds.secretOf(8),
    'generated',
    'Console password of the first owner; a changed one is followed at the next start.',
  ),
  email: optional(
    'VEREDUS_EMAIL',
    kinds.email,
    'none',
    'Email address of the first owner, for notices of rules and alerts; a changed one is followed at the next start.',
  ),
  smsCarrier: optional('VEREDUS_SMS_CARRIER', kinds.carrierUrl, 'the sandbox', 'How SMS leave.'),
  mmsCarrier: optional(
    'VEREDUS_MMS_CARRIER',
    kinds.carrierUrl,
    'none',
    'How MMS leave. This release sends no MMS: setting it stops the start.',
  ),
  emailCarrier: optional(
    'VEREDUS_EMAIL_CARRIER',
    kinds.carrierUrl,
    'the sandbox',
    'How emails leave, e.g. smtp://user:password@mail.example.com:587?from=noreply@example.com (docs/email.md).',
  ),
  faxCarrier: optional(
    'VEREDUS_FAX_CARRIER',
    kinds.carrierUrl,
    'none',
    'How faxes leave. This release sends no faxes: setting it stops the start.',
  ),
  letterCarrier: optional(
    'VEREDUS_LETTER_CARRIER',
    kinds.carrierUrl,
    'none',
    'How letters leave. This release sends no letters: setting it stops the start.',
  ),
  campaignLateness: required(
    'VEREDUS_CAMPAIGN_LATENESS',
    kinds.minutes(1, 10_080),
    60,
    'By how many minutes a scheduled campaign may be late (after an outage, say) and still start by itself; later ones wait to be resumed.',
  ),
  clock: required(
    'VEREDUS_CLOCK',
    kinds.oneOf('system', 'sandbox'),
    'system',
    'With `sandbox`, POST /sandbox/clock moves time; only where every carrier is the sandbox.',
  ),
  currency: required(
    'VEREDUS_CURRENCY',
    kinds.currency,
    'USD',
    'Currency of the first account; read on the first start only.',
  ),
  country: required(
    'VEREDUS_COUNTRY',
    kinds.country,
    'AU',
    'Country of the first account, in which local numbers are read; first start only.',
  ),
  connectTarget: required(
    'VEREDUS_CONNECT_TARGET',
    kinds.oneOf('local', 'cloud'),
    'local',
    'What new connections act on unless they say it: this server, or the ClickSend cloud (docs/connections.md).',
  ),
  cloudUrl: required(
    'VEREDUS_CLOUD_URL',
    kinds.cloudUrl,
    'https://rest.clicksend.com',
    'Where connections to the ClickSend cloud lead; no caller can change it.',
  ),
  callbackHosts: required(
    'VEREDUS_CALLBACK_HOSTS',
    kinds.hosts,
    ['*'],
    'Hosts that the connect page may return to, besides this server and loopback: names, `*.example.com` for all below one, or `*` for any; always over HTTPS.',
    '`*`',
  ),
  allowUrls: required(
    'VEREDUS_ALLOW_URLS',
    kinds.endpoints,
    [],
    'Hosts of your own network that requests to a URL a caller gave may reach all the same, each written as in that URL.',
    'none',
  ),
  trustProxy: required(
    'VEREDUS_TRUST_PROXY',
    kinds.proxies,
    [],
    'Reverse proxies whose X-Forwarded-For is believed.',
    'none',
  ),
  smppListen: optional(
    'VEREDUS_SMPP_LISTEN',
    kinds.endpoint,
    'off',
    'Where customers may bind to us by SMPP (docs/smpp-door.md), on nodes with the role `api`; port 0 = any free one, which the log names.',
  ),
  smtpListen: optional(
    'VEREDUS_SMTP_LISTEN',
    kinds.endpoint,
    'off',
    'Where email-to-SMS is taken in. This release has no such door: setting it stops the start.',
  ),
} as const;

type Table = typeof SETTINGS;
/** What the settings say, by their names in the code. Optional ones are null when unset. */
export type Config = {
  readonly [K in keyof Table]: Table[K] extends { kind: kinds.Kind<infer T>; fallback: infer F }
    ? F extends null
      ? T | null
      : T
    : never;
};

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads all settings; an empty variable counts as unset.
 * @returns the settings, or every fault at once, each one sentence for the operator that never shows a secret.
 */
export function readConfig(env: Environment = process.env): { config: Config } | { faults: string[] } {
  const faults: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries<Setting<unknown>>(SETTINGS)) {
    const text = env[setting.name]?.trim() ?? '';
    const value = text === '' ? setting.fallback : setting.kind.read(text);
    if (value === undefined) faults.push(fault(setting, text));
    values[key] = value;
  }
  faults.push(...misspelt(env), ...notBuiltYet(env), ...contradictions(env));
  return faults.length > 0 ? { faults } : { config: values as Config };
}

/** What `veredus mcp` reads, as it stands: they say where another server is, and are no settings of this one. */
export function bridgeEnvironment(env: Environment = process.env) {
  const { VEREDUS_URL, VEREDUS_AGENT_KEY, VEREDUS_MCP_MODE, VEREDUS_ALLOW_INSECURE_HTTP } = env;
  return { VEREDUS_URL, VEREDUS_AGENT_KEY, VEREDUS_MCP_MODE, VEREDUS_ALLOW_INSECURE_HTTP };
}

function fault(setting: Setting<unknown>, text: string): string {
  const shown = setting.kind.secret ? '' : `, not ${JSON.stringify(text.slice(0, 80))}`;
  return `${setting.name} must be ${setting.kind.expects}${shown}.`;
}

/** Settings of parts that this release does not have: ignoring them would lose what their owner expects to be sent. */
function notBuiltYet(env: Environment): string[] {
  const { mmsCarrier, faxCarrier, letterCarrier, smtpListen } = SETTINGS;
  return [mmsCarrier, faxCarrier, letterCarrier, smtpListen]
    .filter(({ name }) => env[name]?.trim())
    .map(({ name }) => `${name} is for a later release: this one sends SMS and plain emails. Leave it unset.`);
}

function contradictions(env: Environment): string[] {
  if (env[SETTINGS.clock.name]?.trim() !== 'sandbox') return [];
  const { smsCarrier, mmsCarrier, emailCarrier, faxCarrier, letterCarrier } = SETTINGS;
  const real = [smsCarrier, mmsCarrier, emailCarrier, faxCarrier, letterCarrier].filter(({ name }) =>
    env[name]?.trim(),
  );
  return real.map(
    ({ name }) => `${SETTINGS.clock.name}=sandbox cannot be used with ${name}: a real carrier does not travel in time.`,
  );
}

/**
 * A misspelt name would otherwise be ignored in silence. Only near misses, because others put names that start with
 * ours into the environment, e.g. Kubernetes VEREDUS_SERVICE_HOST for a service called veredus.
 */
function misspelt(env: Environment): string[] {
  const known = Object.values<Setting<unknown>>(SETTINGS).map(({ name }) => name);
  return Object.keys(env)
    .filter((name) => name.startsWith('VEREDUS_') && !known.includes(name))
    .flatMap((name) => {
      const meant = known.find((candidate) => distance(name, candidate) <= 2);
      return meant ? [`${name} is not a setting; ${meant} is.`] : [];
    });
}

/** Levenshtein's: how many letters to add, drop or change. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
