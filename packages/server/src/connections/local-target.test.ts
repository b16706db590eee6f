import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { type HandClock, handClock } from '../../../../test/rig/hand-clock.ts';
import { createKey } from '../accounts/api-keys.ts';
import { Authentication } from '../accounts/authenticate.ts';
import type { Handlers } from '../accounts/call.ts';
import { createAccount, createUser } from '../accounts/create-account.ts';
import { readAccount } from '../accounts/routes.ts';
import { systemRandom } from '../system.ts';
import { localTarget } from './local-target.ts';
import type { TargetOf } from './parts.ts';
import { verify } from './verify.ts';

const PASSWORD = 'right horse battery';
/** The account whose connections these are. */
const OWNER = 77;
let own: TestDatabase;
let clock: HandClock;
let authentication: Authentication;
let local: TargetOf;
let who: { accountId: number; userId: number; username: string };
let people = 0;

beforeAll(async () => {
  own = await openTestDatabase();
});
afterAll(() => own.close());
beforeEach(async () => {
  clock = handClock();
  authentication = new Authentication({ enginePool: own.db.enginePool, clock, random: systemRandom });
  const account = async ({ caller }: { caller: Parameters<typeof readAccount>[1] }) => ({
    data: await readAccount({ db: own.db }, caller),
  });
  local = localTarget({ authentication, handlers: () => ({ account }) as unknown as Handlers });
  const parts = { clock, random: systemRandom };
  const username = `Local${++people}`;
  const terms = { name: 'Local Co', country: 'AU', currency: 'AUD', prepaid: true, creditLimitMicro: null };
  const accountId = await createAccount(parts, own.db.engine, { ...terms, anySenderNumber: false });
  const userId = await createUser(parts, own.db.engine, { accountId, username, password: PASSWORD, isMain: true });
  who = { accountId, userId, username };
});

const keyWith = async (...scopes: ('account:read' | 'sms:send' | 'agent:use')[]) => {
  const wanted = { accountId: who.accountId, userId: who.userId, name: 'test', scopes };
  return createKey({ clock, random: systemRandom }, own.db.engine, wanted);
};
const tried = (password: string, username = who.username) =>
  verify({ local, cloud: local }, { accountId: OWNER, target: 'local' }, { username, password });
const as = (password: string) => local({ username: who.username, password }, { accountId: OWNER, checks: false });

describe('this server as a target', () => {
  test(verifies('connections:local', 'takes a password and a key as the API does'), async () => {
    expect(await tried(PASSWORD)).toEqual({ kind: 'right', remoteAccount: 'Local Co' });
    expect(await tried((await keyWith('account:read')).key)).toMatchObject({ kind: 'right' });
    expect(await tried('wrong')).toMatchObject({
      kind: 'wrong',
      words: expect.stringContaining('This server does not know'),
    });
    expect(await tried(PASSWORD, 'nobody')).toMatchObject({ kind: 'wrong' });
  });

  test(verifies('connections:local', 'a key without the permission is told which, and gets nothing'), async () => {
    const { key } = await keyWith('sms:send');
    expect(await tried(key)).toMatchObject({ kind: 'wrong', words: expect.stringContaining('account:read') });
    const target = as(key);
    const read = { id: 'account', method: 'GET', path: '/v3/account' } as const;
    expect(await target.call({ endpoint: read, operation: {}, idempotencyKey: null })).toMatchObject({
      ...{ kind: 'answer', status: 403, envelope: { http_code: 403, data: null } },
    });
  });

  test(verifies('connections:local', 'refuses the key of an agent, whatever it holds'), async () => {
    const { key, keyId } = await keyWith('account:read', 'agent:use');
    await own.db.enginePool.query(
      `with agent as (insert into agents (account_id, user_id, name, created_at, updated_at) values ($1, $2, 'A', 0, 0) returning agent_id)
       update api_keys set agent_id = (select agent_id from agent) where key_id = $3`,
      [who.accountId, who.userId, keyId],
    );
    const target = as(key);
    const read = { id: 'account', method: 'GET', path: '/v3/account' } as const;
    const answer = await target.call({ endpoint: read, operation: {}, idempotencyKey: null });
    expect(answer).toMatchObject({ kind: 'answer', status: 401 });
    expect(JSON.stringify(answer)).toContain('key of an agent');
    expect(JSON.stringify(answer)).not.toContain(key);
  });

  test(verifies('connections:local', 'has no channel it has not, and says so'), async () => {
    const target = as(PASSWORD);
    const endpoint = { id: null, method: 'POST', path: '/v3/mms/send' } as const;
    expect(await target.call({ endpoint, operation: {}, idempotencyKey: null })).toMatchObject({
      ...{ kind: 'undone', words: expect.stringContaining('not available yet') },
    });
  });

  test(
    verifies('connections:local', 'wrong passwords stored there hold up nobody who signs in, nor another username'),
    async () => {
      for (let i = 0; i < 5; i++) await tried(`wrong ${i}`);
      await tried('wrong').catch(() => {});
      await expect(tried('wrong')).rejects.toMatchObject({ kind: 'too-many-requests', retryAfter: 1 });
      const read = { id: 'account', method: 'GET', path: '/v3/account' } as const;
      expect(await as('wrong').call({ endpoint: read, operation: {}, idempotencyKey: null })).toMatchObject({
        ...{ kind: 'answer', status: 429, envelope: { response_msg: expect.stringContaining('Try again in') } },
      });
      const header = `Basic ${Buffer.from(`${who.username}:${PASSWORD}`).toString('base64')}`;
      expect(await authentication.authenticate(header, '198.51.100.7')).toMatchObject({ userId: who.userId });
      expect(await tried(PASSWORD)).toMatchObject({ kind: 'right' });
      const first = who;
      const parts = { clock, random: systemRandom };
      const username = `Local${++people}`;
      await createUser(parts, own.db.engine, {
        accountId: first.accountId,
        username,
        password: PASSWORD,
        isMain: false,
      });
      expect(await tried(PASSWORD, username)).toMatchObject({ kind: 'right' });
    },
  );
});
