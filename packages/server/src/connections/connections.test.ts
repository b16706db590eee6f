import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { answer, type ConnectionRig, openConnectionRig } from '../../../../test/rig/connections.ts';
import type { Caller } from '../accounts/caller.ts';
import { createAuthConfig, defaultAuthConfig, deleteAuthConfig, setAuthConfigEnabled } from './auth-configs.ts';
import {
  checkConnection,
  deleteConnection,
  listConnections,
  refreshConnection,
  renameConnection,
  revokeConnection,
  rotateCredentials,
  setConnectionEnabled,
  showConnection,
} from './connections.ts';
import { createLink } from './links.ts';
import { type ConnectionWish, makeConnection } from './make-connection.ts';
import { noteUse } from './note-use.ts';
import { type ConnectionAsk, openConnection } from './open-connection.ts';
import { expireOverdue, recheckDue } from './recheck.ts';

let rig: ConnectionRig;
let caller: Caller;
let people = 0;
beforeAll(async () => {
  rig = await openConnectionRig();
});
afterAll(() => rig.close());
beforeEach(async () => {
  caller = await rig.caller(`person-${++people}`);
  rig.targets.cloud.mishap = null;
  rig.targets.cloud.wait = async () => {};
  rig.targets.cloud.calls.length = 0;
  rig.targets.cloud.passwords.set('ana', 'right-key-1');
});

const RIGHT = { username: 'ana', password: 'right-key-1' };
const WRONG = { username: 'ana', password: 'wrong-key-1' };
const AWAY = { kind: 'undone', words: 'The ClickSend cloud was not reached: no connection within 10 s.' } as const;
const HOUR = 3_600_000;

async function make(wish: Partial<ConnectionWish> = {}) {
  const config = await defaultAuthConfig(rig.parts, caller);
  return makeConnection(rig.parts, caller, {
    ...{ authConfigId: config.authConfigId, userId: 'user-1', alias: null, credentials: RIGHT, validate: true },
    ...{ callbackUrl: null, state: null, requestedBy: null },
    ...wish,
  });
}

const ask = (wish: Partial<ConnectionAsk> = {}) =>
  openConnection(rig.parts, caller.accountId, {
    ...{ connectionId: null, userId: 'user-1', among: null, action: 'CLICKSEND_GET_ACCOUNT' },
    ...wish,
  });
const show = (id: string) => showConnection(rig.parts, caller.accountId, id);
const audited = async () =>
  (
    await rig.query<{ action: string }>('select action from audit_events where account_id = $1 order by event_id', [
      caller.accountId,
    ])
  ).map(({ action }) => action);

