import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Config, type Environment, readConfig, SETTINGS } from './config.ts';
import { SETTINGS_PAGE, settingsPage } from './config-docs.ts';

function configOf(env: Environment): Config {
  const read = readConfig(env);
  if ('faults' in read) throw new Error(read.faults.join('\n'));
  return read.config;
}

function faultsOf(env: Environment): string[] {
  const read = readConfig(env);
  return 'faults' in read ? read.faults : [];
}

describe('readConfig', () => {
  test('with nothing set, all defaults', () => {
    expect(configOf({})).toMatchObject({
      port: 8080,
      host: '127.0.0.1',
      dataDir: resolve('.veredus'),
      databaseUrl: null,
      roles: ['api', 'worker'],
      smsCarrier: null,
      clock: 'system',
      currency: 'USD',
      country: 'AU',
      allowUrls: [],
      smppListen: null,
    });
  });

  test('an empty variable counts as unset, and spaces around a value do not count', () => {
    expect(configOf({ PORT: '', HOST: ' 0.0.0.0 ' })).toMatchObject({ port: 8080, host: '0.0.0.0' });
  });

  test.each<[string, string, Partial<Config>]>([
    ['PORT', '0', { port: 0 }],
    ['VEREDUS_DATA_DIR', '/var/lib/x/../y', { dataDir: '/var/lib/y' }],
    [
      'DATABASE_URL',
      'postgres://u:p@/db?host=/run/postgresql',
      { databaseUrl: 'postgres://u:p@/db?host=/run/postgresql' },
    ],
    ['VEREDUS_PUBLIC_URL', 'https://sms.example.com/', { publicUrl: 'https://sms.example.com' }],
    ['VEREDUS_ROLES', 'worker', { roles: ['worker'] }],
    ['VEREDUS_CLOUD_URL', 'https://cloud.example:8443/', { cloudUrl: 'https://cloud.example:8443' }],
    ['VEREDUS_CLOUD_URL', 'http://127.0.0.1:99', { cloudUrl: 'http://127.0.0.1:99' }],
    [
      'VEREDUS_CALLBACK_HOSTS',
      'App.example.com, *.example.org',
      { callbackHosts: ['app.example.com', '*.example.org'] },
    ],
    ['VEREDUS_CALLBACK_HOSTS', '*', { callbackHosts: ['*'] }],
    ['VEREDUS_SMS_CARRIER', 'smpp://s:p@host:2775?window=100', { smsCarrier: 'smpp://s:p@host:2775?window=100' }],
    [
      'VEREDUS_ALLOW_URLS',
      '10.0.0.5:80, [::1]:443',
      {
        allowUrls: [
          { host: '10.0.0.5', port: 80 },
          { host: '::1', port: 443 },
        ],
      },
    ],
    ['VEREDUS_TRUST_PROXY', '10.0.0.0/8,::1', { trustProxy: ['10.0.0.0/8', '::1'] }],
  ])('%s=%s', (name, text, expected) => {
    expect(configOf({ [name]: text })).toMatchObject(expected);
  });

  test.each([
    ['PORT', '65536'],
    ['PORT', '80.5'],
    ['PORT', '-1'],
    ['HOST', '127.0.0.1:80'],
    ['VEREDUS_PUBLIC_URL', 'ftp://x'],
    ['VEREDUS_ROLES', 'api,boss'],
    ['VEREDUS_ROLES', ','],
    ['VEREDUS_USERNAME', 'a:b'],
    ['VEREDUS_CLOCK', 'fast'],
    ['VEREDUS_CURRENCY', 'usd'],
    ['VEREDUS_COUNTRY', 'XX'],
    ['VEREDUS_ALLOW_URLS', '10.0.0.5'],
    ['VEREDUS_TRUST_PROXY', 'true'],
  ])('%s=%s is refused with the value expected and the one given', (name, text) => {
    const kind = Object.values(SETTINGS).find((setting) => setting.name === name)?.kind;
    expect(faultsOf({ [name]: text })).toEqual([`${name} must be ${kind?.expects}, not "${text}".`]);
  });

  test.each(['DATABASE_URL', 'VEREDUS_SECRET_KEY', 'VEREDUS_API_KEY', 'VEREDUS_PASSWORD', 'VEREDUS_SMS_CARRIER'])(
    'the value of %s is never shown',
    (name) => {
      const faults = faultsOf({ [name]: 'hunt r2' });
      expect(faults).toHaveLength(1);
      expect(faults[0]).toContain(name);
      expect(faults[0]).not.toContain('hunt');
    },
  );

  test('all faults come at once', () => {
    const faults = faultsOf({ PORT: 'x', VEREDUS_CLOCK: 'y', VEREDUS_SECRET_KEY: 'short', VEREDUS_SMS_CARIER: 'z' });
    expect(faults.map((sentence) => sentence.split(' ')[0])).toEqual([
      'PORT',
      'VEREDUS_SECRET_KEY',
      'VEREDUS_CLOCK',
      'VEREDUS_SMS_CARIER',
    ]);
    expect(faults.at(-1)).toBe('VEREDUS_SMS_CARIER is not a setting; VEREDUS_SMS_CARRIER is.');
  });

  test("names that only begin like ours are somebody else's", () => {
    expect(
      faultsOf({ VEREDUS_SERVICE_HOST: '10.0.0.1', VEREDUS_PORT: 'tcp://10.0.0.1:80', VEREDUS_PORT_8080_TCP: 'x' }),
    ).toEqual([]);
  });

  test('a setting for what this release cannot do stops the start, and is not ignored', () => {
    for (const name of ['VEREDUS_MMS_CARRIER', 'VEREDUS_FAX_CARRIER', 'VEREDUS_SMTP_LISTEN']) {
      const text = name.endsWith('LISTEN') ? '0.0.0.0:2775' : 'smpp://u:p@host';
      expect(faultsOf({ [name]: text })).toEqual([
        `${name} is for a later release: this one sends SMS and plain emails. Leave it unset.`,
      ]);
    }
  });

  test('a mail carrier is none of them, and an address must be one', () => {
    const url = 'smtp://u:p@mail.example.com?from=a@b.example';
    expect(faultsOf({ VEREDUS_EMAIL_CARRIER: url, VEREDUS_EMAIL: 'ana@example.com' })).toEqual([]);
    expect(faultsOf({ VEREDUS_EMAIL_CARRIER: url, VEREDUS_CLOCK: 'sandbox' })).toEqual([
      'VEREDUS_CLOCK=sandbox cannot be used with VEREDUS_EMAIL_CARRIER: a real carrier does not travel in time.',
    ]);
    expect(faultsOf({ VEREDUS_EMAIL: 'ana@localhost' })).toEqual([
      'VEREDUS_EMAIL must be one email address, e.g. ana@example.com, not "ana@localhost".',
    ]);
  });

  test('credentials go to the cloud over TLS, but for a loopback host', () => {
    for (const url of [
      'http://rest.example.com',
      'http://127.0.0.1.example.com',
      'https://rest.example.com/v3',
      'ftp://x',
    ]) {
      expect(faultsOf({ VEREDUS_CLOUD_URL: url }), url).toHaveLength(1);
    }
    expect(faultsOf({ VEREDUS_CALLBACK_HOSTS: 'https://app.example.com/' })).toHaveLength(1);
  });

  test('time travel and a real carrier exclude each other', () => {
    expect(faultsOf({ VEREDUS_CLOCK: 'sandbox', VEREDUS_SMS_CARRIER: 'smpp://u:p@host' })).toEqual([
      'VEREDUS_CLOCK=sandbox cannot be used with VEREDUS_SMS_CARRIER: a real carrier does not travel in time.',
    ]);
  });
});

test('docs/settings.md is current', async () => {
  expect(await readFile(SETTINGS_PAGE, 'utf8'), 'run `node packages/server/src/config-docs.ts`').toBe(settingsPage());
});
