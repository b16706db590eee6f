import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { type ConnectionRig, openConnectionRig } from '../../../../test/rig/connections.ts';
import { Authentication } from '../accounts/authenticate.ts';
import type { Handlers } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import { createUser } from '../accounts/create-account.ts';
import { Refusal } from '../refusal.ts';
import { systemRandom } from '../system.ts';
import { defaultAuthConfig } from './auth-configs.ts';
import { checkConnection, listConnections } from './connections.ts';
import { createLink, openConnectLink, submitConnectLink } from './links.ts';
import { localTarget } from './local-target.ts';
import { makeConnection } from './make-connection.ts';
import type { ConnectionParts } from './parts.ts';
import { recheckDue } from './recheck.ts';

const PASSWORD = 'right horse battery';
const HELD_UP = { kind: 'too-many-requests', retryAfter: expect.any(Number) };
/** Wrong ones of one account that are looked at before it has to wait. */
const FREE = 20;

let rig: ConnectionRig;
let parts: ConnectionParts;
let authentication: Authentication;
let caller: Caller;
let wrong = 0;
let people = 0;
beforeAll(async () => {
  rig = await openConnectionRig();
});
afterAll(() => rig.close());
beforeEach(async () => {
  start();
  caller = await rig.caller(`owner-${++people}`);
});

function start() {
  const { clock } = rig;
  authentication = new Authentication({ enginePool: rig.db.enginePool, clock, random: systemRandom });
  const account = async () => ({ data: { account_name: 'Here' } });
  const local = localTarget({ authentication, handlers: () => ({ account }) as unknown as Handlers });
  parts = { ...rig.parts, targets: { ...rig.parts.targets, local } };
}

async function connect(credentials: { username: string; password: string }, validate = true, as = caller) {
  const { authConfigId } = await defaultAuthConfig(parts, as, 'local');
  const wish = { userId: 'u', alias: null, callbackUrl: null, state: null, requestedBy: null };
  return (await makeConnection(parts, as, { ...wish, authConfigId, credentials, validate })).connection;
}
const guess = () => ({ username: `nobody-${++wrong}`, password: `guess ${wrong}` });
const guesses = async (count: number, as = caller) => {
  for (let i = 0; i < count; i++) expect((await connect(guess(), true, as)).status).toBe('FAILED');
};
const all = async () => (await listConnections(parts, caller.accountId, { limit: 100 })).rows;

async function somebody(username: string) {
  const wanted = { accountId: caller.accountId, username, password: PASSWORD, isMain: false };
  await createUser({ clock: rig.clock, random: systemRandom }, rig.db.engine, wanted);
  return { username, password: PASSWORD };
}

describe('wrong credentials in connections of one account, a new username each time', () => {
  test(
    verifies('connections:local', 'are looked at no more after twenty: refused, and nothing is stored'),
    async () => {
      await guesses(FREE);
      await connect(guess()).catch(() => {});
      const before = (await all()).length;
      await expect(connect(guess())).rejects.toMatchObject(HELD_UP);
      expect((await all()).length).toBe(before);

      // Nobody else waits for it: not another account, and not who signs in, also where he was never seen.
      const other = await rig.caller(`other-${people}`);
      const friend = await somebody(`friend-${people}`);
      expect((await connect(friend, true, other)).status).toBe('ACTIVE');
      const header = `Basic ${Buffer.from(`${(await somebody(`owner-in-${people}`)).username}:${PASSWORD}`).toString('base64')}`;
      expect(await authentication.authenticate(header, '198.51.100.7')).not.toBeInstanceOf(Refusal);
      rig.clock.advance(60_000);
      expect((await connect(await somebody(`late-${people}`))).status).toBe('ACTIVE');
    },
  );

  test(verifies('connections:local', 'of many at once fill the line of nobody who signs in'), async () => {
    const basic = (username: string, password: string) =>
      `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const somebodys = basic((await somebody(`in-line-${people}`)).username, PASSWORD);
    const checks = Array.from({ length: 60 }, (_, i) =>
      Promise.resolve(authentication.authenticateConnection(basic(`crowd-${i}`, 'x'), `connections of account ${i}`)),
    );
    const kinds = checks.map(async (check) => ((await check) as Refusal).kind);
    // Those for whom there is no place in the line are told so at once; by then it is full.
    await Promise.race(kinds);
    expect(await authentication.authenticate(somebodys, '198.51.100.7')).not.toBeInstanceOf(Refusal);
    const looked = (await Promise.all(kinds)).filter((kind) => kind === 'invalid-credentials');
    expect(looked.length).toBe(9);
  });

  test(verifies('connections:local', 'that were stored untried are not tried on and on by themselves'), async () => {
    await guesses(FREE);
    await connect(guess()).catch(() => {});
    const stored = await connect(guess(), false);
    expect(stored.status).toBe('ACTIVE');
    await recheckDue(parts);
    const [found] = (await all()).filter(({ connectionId }) => connectionId === stored.connectionId);
    expect(found).toMatchObject({ status: 'EXPIRED', statusReason: expect.stringContaining('not looked at') });
    expect(found!.nextCheckAt).toBeNull();
    rig.clock.advance(3_600_000);
    expect(await recheckDue(parts)).toBe(0);
  });

  test(verifies('connections:local', 'leave those that were right as they are, and asking says to wait'), async () => {
    const right = await connect(await somebody(`right-${people}`));
    // As after hours and a restart: nothing is remembered of whoever was right.
    rig.clock.advance(7 * 3_600_000);
    start();
    await guesses(FREE);
    await connect(guess()).catch(() => {});
    expect(await recheckDue(parts)).toBeGreaterThan(0);
    const [found] = (await all()).filter(({ connectionId }) => connectionId === right.connectionId);
    expect(found).toMatchObject({ status: 'ACTIVE', statusReason: null });
    expect(found!.nextCheckAt).toBeGreaterThan(rig.clock.now() + 5 * 3_600_000);
    await expect(checkConnection(parts, caller, right.connectionId)).rejects.toMatchObject(HELD_UP);
    rig.clock.advance(60_000);
    expect((await checkConnection(parts, caller, right.connectionId)).status).toBe('ACTIVE');
  });

  test(verifies('connections:local', 'keep the form of a connect link open, and cost it no try'), async () => {
    const right = await connect(await somebody(`linked-${people}`));
    await guesses(FREE);
    await connect(guess()).catch(() => {});
    const wish = { connectionId: right.connectionId, requestedBy: null, callbackUrl: null, state: null };
    const { token } = await createLink(parts, caller, wish);
    const { browser } = await openConnectLink(parts, token, null);
    expect(await submitConnectLink(parts, token, browser, guess())).toMatchObject({
      ...{ kind: 'unreachable', triesLeft: 5, words: expect.stringMatching(/Try again in \d+ s/) },
    });
  });
});