describe('made with credentials', () => {
  test(verifies('connections:verified', 'connections:audit', 'right ones are tried, and it is ACTIVE'), async () => {
    const { connection, link } = await make({
      credentials: { username: ' ana ', password: 'right-key-1' },
      alias: ' Shop ',
    });
    expect(link).toBeNull();
    expect(connection).toMatchObject({
      ...{ status: 'ACTIVE', statusReason: null, username: 'ana', alias: 'Shop', target: 'cloud', userId: 'user-1' },
      ...{ maskedPassword: '••••••••', remoteAccount: 'ana Ltd', checkedAt: rig.clock.now(), expiresAt: null },
    });
    expect(connection.connectionId).toMatch(/^ca_[a-z0-9]{24}$/);
    expect(connection.wordId).toMatch(/^[a-z]+-[a-z]+-\d\d$/);
    expect(connection.nextCheckAt! - rig.clock.now()).toBeGreaterThan(5 * HOUR);
    expect(rig.targets.cloud.calls).toMatchObject([{ endpoint: { path: '/v3/account' }, ...RIGHT }]);
    expect(await audited()).toEqual(['auth_config.created', 'connection.created']);
    const opened = await ask();
    expect(opened).toMatchObject({ connectionId: connection.connectionId, target: 'cloud', userId: 'user-1' });
    await opened.use.call({
      endpoint: { id: null, method: 'GET', path: '/v3/lists' },
      operation: {},
      idempotencyKey: null,
    });
    expect(rig.targets.cloud.calls.at(-1)).toMatchObject({ endpoint: { path: '/v3/lists' }, ...RIGHT });
  });

  test(verifies('connections:verified', 'wrong ones leave it FAILED, with the reason and without them'), async () => {
    const { connection } = await make({ credentials: WRONG });
    expect(connection).toMatchObject({ status: 'FAILED', username: 'ana', nextCheckAt: null });
    expect(connection.statusReason).toContain('does not know this username');
    expect(
      await rig.query('select sealed, sealed_key from connections where connection_id = $1', [connection.connectionId]),
    ).toEqual([{ sealed: null, sealed_key: null }]);
    await expect(make({ credentials: WRONG, strict: true })).rejects.toMatchObject({
      kind: 'bad-request',
      fields: { password: expect.stringContaining('does not know') },
    });
    expect((await listConnections(rig.parts, caller.accountId, {})).total).toBe(1);
  });

  test(
    verifies('connections:verified', 'nobody there: INITIALIZING, until somebody says so or an hour is over'),
    async () => {
      rig.targets.cloud.mishap = AWAY;
      const { connection } = await make();
      expect(connection).toMatchObject({ status: 'INITIALIZING', expiresAt: rig.clock.now() + HOUR });
      // Said once, in the words of the target.
      expect(connection.statusReason).toBe(`${AWAY.words} It is tried again by itself for an hour.`);
      await expect(ask()).rejects.toMatchObject({
        message: expect.stringContaining('INITIALIZING'),
        ...{ lack: 'being-tried', none: false },
      });
      await recheckDue(rig.parts);
      expect((await show(connection.connectionId)).status).toBe('INITIALIZING');
      rig.targets.cloud.mishap = null;
      rig.clock.advance(2 * 60_000);
      await recheckDue(rig.parts);
      expect(await show(connection.connectionId)).toMatchObject({
        status: 'ACTIVE',
        statusReason: null,
        expiresAt: null,
      });

      rig.targets.cloud.mishap = AWAY;
      const second = await make();
      rig.clock.advance(HOUR);
      await expireOverdue(rig.parts);
      expect((await show(second.connection.connectionId)).status).toBe('FAILED');
      await expect(make({ strict: true })).rejects.toMatchObject({ kind: 'unavailable' });
    },
  );

  test.each([
    ['username', { username: '  ', password: 'x' }],
    ['username', { username: 'a:b', password: 'x' }],
    ['username', { username: 'a\nb', password: 'x' }],
    ['username', { username: 'a'.repeat(129), password: 'x' }],
    ['password', { username: 'a', password: '' }],
    ['password', { username: 'a', password: 'x'.repeat(257) }],
    ['password', { username: 'a', password: 'canary\u0000secret' }],
  ])(
    verifies('connections:quiet', 'a %s that cannot be one is refused unsaid, and not tried'),
    async (field, credentials) => {
      const fault = await make({ credentials }).then(
        () => null,
        (error) => error,
      );
      expect(fault).toMatchObject({ kind: 'bad-request', fields: { [field]: expect.any(String) } });
      expect(JSON.stringify([fault.message, fault.fields])).not.toContain('canary');
      expect(rig.targets.cloud.calls).toEqual([]);
    },
  );

  test('taken as right where that is asked for, and tried at once by itself', async () => {
    const { connection } = await make({ credentials: WRONG, validate: false });
    expect(connection.status).toBe('ACTIVE');
    expect(rig.targets.cloud.calls).toEqual([]);
    expect(await recheckDue(rig.parts)).toBeGreaterThan(0);
    expect((await show(connection.connectionId)).status).toBe('EXPIRED');
  });
});

