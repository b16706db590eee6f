import { systemRandom } from '@veredus/server/system';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { StartRefused } from '../db/start-refused.ts';
import { EXAMPLE_SMS_RATES } from '../pricing/example-rates.ts';
import { Refusal } from '../refusal.ts';
import { Authentication } from './authenticate.ts';
import { bootstrapOwner, type OwnerSecrets, type OwnerSettings } from './bootstrap.ts';
import type { Caller } from './caller.ts';

const UNSET: OwnerSettings = { username: null, apiKey: null, password: null, currency: 'AUD', country: 'NZ' };

let test: TestDatabase;
const clock = handClock();

beforeEach(async () => {
  test = await openTestDatabase();
});
afterEach(() => test.close());

/** Starts a node: what it kept, and what it answered. */
async function start(settings: Partial<OwnerSettings> = {}) {
  const kept: OwnerSecrets[] = [];
  const keep = async (secrets: OwnerSecrets) => void kept.push(secrets);
  const config = { ...UNSET, ...settings };
  const answer = await bootstrapOwner({ db: test.db, clock, random: systemRandom, config, keep });
  return { ...answer, secrets: kept[0] };
}

async function signIn(username: string, secret: string): Promise<Caller | string> {
  const authentication = new Authentication({ enginePool: test.db.enginePool, clock, random: systemRandom });
  const header = `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}`;
  const verdict = await authentication.authenticate(header, '192.0.2.1');
  await authentication.close();
  return verdict instanceof Refusal ? verdict.kind : verdict;
}

const rows = async (text: string) => (await test.db.enginePool.query(text)).rows;
const counts = async () =>
  Object.fromEntries(
    await Promise.all(
      ['accounts', 'users', 'api_keys', 'ledger_balances', 'receipt_rules', 'inbound_rules', 'rates'].map(
        async (table) => [table, (await rows(`select count(*) as n from ${table}`))[0].n],
      ),
    ),
  );
const ONE_OWNER = {
  ...{ accounts: 1, users: 1, api_keys: 3, ledger_balances: 1, receipt_rules: 1, inbound_rules: 1 },
  rates: Object.keys(EXAMPLE_SMS_RATES).length,
};

describe('the address of the owner', () => {
  it('[mail:owner] is that of the setting, followed at each start, and kept without one', async () => {
    const address = async () => (await rows('select email from users'))[0].email;
    await start();
    expect(await address()).toBe('');
    await start({ email: 'ana@rye.example' });
    expect(await address()).toBe('ana@rye.example');
    await start({ email: null });
    expect(await address()).toBe('ana@rye.example');
  });

  it('[mail:owner] is there from the first start', async () => {
    await start({ email: 'ana@rye.example' });
    expect((await rows('select email from users'))[0].email).toBe('ana@rye.example');
  });
});

