import { endpoints } from '@veredus/contract/endpoints';
import { readCall } from '@veredus/contract/read-call';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { openTestDatabase, type TestDatabase } from '../../../../test/rig/database.ts';
import { addAccount } from '../../../../test/rig/stored-messages.ts';
import type { Caller } from '../accounts/caller.ts';
import { auditActor } from './actor-name.ts';
import { recordAudit } from './record.ts';
import { auditRoutes } from './routes.ts';

let own: TestDatabase;
let me: Caller;
let other: Caller;
beforeAll(async () => {
  own = await openTestDatabase();
  me = { ...(await addAccount(own.db, 'ana')), username: 'ana' } as unknown as Caller;
  other = { ...(await addAccount(own.db, 'ben')), username: 'ben' } as unknown as Caller;
});
afterAll(() => own.close());

async function read(query: object = {}, by = me) {
  const call = readCall(endpoints.auditLog, { query });
  if (!call.ok) throw Object.assign(new Error('unreadable'), { fields: call.fields });
  const { auditLog } = auditRoutes({ db: own.db, publicUrl: () => 'https://msg.example' });
  const { data } = await (auditLog as (call: object) => Promise<{ data: unknown }>)({ ...call.call, caller: by });
  return endpoints.auditLog.data.parse(data);
}
const actions = async (query: object = {}, by = me) => (await read(query, by)).data.map(({ action }) => action);
const record = (action: string, at: number, actor = 'user:ana', facts: Record<string, unknown> = {}) =>
  recordAudit(own.db.enginePool, { accountId: me.accountId, at, actor, action, facts });

test(verifies('agents:audit', 'is searched, the newest first, and is nobody else’s'), async () => {
  await record('agent.created', 1_000_000_000_000, 'user:ana', { agent_id: 101 });
  await record('connection.revoked', 1_000_000_005_999, 'agent:101 Sup_port');
  await record('agent.deleted', 1_000_000_010_000, 'key:12 ana');
  expect(await actions()).toEqual(['agent.deleted', 'connection.revoked', 'agent.created']);
  expect(await actions({ q: 'action:AGENT.' })).toEqual(['agent.deleted', 'agent.created']);
  expect(await actions({ q: 'action:agent_' })).toEqual([]);
  expect(await actions({ q: 'actor:sup_p' })).toEqual(['connection.revoked']);
  expect(await actions({ q: 'actor:key:12,action:revoked', operator: 'OR' })).toEqual([
    'agent.deleted',
    'connection.revoked',
  ]);
  expect(await actions({ q: 'action:agent,actor:user' })).toEqual(['agent.created']);
  expect(await actions({ q: 'date:1000000005' })).toEqual(['connection.revoked']);
  expect(await actions({ date_from: 1_000_000_005, date_to: 1_000_000_005 })).toEqual(['connection.revoked']);
  expect(await actions({ q: "actor:' or true --" })).toEqual([]);
  expect(await actions({ q: 'actor:\u0000' })).toEqual([]);
  await expect(read({ q: 'facts:x' })).rejects.toMatchObject({ fields: { q: expect.stringContaining('actor') } });
  await expect(read({ q: 'date:soon' })).rejects.toMatchObject({ fields: { q: expect.any(String) } });
  const page = await read({ limit: 2, q: 'action:a' });
  expect(page).toMatchObject({ total: 2, next_page_url: null, from: 1, to: 2 });
  expect((await read({ limit: 2, page: 2 })).data).toMatchObject([
    { actor: 'user:ana', date: 1_000_000_000, facts: { agent_id: 101 } },
  ]);
  expect(await actions({}, other)).toEqual([]);
});

test('takes whatever people call themselves', async () => {
  await record('odd', 2_000_000_000_000, `user:\u0000\ud800${'😀'.repeat(500)}`, {
    'a\u0000': ['\ud800', { b: null }],
    c: true,
  });
  const [odd] = (await read({ q: 'action:odd' })).data;
  expect(odd!.actor.startsWith('user:\ufffd\ufffd😀')).toBe(true);
  expect([...odd!.actor]).toHaveLength(200);
  expect(odd!.facts).toEqual({ 'a\ufffd': ['\ufffd', { b: null }], c: true });
});

test.each([
  [{ username: 'ana', keyId: null }, 'user:ana'],
  [{ username: 'ana', keyId: 12 }, 'key:12 ana'],
  [{ username: 'ana', keyId: 12, agentId: 101 }, 'agent:101'],
])('%j is named %s', (caller, name) => expect(auditActor(caller)).toBe(name));