describe('used', () => {
  test(verifies('connections:choice', 'the newest of the user that will do; others say why not'), async () => {
    const first = (await make()).connection.connectionId;
    rig.clock.advance(1_000);
    const second = (await make()).connection.connectionId;
    expect((await ask()).connectionId).toBe(second);
    expect((await ask({ among: [first] })).connectionId).toBe(first);
    await setConnectionEnabled(rig.parts, caller, second, false);
    expect((await ask()).connectionId).toBe(first);
    await expect(ask({ connectionId: second })).rejects.toMatchObject({
      message: expect.stringMatching(/disabled/),
      lack: 'disabled',
    });
    // Whose it was to be is said only where somebody was named.
    await expect(ask({ connectionId: 'ca_nope', userId: null })).rejects.toMatchObject({
      message: 'There is no connection "ca_nope" to use here: check its id.',
      lack: 'unknown',
    });
    await expect(ask({ connectionId: first, userId: 'user-2' })).rejects.toThrow(/There is no connection/);
    await expect(ask({ connectionId: first, among: [] })).rejects.toThrow(/There is no connection/);
    await expect(ask({ userId: 'user-2' })).rejects.toThrow(/connect an account first/);
    await expect(ask({ userId: 'a\u0000\ud800' })).rejects.toThrow(/connect an account first/);
    expect((await ask({ userId: null, connectionId: first })).userId).toBe('user-1');
  });

  test(
    verifies('connections:choice', 'not for what its auth config leaves out, nor when that is disabled'),
    async () => {
      const config = await createAuthConfig(rig.parts, caller, {
        ...{ name: 'Reading', target: 'cloud', executionActions: ['clicksend_get_account'], connectionActions: null },
      });
      const { connection } = await make({ authConfigId: config.authConfigId });
      expect((await ask({ action: 'clicksend_get_account' })).connectionId).toBe(connection.connectionId);
      await expect(ask({ action: 'CLICKSEND_CREATE_SMS_SEND' })).rejects.toMatchObject({
        message: expect.stringMatching(/does not allow it/),
        lack: 'not-allowed',
      });
      await setAuthConfigEnabled(rig.parts, caller, config.authConfigId, false);
      await expect(ask()).rejects.toThrow(/is disabled/);
      await expect(make({ authConfigId: config.authConfigId })).rejects.toMatchObject({ kind: 'bad-request' });
    },
  );

  test(verifies('connections:health', 'a 401 expires it when the target says so again'), async () => {
    const { connectionId } = (await make()).connection;
    await noteUse(rig.parts, connectionId, 'right');
    const used = rig.clock.now();
    rig.clock.advance(30_000);
    await noteUse(rig.parts, connectionId, 'right');
    expect((await show(connectionId)).lastUsedAt).toBe(used);
    await noteUse(rig.parts, connectionId, 'wrong-credentials');
    expect((await show(connectionId)).status).toBe('ACTIVE');
    rig.targets.cloud.passwords.set('ana', 'another');
    await noteUse(rig.parts, connectionId, 'wrong-credentials');
    const shown = await show(connectionId);
    expect(shown).toMatchObject({ status: 'EXPIRED', nextCheckAt: null });
    expect(shown.statusReason).toContain('Connect again');
    await expect(ask()).rejects.toMatchObject({ message: expect.stringMatching(/is EXPIRED/), lack: 'over' });
    expect(await audited()).toContain('connection.expired');
  });
});

describe('checked', () => {
  test(
    verifies('connections:health', 'every six hours; who is unreachable three times is said to be, and forgiven'),
    async () => {
      const { connectionId } = (await make()).connection;
      const made = rig.clock.now();
      rig.clock.advance(5 * HOUR);
      await recheckDue(rig.parts);
      expect((await show(connectionId)).checkedAt).toBe(made);
      rig.targets.cloud.mishap = answer(503, null);
      for (const said of [null, null, /HTTP 503.*last answered at 2026-/]) {
        rig.clock.advance(2 * HOUR);
        await recheckDue(rig.parts);
        const shown = await show(connectionId);
        expect(shown.status).toBe('ACTIVE');
        if (said) expect(shown.statusReason).toMatch(said);
        else expect(shown.statusReason).toBeNull();
      }
      expect((await ask()).connectionId).toBe(connectionId);
      rig.targets.cloud.mishap = null;
      rig.clock.advance(2 * HOUR);
      await recheckDue(rig.parts);
      expect(await show(connectionId)).toMatchObject({
        status: 'ACTIVE',
        statusReason: null,
        checkedAt: rig.clock.now(),
      });
    },
  );

  test(verifies('connections:health', 'each by one node, also where several look at once'), async () => {
    for (let i = 0; i < 6; i++) await make();
    rig.clock.advance(8 * HOUR);
    rig.targets.cloud.calls.length = 0;
    await Promise.all([1, 2, 3].map(() => recheckDue(rig.parts)));
    const own = rig.targets.cloud.calls.length;
    await recheckDue(rig.parts);
    expect(rig.targets.cloud.calls.length).toBe(own);
  });

  test(
    verifies(
      'connections:rotate-credentials',
      'a check that began before the credentials were rotated says nothing of the new ones',
    ),
    async () => {
      const { connectionId } = (await make()).connection;
      rig.targets.cloud.passwords.set('ana', 'new-key');
      let go = () => {};
      const held = new Promise<void>((resolve) => {
        go = resolve;
      });
      let waits = 0;
      rig.targets.cloud.wait = () => (waits++ === 0 ? held : Promise.resolve());
      const check = noteUse(rig.parts, connectionId, 'wrong-credentials');
      await expect.poll(() => waits).toBe(1);
      await rotateCredentials(rig.parts, caller, connectionId, { username: 'ana', password: 'new-key' });
      go();
      await check;
      expect((await show(connectionId)).status).toBe('ACTIVE');
    },
  );

  test('a target that answers 200 to anything is none', async () => {
    rig.targets.cloud.mishap = answer(200, null);
    expect((await make()).connection.status).toBe('INITIALIZING');
    rig.targets.cloud.mishap = answer(403, null, 'This account is banned; right-key-1 is its key.');
    const { connection } = await make();
    expect(connection.status).toBe('FAILED');
    expect(connection.statusReason).toContain('This account is banned; … is its key.');
  });
});

