import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { answer, type ConnectionRig, openConnectionRig } from '../../../../test/rig/connections.ts';
import type { Caller } from '../accounts/caller.ts';
import { defaultAuthConfig, setAuthConfigEnabled } from './auth-configs.ts';
import { deleteConnection, revokeConnection, showConnection } from './connections.ts';
import { createLink, declineConnectLink, openConnectLink, submitConnectLink } from './links.ts';
import { makeConnection } from './make-connection.ts';
import { connectionTasks, expireOverdue } from './recheck.ts';

let rig: ConnectionRig;
let caller: Caller;
let people = 0;
beforeAll(async () => {
  rig = await openConnectionRig();
});
afterAll(() => rig.close());
beforeEach(async () => {
  caller = await rig.caller(`linked-${++people}`);
  rig.targets.cloud.mishap = null;
  rig.targets.cloud.wait = async () => {};
  rig.targets.cloud.calls.length = 0;
  rig.targets.cloud.passwords.set('ana', 'right-key-1');
});

const RIGHT = { username: 'ana', password: 'right-key-1' };
const WRONG = { username: 'ana', password: 'canary-wrong' };
const CALLBACK = { callbackUrl: 'https://app.example/cb?own=1', state: 'st&te', requestedBy: 'Acme Desk' };

async function invite(wish: Partial<typeof CALLBACK> = {}) {
  const { authConfigId } = await defaultAuthConfig(rig.parts, caller);
  const { connection, link } = await makeConnection(rig.parts, caller, {
    ...{ authConfigId, userId: 'user-1', alias: null, credentials: null, validate: true },
    ...{ ...CALLBACK, ...wish },
  });
  return { id: connection.connectionId, token: link!.token, link: link! };
}

const open = (token: string, browser: string | null = null) => openConnectLink(rig.parts, token, browser);
const submit = (token: string, browser: string | null, given = RIGHT) =>
  submitConnectLink(rig.parts, token, browser, given);
const show = (id: string) => showConnection(rig.parts, caller.accountId, id);

