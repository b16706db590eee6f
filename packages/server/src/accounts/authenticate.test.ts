import { systemRandom } from '@veredus/server/system';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { type HandClock, handClock } from '../../../../test/rig/hand-clock.ts';
import { Refusal } from '../refusal.ts';
import { createKey, revokeKey } from './api-keys.ts';
import { Authentication, type Verdict } from './authenticate.ts';
import type { Caller } from './caller.ts';
import { createAccount, createUser } from './create-account.ts';
import { setPassword } from './set-password.ts';

const PASSWORD = 'right horse battery';
const HOME = '198.51.100.7';
const ELSEWHERE = '203.0.113.9';

let test: TestDatabase;
let clock: HandClock;
let authentication: Authentication;
let koala: { accountId: number; userId: number; username: string; key: string; keyId: number };
let users = 0;

const basic = (username: string, secret: string) => `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}`;
const kindOf = (verdict: Verdict) => (verdict instanceof Refusal ? verdict.kind : `via ${verdict.via}`);
const signIn = async (username: string, secret: string, address = HOME) =>
  kindOf(await authentication.authenticate(basic(username, secret), address));
const forget = (userId: number) => authentication.forget(userId);

async function makeUser() {
  const parts = { clock, random: systemRandom };
  const username = `Koala${users++}`;
  const terms = { name: 'Koala Co', country: 'AU', currency: 'AUD', prepaid: true, creditLimitMicro: null };
  const accountId = await createAccount(parts, test.db.engine, { ...terms, anySenderNumber: false });
  const user = { accountId, username, password: PASSWORD, isMain: true };
  const userId = await createUser(parts, test.db.engine, user);
  const wanted = { accountId, userId, name: 'test', scopes: ['sms:read'] as const };
  return { accountId, userId, username, ...(await createKey(parts, test.db.engine, wanted)) };
}

beforeAll(async () => {
  test = await openTestDatabase();
});
afterAll(() => test.close());
beforeEach(async () => {
  clock = handClock();
  authentication = new Authentication({ enginePool: test.db.enginePool, clock, random: systemRandom });
  koala = await makeUser();
});
afterEach(() => vi.restoreAllMocks());