describe('changed', () => {
  test(
    verifies('connections:rotate-credentials', 'right ones take over, wrong ones and silence leave the old'),
    async () => {
      const { connectionId } = (await make()).connection;
      const rotate = (password: string) =>
        rotateCredentials(rig.parts, caller, connectionId, { username: 'ana', password });
      await expect(rotate('nonsense')).rejects.toMatchObject({ kind: 'bad-request' });
      rig.targets.cloud.mishap = AWAY;
      await expect(rotate('new-key')).rejects.toMatchObject({ kind: 'unavailable' });
      rig.targets.cloud.mishap = null;
      await ask().then(({ use }) =>
        use.call({ endpoint: { id: null, method: 'GET', path: '/v3/x' }, operation: {}, idempotencyKey: null }),
      );
      expect(rig.targets.cloud.calls.at(-1)!.password).toBe('right-key-1');
      rig.targets.cloud.passwords.set('ana', 'new-key');
      expect((await rotate('new-key')).status).toBe('ACTIVE');
      expect(await audited()).toContain('connection.rotated');
    },
  );

  test(verifies('connections:states', 'disabled: INACTIVE, not used, not checked; and back'), async () => {
    const { connectionId } = (await make()).connection;
    expect(await setConnectionEnabled(rig.parts, caller, connectionId, false)).toMatchObject({
      ...{ status: 'INACTIVE', enabled: false, nextCheckAt: null },
    });
    const found = (statuses: ['ACTIVE' | 'INACTIVE']) => listConnections(rig.parts, caller.accountId, { statuses });
    expect((await found(['ACTIVE'])).total).toBe(0);
    expect((await found(['INACTIVE'])).total).toBe(1);
    expect((await refreshConnection(rig.parts, caller, connectionId, NO_WISH)).link).toBeNull();
    expect((await setConnectionEnabled(rig.parts, caller, connectionId, true)).status).toBe('ACTIVE');
    expect(await audited()).toEqual(expect.arrayContaining(['connection.disabled', 'connection.enabled']));
  });

  test(
    verifies('connections:states', 'revoked: what was sealed is gone; only new credentials bring it back'),
    async () => {
      const { connectionId } = (await make()).connection;
      expect(await revokeConnection(rig.parts, caller, connectionId)).toMatchObject({ status: 'REVOKED' });
      expect(
        await rig.query('select sealed, sealed_key, key_generation from connections where connection_id = $1', [
          connectionId,
        ]),
      ).toEqual([{ sealed: null, sealed_key: null, key_generation: null }]);
      await expect(ask()).rejects.toThrow(/REVOKED/);
      expect((await checkConnection(rig.parts, caller, connectionId)).status).toBe('REVOKED');
      expect((await rotateCredentials(rig.parts, caller, connectionId, RIGHT)).status).toBe('ACTIVE');
    },
  );

  test('refreshed: ACTIVE stays; what is right again is ACTIVE again; else a link', async () => {
    const { connectionId } = (await make()).connection;
    const refresh = () => refreshConnection(rig.parts, caller, connectionId, NO_WISH);
    expect(await refresh()).toMatchObject({ connection: { status: 'ACTIVE' }, link: null });
    rig.targets.cloud.passwords.set('ana', 'other');
    expect(await refresh()).toMatchObject({ connection: { status: 'INITIATED' }, link: { connectionId } });
    rig.clock.advance(11 * 60_000);
    await expireOverdue(rig.parts);
    expect(await show(connectionId)).toMatchObject({
      status: 'EXPIRED',
      statusReason: expect.stringContaining('not used in time'),
    });
    rig.targets.cloud.passwords.set('ana', 'right-key-1');
    expect(await refresh()).toMatchObject({ connection: { status: 'ACTIVE' }, link: null });
    expect((await audited()).slice(-2)).toEqual(['connection.expired', 'connection.connected']);
  });

  test('deleted and renamed', async () => {
    const { connectionId } = (await make()).connection;
    expect((await renameConnection(rig.parts, caller, connectionId, ' Shop\u0000 ')).alias).toBe('Shop\ufffd');
    expect((await renameConnection(rig.parts, caller, connectionId, null)).alias).toBeNull();
    await createLink(rig.parts, caller, { connectionId, callbackUrl: null, state: null, requestedBy: null });
    await deleteConnection(rig.parts, caller, connectionId);
    await expect(show(connectionId)).rejects.toMatchObject({ kind: 'not-found' });
    expect(await rig.query('select from connect_links where connection_id = $1', [connectionId])).toEqual([]);
  });

  test('an auth config takes its connections along', async () => {
    const { connection } = await make();
    await deleteAuthConfig(rig.parts, caller, connection.authConfigId);
    await expect(show(connection.connectionId)).rejects.toMatchObject({ kind: 'not-found' });
    expect((await make()).connection.authConfigId).not.toBe(connection.authConfigId);
  });
});