describe('a link', () => {
  test(verifies('connections:links', 'connects once, and leads back with the state'), async () => {
    const { id, token, link } = await invite();
    expect(link).toEqual({
      ...{ token, connectionId: id, expiresAt: rig.clock.now() + 600_000 },
      url: `https://msg.example.test/connect/${token}`,
    });
    expect(token).toMatch(/^ln_[a-z0-9]{32}$/);
    expect(await show(id)).toMatchObject({ status: 'INITIATED', expiresAt: link.expiresAt, username: '' });
    const opened = await open(token);
    expect(opened).toMatchObject({
      ...{ connectionId: id, requestedBy: 'Acme Desk', target: 'cloud', toolkitName: 'ClickSend', triesLeft: 5 },
      ...{ accountName: `linked-${people}`, usernameHint: '', done: false, doneUrl: null, expiresAt: link.expiresAt },
      failureUrl: `https://app.example/cb?own=1&status=failed&connected_account_id=${id}&state=st%26te`,
    });
    const location = `https://app.example/cb?own=1&status=success&connected_account_id=${id}&state=st%26te`;
    const done = await submit(token, opened.browser);
    expect(done).toEqual({ kind: 'connected', connectionId: id, remoteAccount: 'ana Ltd', location });
    expect(await show(id)).toMatchObject({ status: 'ACTIVE', username: 'ana', expiresAt: null });
    expect(await open(token, opened.browser)).toMatchObject({ done: true, doneUrl: location, browser: null });
    // Pressed twice: the same answer, and nothing is tried again.
    expect(await submit(token, opened.browser)).toMatchObject({ kind: 'connected', location });
    expect(rig.targets.cloud.calls.length).toBe(1);
    const [row] = await rig.query('select * from connect_links where connection_id = $1', [id]);
    expect(JSON.stringify(row)).not.toContain(token);
    expect(JSON.stringify(row)).not.toContain(opened.browser);
  });

  test(verifies('connections:links', 'is one browser’s, that of the first open'), async () => {
    const { token } = await invite();
    await expect(submit(token, null)).rejects.toMatchObject({ why: 'other-browser' });
    const opens = await Promise.allSettled([open(token), open(token), open(token)]);
    const won = opens.filter((result) => result.status === 'fulfilled');
    expect(won.length).toBe(1);
    expect(opens.filter((result) => result.status === 'rejected').map(({ reason }) => reason.why)).toEqual([
      'other-browser',
      'other-browser',
    ]);
    const { browser } = won[0]!.value;
    expect(browser).toMatch(/^[a-z0-9]{32}$/);
    for (const other of [null, '', 'x'.repeat(32), `${browser}x`]) {
      await expect(open(token, other)).rejects.toMatchObject({
        why: 'other-browser',
        kind: 'forbidden',
        failureUrl: null,
      });
      await expect(submit(token, other)).rejects.toMatchObject({ why: 'other-browser' });
      await expect(declineConnectLink(rig.parts, token, other)).rejects.toMatchObject({ why: 'other-browser' });
    }
    expect((await open(token, browser)).browser).toBeNull();
  });

  test(verifies('connections:links', 'closes at the fifth wrong try, and the connection has FAILED'), async () => {
    const { id, token } = await invite();
    const { browser } = await open(token);
    for (const left of [4, 3, 2, 1]) {
      expect(await submit(token, browser, WRONG)).toMatchObject({ kind: 'wrong', triesLeft: left });
    }
    const last = await submit(token, browser, WRONG);
    expect(last).toMatchObject({ kind: 'closed', location: expect.stringContaining('status=failed') });
    expect(JSON.stringify(last)).not.toContain('canary');
    expect(await show(id)).toMatchObject({ status: 'FAILED', statusReason: expect.stringContaining('5 times') });
    await expect(submit(token, browser, RIGHT)).rejects.toMatchObject({ why: 'closed' });
    await expect(open(token, browser)).rejects.toMatchObject({
      why: 'closed',
      failureUrl: expect.stringContaining('failed'),
    });
    expect(rig.targets.cloud.calls.length).toBe(5);
  });

  test(
    verifies('connections:links', 'counts tries that come at once: one is made, the others are told to wait'),
    async () => {
      const { token } = await invite();
      const { browser } = await open(token);
      let tried = 0;
      rig.targets.cloud.wait = async () => {
        tried += 1;
      };
      let closed = false;
      for (let round = 0; round < 20 && !closed; round++) {
        const results = await Promise.allSettled(Array.from({ length: 6 }, () => submit(token, browser, WRONG)));
        closed = results.some((result) => result.status === 'fulfilled' && result.value.kind === 'closed');
      }
      expect(closed).toBe(true);
      expect(tried).toBe(5);
    },
  );

  test(verifies('connections:links', 'is good for one success, also of two right tries at once'), async () => {
    const { id, token } = await invite();
    const { browser } = await open(token);
    const results = await Promise.all([submit(token, browser), submit(token, browser), submit(token, browser)]);
    expect(results.filter(({ kind }) => kind === 'connected').length).toBeGreaterThanOrEqual(1);
    expect(results.every(({ kind }) => kind === 'connected' || kind === 'busy')).toBe(true);
    expect(rig.targets.cloud.calls.length).toBe(1);
    const connected = await rig.query(
      `select from audit_events where action = 'connection.connected' and facts ->> 'connection_id' = $1`,
      [id],
    );
    expect(connected.length).toBe(1);
  });

  test(
    verifies('connections:links', 'a target nobody reaches, and fields that cannot be right, count as no try'),
    async () => {
      const { token } = await invite();
      const { browser } = await open(token);
      const why = 'The ClickSend cloud was not reached: connect ECONNREFUSED 10.0.0.7:9.';
      rig.targets.cloud.mishap = { kind: 'undone', words: why };
      rig.logged.length = 0;
      for (let i = 0; i < 6; i++) {
        // Who stands at the page is nobody to be told of addresses inside; the operator is.
        expect(await submit(token, browser)).toEqual({
          kind: 'unreachable',
          triesLeft: 5,
          words:
            'The ClickSend cloud does not answer at the moment. This try was not counted; press Connect again in a minute.',
        });
      }
      expect(rig.logged[0]).toMatchObject({ event: 'connect.unreachable', facts: { target: 'cloud', words: why } });
      rig.targets.cloud.mishap = answer(503, null);
      expect(await submit(token, browser)).toMatchObject({
        kind: 'unreachable',
        words: expect.stringMatching(/HTTP 503/),
      });
      expect(await submit(token, browser, { username: '', password: '' })).toMatchObject({
        ...{ kind: 'invalid', triesLeft: 5, fields: { username: expect.any(String), password: expect.any(String) } },
      });
      rig.targets.cloud.mishap = null;
      expect((await submit(token, browser)).kind).toBe('connected');
    },
  );

  test(verifies('connections:links', 'a try that throws, or whose node dies, is given back'), async () => {
    const { token } = await invite();
    const { browser } = await open(token);
    rig.targets.cloud.wait = () => Promise.reject(new Error('a bug'));
    await expect(submit(token, browser)).rejects.toThrow('a bug');
    rig.targets.cloud.wait = async () => {};
    await rig.query(
      'update connect_links set trying_until = $1 where connection_id in (select connection_id from connections where account_id = $2)',
      [rig.clock.now() + 60_000, caller.accountId],
    );
    expect((await submit(token, browser)).kind).toBe('busy');
    rig.clock.advance(60_001);
    expect((await submit(token, browser)).kind).toBe('connected');
  });

  test(verifies('connections:links', 'lives ten minutes; unused it leaves the connection EXPIRED'), async () => {
    const { id, token } = await invite();
    const { browser } = await open(token);
    rig.clock.advance(600_000);
    await expect(open(token, browser)).rejects.toMatchObject({
      why: 'expired',
      failureUrl: expect.stringContaining('failed'),
    });
    await expect(submit(token, browser)).rejects.toMatchObject({ why: 'expired' });
    await expireOverdue(rig.parts);
    expect(await show(id)).toMatchObject({
      status: 'EXPIRED',
      statusReason: expect.stringContaining('not used in time'),
    });
    rig.clock.advance(2 * 86_400_000);
    for (const task of connectionTasks(rig.parts)) await task.run();
    await expect(open(token, browser)).rejects.toMatchObject({ why: 'unknown' });
    rig.clock.advance(31 * 86_400_000);
    for (const task of connectionTasks(rig.parts)) await task.run();
    await expect(show(id)).rejects.toMatchObject({ kind: 'not-found' });
  });

  test(verifies('connections:links', 'a try that began in time may end after it'), async () => {
    const { id, token } = await invite();
    const { browser } = await open(token);
    rig.clock.advance(590_000);
    rig.targets.cloud.wait = async () => {
      rig.clock.advance(30_000);
      await expireOverdue(rig.parts);
    };
    expect((await submit(token, browser)).kind).toBe('connected');
    expect((await show(id)).status).toBe('ACTIVE');
  });

  test.each(['', 'ln_', 'ln_'.padEnd(35, 'a'), `ln_${'a'.repeat(31)}\u0000`, "ln_' or 1=1 --", 'x'.repeat(10_000)])(
    verifies('connections:foreign', 'that is none, %j, is unknown'),
    async (token) => {
      await expect(open(token)).rejects.toMatchObject({ why: 'unknown', kind: 'not-found' });
      await expect(submit(token, 'x')).rejects.toMatchObject({ why: 'unknown' });
    },
  );

  test('is closed when its connection is revoked or deleted, or its auth config disabled, even during a try', async () => {
    const ends = [
      (id: string) => revokeConnection(rig.parts, caller, id).then(() => 'closed'),
      (id: string) => deleteConnection(rig.parts, caller, id).then(() => 'unknown'),
      async (id: string) => {
        await setAuthConfigEnabled(rig.parts, caller, (await show(id)).authConfigId, false);
        return 'closed';
      },
    ];
    for (const end of ends) {
      const { id, token } = await invite();
      const { browser } = await open(token);
      const why = await end(id);
      await expect(open(token, browser)).rejects.toMatchObject({ why });
      await expect(submit(token, browser)).rejects.toMatchObject({ why });
    }
    const { authConfigId } = (
      await rig.query<{ authConfigId: string }>(
        'select auth_config_id as "authConfigId" from auth_configs where account_id = $1',
        [caller.accountId],
      )
    )[0]!;
    const { id: waiting } = await (async () => {
      await setAuthConfigEnabled(rig.parts, caller, authConfigId, true);
      const made = await invite();
      await setAuthConfigEnabled(rig.parts, caller, authConfigId, false);
      return made;
    })();
    await expect(createLink(rig.parts, caller, { connectionId: waiting, ...CALLBACK })).rejects.toMatchObject({
      kind: 'bad-request',
    });
    await setAuthConfigEnabled(rig.parts, caller, authConfigId, true);
    const { id, token } = await invite();
    const { browser } = await open(token);
    rig.targets.cloud.wait = async () => {
      await revokeConnection(rig.parts, caller, id);
    };
    await expect(submit(token, browser)).rejects.toMatchObject({ why: 'closed' });
    expect((await show(id)).status).toBe('REVOKED');
  });

  test('declined: closed, FAILED, and the callback hears of it', async () => {
    const { id, token } = await invite();
    const { browser } = await open(token);
    expect((await declineConnectLink(rig.parts, token, browser)).location).toContain('status=failed');
    expect(await show(id)).toMatchObject({ status: 'FAILED', statusReason: expect.stringContaining('declined') });
    await expect(submit(token, browser)).rejects.toMatchObject({ why: 'closed' });
  });
});