describe('who is admitted', () => {
  it('[auth:basic] a key, with its own permissions, and the account’s settings', async () => {
    const caller = (await authentication.authenticate(basic(koala.username, koala.key), HOME)) as Caller;
    expect(caller).toMatchObject({ via: 'key', keyId: koala.keyId, scopes: ['sms:read'], userId: koala.userId });
    expect(caller.account).toEqual({
      accountId: koala.accountId,
      name: 'Koala Co',
      country: 'AU',
      currency: 'AUD',
      timezone: 'UTC',
      active: true,
      banned: false,
      prepaid: true,
      creditLimitMicro: null,
      lowCreditMicro: 0,
      maxParts: 8,
      truncateLong: false,
      defaultSender: '',
      anySenderNumber: false,
      throttleMs: 5000,
      campaignRecipients: 20_000,
      campaignOptOut: 'warn',
    });
  });

  it('[auth:keys] a key that was replaced, as long as it was given and not a moment longer', async () => {
    const endsAt = clock.now() + 60_000;
    await test.db.enginePool.query('update api_keys set revoked_at = $2 where key_id = $1', [koala.keyId, endsAt]);
    expect(await signIn(koala.username, koala.key)).toBe('via key');
    clock.advance(59_999);
    expect(await signIn(koala.username, koala.key)).toBe('via key');
    expect(kindOf(await authentication.authenticateKey(koala.key, HOME))).toBe('via key');
    clock.advance(1);
    expect(await signIn(koala.username, koala.key)).toBe('invalid-credentials');
    expect(kindOf(await authentication.authenticateKey(koala.key, HOME))).toBe('invalid-credentials');
  });

  it('[auth:keys] a key that would end later can be revoked before', async () => {
    await test.db.enginePool.query('update api_keys set revoked_at = $2 where key_id = $1', [
      koala.keyId,
      clock.now() + 60_000,
    ]);
    expect(await signIn(koala.username, koala.key)).toBe('via key');
    await revokeKey({ clock, forget }, test.db.engine, koala.keyId);
    expect(await signIn(koala.username, koala.key)).toBe('invalid-credentials');
  });

  it('[auth:basic] a key of an agent says whose it is; other credentials say that they are none', async () => {
    const { rows } = await test.db.enginePool.query(
      `insert into agents (account_id, user_id, name, created_at, updated_at) values ($1, $2, 'a', 0, 0) returning agent_id`,
      [koala.accountId, koala.userId],
    );
    const { agent_id } = rows[0];
    const agentOf = async (secret: string) =>
      ((await authentication.authenticate(basic(koala.username, secret), HOME)) as Caller).agentId;
    expect(await agentOf(koala.key)).toBeNull();
    await test.db.enginePool.query('update api_keys set agent_id = $2 where key_id = $1', [koala.keyId, agent_id]);
    forget(koala.userId);
    expect(await agentOf(koala.key)).toBe(agent_id);
    expect(await agentOf(PASSWORD)).toBeNull();
    expect(((await authentication.authenticateKey(koala.key, HOME)) as Caller).agentId).toBe(agent_id);
  });

  it('[auth:basic] the password, with all permissions, and the name in any case', async () => {
    const caller = (await authentication.authenticate(basic(koala.username.toUpperCase(), PASSWORD), HOME)) as Caller;
    expect(caller).toMatchObject({ via: 'password', keyId: null, scopes: ['*'], username: koala.username });
  });

  it('a key without a username at the doors that take one', async () => {
    expect(kindOf(await authentication.authenticateKey(koala.key, HOME))).toBe('via key');
    expect(kindOf(await authentication.authenticateKey('00000000-0000-0000-0000-000000000000', HOME))).toBe(
      'invalid-credentials',
    );
    expect(kindOf(await authentication.authenticateKey(PASSWORD, HOME))).toBe('invalid-credentials');
    expect(kindOf(await authentication.authenticateKey(undefined, HOME))).toBe('missing-credentials');
  });

  it('nobody else, each with the refusal that fits', async () => {
    const other = await makeUser();
    expect(kindOf(await authentication.authenticate(undefined, HOME))).toBe('missing-credentials');
    expect(kindOf(await authentication.authenticate('Bearer x', HOME))).toBe('missing-credentials');
    expect(await signIn(koala.username, 'wrong password')).toBe('invalid-credentials');
    expect(await signIn('nobody', PASSWORD)).toBe('invalid-credentials');
    expect(await signIn(koala.username, other.key)).toBe('invalid-credentials');
    expect(await signIn(koala.username, koala.key.toLowerCase())).toBe('invalid-credentials');
    expect(await signIn('na\0me', 'x'.repeat(900))).toBe('invalid-credentials');
    expect(await signIn(koala.username, 'x'.repeat(2000))).toBe('invalid-credentials');
  });

  it('no disabled user, no inactive or banned account; told only to who has a right secret', async () => {
    const set = (table: string, column: string, value: unknown) =>
      test.db.enginePool.query(`update ${table} set ${column} = $1 where account_id = $2`, [value, koala.accountId]);
    const states = [
      ['users', 'disabled_at', 1, null, 'forbidden'],
      ['accounts', 'active', false, true, 'account-not-activated'],
      ['accounts', 'banned', true, false, 'account-banned'],
    ] as const;
    for (const [table, column, on, off, kind] of states) {
      await set(table, column, on);
      expect(await signIn(koala.username, koala.key)).toBe(kind);
      expect(await signIn(koala.username, PASSWORD)).toBe(kind);
      expect(await signIn(koala.username, 'wrong password', ELSEWHERE)).toBe('invalid-credentials');
      await set(table, column, off);
    }
    expect(await signIn(koala.username, koala.key)).toBe('via key');
  });
});