const NO_WISH = { callbackUrl: null, state: null, requestedBy: null };

test(verifies('connections:foreign', 'of another account nothing is there'), async () => {
  const { connectionId, authConfigId } = (await make()).connection;
  const stranger = await rig.caller(`stranger-${people}`);
  const none = { kind: 'not-found' };
  for (const id of [connectionId, 'ca_', `${connectionId}\u0000`, "ca_' or 1=1"]) {
    const tries = [
      showConnection(rig.parts, stranger.accountId, id),
      renameConnection(rig.parts, stranger, id, 'x'),
      rotateCredentials(rig.parts, stranger, id, RIGHT),
      setConnectionEnabled(rig.parts, stranger, id, false),
      deleteConnection(rig.parts, stranger, id),
      revokeConnection(rig.parts, stranger, id),
      checkConnection(rig.parts, stranger, id),
      refreshConnection(rig.parts, stranger, id, NO_WISH),
      createLink(rig.parts, stranger, { connectionId: id, ...NO_WISH }),
      openConnection(rig.parts, stranger.accountId, { connectionId: id, userId: null, among: null, action: 'X' }),
    ];
    await Promise.all(tries.map((tried) => expect(tried).rejects.toMatchObject(none)));
  }
  const made = makeConnection(rig.parts, stranger, {
    ...{ authConfigId, userId: 'u', alias: null, credentials: null, validate: true, ...NO_WISH },
  });
  await expect(made).rejects.toMatchObject(none);
  await expect(deleteAuthConfig(rig.parts, stranger, authConfigId)).rejects.toMatchObject(none);
  expect((await listConnections(rig.parts, stranger.accountId, { connectionIds: [connectionId] })).total).toBe(0);
  expect((await show(connectionId)).status).toBe('ACTIVE');
});

test(verifies('connections:default-config', 'ten who need it at once get the same one'), async () => {
  const configs = await Promise.all(Array.from({ length: 10 }, () => defaultAuthConfig(rig.parts, caller)));
  expect(new Set(configs.map(({ authConfigId }) => authConfigId)).size).toBe(1);
  expect(configs[0]).toMatchObject({ isDefault: true, target: 'cloud', enabled: true, toolkit: 'clicksend' });
  expect((await defaultAuthConfig(rig.parts, caller, 'local')).target).toBe('local');
});

test(verifies('connections:bounds', 'a thousand and first connection is refused, also of two at once'), async () => {
  const { connection } = await make();
  await rig.query(
    `insert into connections (connection_id, account_id, auth_config_id, target, user_id, word_id, status, created_at, updated_at)
     select 'ca_' || $1::text || '-' || n, $1::integer, $2, 'cloud', 'u', 'w', 'FAILED', 0, 0 from generate_series(1, 998) n`,
    [caller.accountId, connection.authConfigId],
  );
  const made = await Promise.allSettled([make(), make()]);
  expect(made.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(made.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { kind: 'bad-request' } });
  const { total, rows } = await listConnections(rig.parts, caller.accountId, { limit: 10, skip: 995 });
  expect([total, rows.length]).toEqual([1_000, 5]);
  await rig.query('delete from connections where account_id = $1', [caller.accountId]);
});

test(verifies('connections:bounds', 'a hundred and first auth config is refused'), async () => {
  await Promise.all(
    Array.from({ length: 100 }, (_, i) =>
      createAuthConfig(rig.parts, caller, {
        ...{ name: `Config ${i}`, target: null, executionActions: null, connectionActions: null },
      }),
    ),
  );
  const more = createAuthConfig(rig.parts, caller, {
    ...{ name: null, target: 'local', executionActions: null, connectionActions: null },
  });
  await expect(more).rejects.toMatchObject({ kind: 'bad-request' });
});