describe('the first start', () => {
  it('makes an owner who can sign in with each of his secrets', async () => {
    const { made, username, secrets } = await start();
    expect({ made, username }).toEqual({ made: true, username: 'owner' });
    expect(secrets).toBeDefined();
    const { apiKey, password, brokerKey, agentKey } = secrets as OwnerSecrets;
    expect(await signIn('owner', password)).toMatchObject({ via: 'password', scopes: ['*'] });
    expect(await signIn('owner', apiKey)).toMatchObject({
      scopes: ['*'],
      account: { country: 'NZ', currency: 'AUD', prepaid: false, creditLimitMicro: null, anySenderNumber: true },
    });
    const broker = (await signIn('owner', brokerKey)) as Caller;
    expect(broker.scopes).toEqual(
      expect.arrayContaining(['broker:use', 'campaigns:send', 'rules:write', 'agents:write']),
    );
    expect(broker.scopes).not.toContain('*');
    expect(((await signIn('owner', agentKey)) as Caller).scopes).toEqual(['agent:use']);
    expect(await counts()).toEqual(ONE_OWNER);
    expect(
      await rows('select action, enabled from receipt_rules union all select action, enabled from inbound_rules'),
    ).toEqual([
      { action: 'POLL', enabled: true },
      { action: 'POLL', enabled: true },
    ]);
    expect(await rows('select distinct example from rates')).toEqual([{ example: true }]);
  });

  it('takes name, key and password from the settings', async () => {
    const { secrets } = await start({ username: 'Kim', apiKey: 'chosen-key-of-mine', password: 'chosen password' });
    expect(secrets).toMatchObject({ username: 'Kim', apiKey: 'chosen-key-of-mine', password: 'chosen password' });
    expect(await signIn('kim', 'chosen-key-of-mine')).toMatchObject({ username: 'Kim', scopes: ['*'] });
    expect(await signIn('kim', 'chosen password')).toMatchObject({ via: 'password' });
  });

  it('[auth:hashes] keeps no secret in the database', async () => {
    const { secrets } = await start();
    const { apiKey, password, brokerKey, agentKey } = secrets as OwnerSecrets;
    const dump = JSON.stringify([await rows('select * from users'), await rows('select * from api_keys')]);
    for (const secret of [apiKey, password, brokerKey, agentKey]) expect(dump).not.toContain(secret);
  });

  it('of four nodes at once is done by one', async () => {
    const nodes = await Promise.all(Array.from({ length: 4 }, () => start()));
    expect(nodes.filter(({ made }) => made)).toHaveLength(1);
    expect(nodes.filter(({ secrets }) => secrets)).toHaveLength(1);
    expect(await counts()).toEqual(ONE_OWNER);
  });

  it('leaves nothing behind when the secrets cannot be kept', async () => {
    const keep = () => Promise.reject(new RangeError('disk full'));
    const parts = { db: test.db, clock, random: systemRandom, config: UNSET, keep };
    await expect(bootstrapOwner(parts)).rejects.toThrow('disk full');
    expect((await counts()).accounts).toBe(0);
    expect((await start()).made).toBe(true);
  });

  it.each([
    [{ password: 'short' }, 'A password has 8'],
    [{ username: 'a:b' }, 'no colon'],
    [{ apiKey: 'has a space in it' }, 'no spaces'],
    [{ currency: 'XYZ' }, 'no currency'],
    [{ country: 'Australia' }, 'no country'],
  ])('refuses %j', async (settings, words) => {
    await expect(start(settings)).rejects.toThrow(words);
    await expect(start(settings)).rejects.toBeInstanceOf(StartRefused);
  });
});

describe('a later start', () => {
  it('changes nothing where nothing is set', async () => {
    const { secrets } = await start();
    expect(await start()).toMatchObject({ made: false, username: 'owner', secrets: undefined });
    expect(await counts()).toEqual(ONE_OWNER);
    expect(await signIn('owner', (secrets as OwnerSecrets).apiKey)).toMatchObject({ via: 'key' });
  });

  it('follows settings that were set or changed since', async () => {
    const first = (await start()).secrets as OwnerSecrets;
    const changed = { username: 'kim', apiKey: 'key-from-settings-1', password: 'password from settings' };
    expect(await start(changed)).toMatchObject({ made: false, username: 'kim' });
    expect(await signIn('owner', first.apiKey)).toBe('invalid-credentials');
    expect(await signIn('kim', first.apiKey)).toMatchObject({ via: 'key' });
    expect(await signIn('kim', 'key-from-settings-1')).toMatchObject({ via: 'key' });
    expect(await signIn('kim', first.password)).toBe('invalid-credentials');
    expect(await signIn('kim', 'password from settings')).toMatchObject({ via: 'password' });

    await start({ ...changed, apiKey: 'key-from-settings-2' });
    expect(await signIn('kim', 'key-from-settings-1')).toBe('invalid-credentials');
    expect(await signIn('kim', 'key-from-settings-2')).toMatchObject({ via: 'key' });
    await expect(start({ ...changed, apiKey: 'key-from-settings-1' })).rejects.toThrow('used before');
    expect(await signIn('kim', 'key-from-settings-2')).toMatchObject({ via: 'key' });
  });

  it('finds its key and password right as they are', async () => {
    const settings = { apiKey: 'key-from-settings-1', password: 'password from settings' };
    await start(settings);
    const before = await rows('select password_hash from users');
    await start(settings);
    expect(await rows('select password_hash from users')).toEqual(before);
    expect(await counts()).toEqual(ONE_OWNER);
  });
});