describe('the cache', () => {
  it('answers at once, without a promise and without the database, for 5 s', async () => {
    const header = basic(koala.username, koala.key);
    const caller = await authentication.authenticate(header, HOME);
    const query = vi.spyOn(test.db.enginePool, 'query');
    expect(authentication.authenticate(header, ELSEWHERE)).toBe(caller);
    clock.advance(4999);
    expect(authentication.authenticate(header, HOME)).toBe(caller);
    expect(query).not.toHaveBeenCalledWith(expect.objectContaining({ name: 'find-identity' }));
    await authentication.close();
    clock.advance(1);
    expect(authentication.authenticate(header, HOME)).toBeInstanceOf(Promise);
  });

  it('costs a few µs', async () => {
    const header = basic(koala.username, koala.key);
    await authentication.authenticate(header, HOME);
    const rounds = 20_000;
    const start = process.cpuUsage();
    for (let i = 0; i < rounds; i++) authentication.authenticate(header, HOME);
    const spent = process.cpuUsage(start);
    expect((spent.user + spent.system) / rounds).toBeLessThan(30);
  });

  it('[auth:keys] is emptied for a user whose key is revoked or whose password is changed', async () => {
    expect(await signIn(koala.username, koala.key)).toBe('via key');
    await revokeKey({ clock, forget }, test.db.engine, koala.keyId);
    expect(await signIn(koala.username, koala.key)).toBe('invalid-credentials');
    await expect(revokeKey({ clock, forget }, test.db.engine, koala.keyId)).rejects.toThrow('could be revoked');

    expect(await signIn(koala.username, PASSWORD)).toBe('via password');
    const change = { username: koala.username, password: 'another password' };
    await setPassword({ random: systemRandom, forget }, test.db.engine, change);
    expect(await signIn(koala.username, PASSWORD)).toBe('invalid-credentials');
    expect(await signIn(koala.username, 'another password')).toBe('via password');
  });

  it('keeps nothing that was looked up before a change and answered after it', async () => {
    const header = basic(koala.username, koala.key);
    const before = authentication.authenticate(header, HOME);
    authentication.forget(koala.userId);
    await before;
    expect(authentication.authenticate(header, HOME)).toBeInstanceOf(Promise);
  });

  it('lets nobody share a look-up that was begun before a change', async () => {
    const header = basic(koala.username, koala.key);
    const before = authentication.authenticate(header, HOME);
    expect(authentication.authenticate(header, HOME)).toBe(before);
    authentication.forget(koala.userId);
    const after = authentication.authenticate(header, HOME);
    expect(after).not.toBe(before);
    await Promise.all([before, after]);
  });

  it('asks the database once for the same credentials at the same time', async () => {
    const query = vi.spyOn(test.db.enginePool, 'query');
    const verdicts = await Promise.all(
      Array.from({ length: 50 }, () => authentication.authenticate(basic(koala.username, PASSWORD), HOME)),
    );
    expect(new Set(verdicts).size).toBe(1);
    expect(query).toHaveBeenCalledTimes(1);
  });
});