describe('connecting again', () => {
  test('leaves an ACTIVE one as it is until it succeeds, and when it fails', async () => {
    const { id, token } = await invite();
    await submit(token, (await open(token)).browser);
    const again = await createLink(rig.parts, caller, { connectionId: id, ...CALLBACK });
    const { browser, usernameHint } = await open(again.token);
    expect(usernameHint).toBe('ana');
    for (let i = 0; i < 5; i++) await submit(again.token, browser, WRONG);
    expect((await show(id)).status).toBe('ACTIVE');
    const last = await createLink(rig.parts, caller, { connectionId: id, ...CALLBACK });
    rig.targets.cloud.passwords.set('ben', 'bens-key');
    await submit(last.token, (await open(last.token)).browser, { username: 'ben', password: 'bens-key' });
    expect(await show(id)).toMatchObject({ status: 'ACTIVE', username: 'ben', remoteAccount: 'ben Ltd' });
  });

  test('has five links open at most; a success closes the others', async () => {
    const { id, token } = await invite();
    const links = [token];
    for (let i = 0; i < 5; i++) {
      rig.clock.advance(1);
      links.push((await createLink(rig.parts, caller, { connectionId: id, ...CALLBACK })).token);
    }
    await expect(open(links[0]!)).rejects.toMatchObject({ why: 'closed' });
    const { browser } = await open(links[5]!);
    const other = await open(links[4]!);
    await submit(links[5]!, browser);
    await expect(submit(links[4]!, other.browser)).rejects.toMatchObject({ why: 'closed' });
  });

  test(verifies('connections:bounds', 'asked for again and again leaves ten links, and the newest open'), async () => {
    const { id } = await invite();
    let token = '';
    for (let i = 0; i < 40; i++) {
      rig.clock.advance(1);
      ({ token } = await createLink(rig.parts, caller, { connectionId: id, ...CALLBACK }));
    }
    const count =
      'select count(*)::int as count, count(closed_at)::int as closed from connect_links where connection_id = $1';
    expect(await rig.query(count, [id])).toEqual([{ count: 10, closed: 5 }]);
    expect((await submit(token, (await open(token)).browser)).kind).toBe('connected');
  });

  test(
    verifies('connections:callbacks', 'fault:F58', 'to a page that is none is refused where the link is made'),
    async () => {
      const { id } = await invite();
      for (const callbackUrl of ['javascript:alert(1)', 'http://app.example/', 'https://a:b@app.example/']) {
        const refused = { kind: 'bad-request', fields: { callback_url: expect.any(String) } };
        await expect(
          createLink(rig.parts, caller, { connectionId: id, ...CALLBACK, callbackUrl }),
        ).rejects.toMatchObject(refused);
        await expect(invite({ callbackUrl })).rejects.toMatchObject(refused);
      }
      await expect(invite({ state: 's'.repeat(1_025) })).rejects.toMatchObject({
        fields: { state: expect.any(String) },
      });
    },
  );
});
