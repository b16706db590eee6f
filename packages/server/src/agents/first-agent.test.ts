import { systemRandom } from '@veredus/server/system';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { handClock } from '../../../../test/rig/hand-clock.ts';
import { createKey } from '../accounts/api-keys.ts';
import { Authentication } from '../accounts/authenticate.ts';
import { bootstrapOwner, type OwnerSecrets } from '../accounts/bootstrap.ts';
import type { Caller } from '../accounts/caller.ts';
import { rotateAgentKey } from './agent-keys.ts';
import { endAgent } from './end-agent.ts';
import { ensureFirstAgent } from './first-agent.ts';
import { findAgent } from './store-agents.ts';

let own: TestDatabase;
let owner: { accountId: number; userId: number; actor: string; scopes: string[] };
let secrets: OwnerSecrets;
const clock = handClock();
const parts = () => ({ db: own.db, clock, random: systemRandom, forget: () => {} });

beforeEach(async () => {
  own = await openTestDatabase();
  const config = { username: null, apiKey: null, password: null, currency: 'AUD', country: 'AU' };
  const keep = async (made: OwnerSecrets) => {
    secrets = made;
  };
  const { accountId } = await bootstrapOwner({ db: own.db, clock, random: systemRandom, config, keep });
  const { rows } = await own.db.enginePool.query('select user_id from users where account_id = $1', [accountId]);
  owner = { accountId, userId: rows[0].user_id, actor: 'user:owner', scopes: ['*'] };
});
afterEach(() => own.close());

async function holder(key: string): Promise<Caller> {
  const authentication = new Authentication({ enginePool: own.db.enginePool, clock, random: systemRandom });
  const verdict = await authentication.authenticateKey(key, '192.0.2.1');
  await authentication.close();
  return verdict as Caller;
}
const rows = async (text: string) => (await own.db.enginePool.query(text)).rows;

test(
  verifies('agents:first', 'is made once, by one of several nodes, and holds the key that came with the server'),
  async () => {
    const made = await Promise.all(Array.from({ length: 4 }, () => ensureFirstAgent(parts())));
    const [agentId, ...more] = made.filter((id) => id !== null);
    expect([agentId, more]).toEqual([expect.any(Number), []]);
    expect(await findAgent(own.db.enginePool, owner.accountId, agentId!)).toMatchObject({
      name: 'agent',
      userId: owner.userId,
      allowedActions: null,
      ownAccount: true,
      allowedConnections: null,
      disabledAt: null,
    });
    expect(await holder(secrets.agentKey)).toMatchObject({ agentId, scopes: ['agent:use'] });
    expect(await holder(secrets.brokerKey)).toMatchObject({ agentId: null });
    expect(await holder(secrets.apiKey)).toMatchObject({ agentId: null, scopes: ['*'] });
    expect(await rows('select actor, action from audit_events')).toEqual([
      { actor: 'veredus', action: 'agent.created' },
    ]);
    expect(await ensureFirstAgent(parts())).toBeNull();
  },
);

test(
  verifies('agents:first', 'takes over the key of an older database, which then holds the way in alone'),
  async () => {
    await own.db.enginePool.query(
      `update api_keys set scopes = '{agent:use,account:read,sms:read,sms:send,sms:write,statistics:read}' where name = 'agent'`,
    );
    const agentId = await ensureFirstAgent(parts());
    expect(await holder(secrets.agentKey)).toMatchObject({ agentId, scopes: ['agent:use'] });
  },
);

test(verifies('agents:first', 'does not come back once it was rotated or deleted'), async () => {
  const agentId = await ensureFirstAgent(parts());
  await rotateAgentKey(parts(), owner, agentId!, 0);
  expect(await ensureFirstAgent(parts())).toBeNull();
  await endAgent(parts(), owner, agentId!);
  const again = { accountId: owner.accountId, userId: owner.userId, name: 'agent' };
  const { key } = await createKey(parts(), own.db.engine, { ...again, scopes: ['agent:use', 'sms:send'] });
  expect(await ensureFirstAgent(parts())).toBeNull();
  expect(await holder(key)).toMatchObject({ agentId: null, scopes: ['agent:use', 'sms:send'] });
  expect(await rows('select count(*) as n from agents')).toEqual([{ n: 1 }]);
});

test('is not made of a key that was revoked, of another name, or in an empty database', async () => {
  await own.db.enginePool.query(`update api_keys set revoked_at = 1 where name = 'agent'`);
  expect(await ensureFirstAgent(parts())).toBeNull();
  await own.db.enginePool.query(`update api_keys set revoked_at = null, name = 'mine' where name = 'agent'`);
  expect(await ensureFirstAgent(parts())).toBeNull();
  const empty = await openTestDatabase();
  expect(await ensureFirstAgent({ db: empty.db, clock })).toBeNull();
  await empty.close();
});