describe('[fault:F53] guessing', () => {
  it('[auth:back-off] is slowed with 429 and Retry-After, for a user who exists and for one who does not alike', async () => {
    const tries = async (username: string, address: string) => {
      const kinds: string[] = [];
      for (let i = 0; i < 8; i++) kinds.push(await signIn(username, `wrong ${i}`, address));
      return kinds;
    };
    const known = await tries(koala.username, '203.0.113.1');
    expect(known).toEqual([...Array(6).fill('invalid-credentials'), ...Array(2).fill('too-many-requests')]);
    expect(await tries('nobody', '203.0.113.2')).toEqual(known);
    const refused = await authentication.authenticate(basic(koala.username, 'wrong'), '203.0.113.1');
    expect(refused).toMatchObject({ kind: 'too-many-requests', retryAfter: 1 });
  });

  it('[auth:unknown-user] takes a hash for an unknown user as for a known one', async () => {
    const time = async (username: string) => {
      const start = performance.now();
      await signIn(username, `wrong ${Math.random()}`);
      return performance.now() - start;
    };
    const [known, unknown] = [[] as number[], [] as number[]];
    for (let i = 0; i < 3; i++) {
      known.push(await time(koala.username));
      unknown.push(await time('nobody at all'));
    }
    const ratio = Math.min(...known) / Math.min(...unknown);
    expect(ratio).toBeGreaterThan(0.4);
    expect(ratio).toBeLessThan(2.5);
    expect(Math.min(...unknown)).toBeGreaterThan(20);
  });

  it('[auth:back-off] never holds up a right key, nor a password proven within the hour, nor the owner elsewhere', async () => {
    expect(await signIn(koala.username, PASSWORD)).toBe('via password');
    clock.advance(5000);
    for (let i = 0; i < 7; i++) await signIn(koala.username, `wrong ${i}`);
    expect(await signIn(koala.username, 'wrong again')).toBe('too-many-requests');
    expect(await signIn(koala.username, koala.key)).toBe('via key');
    expect(await signIn(koala.username, PASSWORD)).toBe('via password');
    expect(await signIn(koala.username, PASSWORD, ELSEWHERE)).toBe('via password');
  });

  it('holds a password that is not proven to its turn, at the guesser’s own address only', async () => {
    for (let i = 0; i < 6; i++) await signIn(koala.username, `wrong ${i}`);
    expect(await signIn(koala.username, PASSWORD)).toBe('too-many-requests');
    expect(await signIn(koala.username, PASSWORD, ELSEWHERE)).toBe('via password');
    clock.advance(1000);
    expect(await signIn(koala.username, PASSWORD)).toBe('via password');
  });

  it('[auth:hashes] bounds the hashes that run and wait, and turns the crowd away, not the owner at his usual place', async () => {
    const owner = await makeUser();
    expect(await signIn(owner.username, owner.key)).toBe('via key');
    const crowd = Array.from({ length: 60 }, (_, i) => signIn(owner.username, `wrong ${i}`, `203.0.113.${i}`));
    const own = signIn(owner.username, PASSWORD);
    expect(await own).toBe('via password');
    const kinds = await Promise.all(crowd);
    expect(kinds.filter((kind) => kind === 'too-many-requests').length).toBeGreaterThanOrEqual(60 - 34);
    expect(kinds.filter((kind) => kind === 'invalid-credentials').length).toBeGreaterThanOrEqual(2);
  });

  it('slows guesses at a key that somebody chose and made short', async () => {
    const parts = { clock, random: systemRandom };
    const { accountId, userId, username } = koala;
    const chosen = { accountId, userId, name: 'chosen', scopes: ['*'] as const, key: `short-${userId}` };
    await createKey(parts, test.db.engine, chosen);
    expect(await signIn(username, chosen.key)).toBe('via key');
    for (let i = 0; i < 6; i++) await signIn(username, `wrong ${i}`, ELSEWHERE);
    clock.advance(5000);
    for (let i = 0; i < 2; i++) await signIn(username, `wrong ${i}`, ELSEWHERE);
    expect(await signIn(username, chosen.key, ELSEWHERE)).toBe('too-many-requests');
    expect(await signIn(username, chosen.key)).toBe('via key');
  });
});

describe('last_used_at', () => {
  const lastUsed = async () => {
    const text = 'select last_used_at from api_keys where key_id = $1';
    return (await test.db.enginePool.query(text, [koala.keyId])).rows[0].last_used_at;
  };

  it('[auth:keys] is written once a minute for each key, in one statement', async () => {
    await signIn(koala.username, koala.key);
    expect(await lastUsed()).toBeNull();
    const first = clock.now();
    clock.advance(500);
    await signIn(koala.username, koala.key);
    await authentication.close();
    expect(await lastUsed()).toBe(first);
    clock.advance(58_000);
    await signIn(koala.username, koala.key);
    await authentication.close();
    expect(await lastUsed()).toBe(first);
    clock.advance(2000);
    await signIn(koala.username, koala.key);
    await authentication.close();
    expect(await lastUsed()).toBe(first + 60_500);
  });
});
