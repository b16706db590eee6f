import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { verifies } from '../../../../test/conformance/promises.ts';
import { answer, type ConnectionRig, openConnectionRig } from '../../../../test/rig/connections.ts';
import type { Handlers } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import { openConnectLink, submitConnectLink } from './links.ts';
import { noteUse } from './note-use.ts';
import { openConnection } from './open-connection.ts';
import { recheckDue } from './recheck.ts';
import { connectionRoutes } from './routes.ts';
import { verify } from './verify.ts';

const CANARY = 'canary-4e1d:pw/ü';
const FORMS = [
  CANARY,
  encodeURIComponent(CANARY),
  Buffer.from(CANARY).toString('base64'),
  Buffer.from(CANARY).toString('hex'),
  Buffer.from(`ana:${CANARY}`).toString('base64'),
  encodeURIComponent(CANARY).toLowerCase(),
  encodeURI(CANARY),
  CANARY.toUpperCase(),
  CANARY.replaceAll('/', '\\/'),
  CANARY.replace('ü', '&#xFC;').replace('/', '&#x2F;'),
  Buffer.from(CANARY).toString('hex').toUpperCase(),
  Buffer.from(`ana:${CANARY}`).toString('base64url'),
  Buffer.from(`ana:${CANARY}`).toString('base64').slice(0, 13),
];

const PLACE = { accountId: 1, target: 'cloud' } as const;

let rig: ConnectionRig;
let caller: Caller;
let routes: ReturnType<typeof connectionRoutes>;
let said: string[];
beforeAll(async () => {
  rig = await openConnectionRig();
  routes = connectionRoutes(rig.parts);
});
afterAll(() => rig.close());
let people = 0;
beforeEach(async () => {
  said = [];
  caller = await rig.caller(`quiet-${++people}`);
  rig.targets.cloud.mishap = null;
  rig.targets.cloud.passwords.set('ana', CANARY);
});

/** One call of the wire; what it answers or throws is remembered. */
async function call<Id extends keyof typeof routes>(id: Id, parts: { params?: object; query?: object; body?: object }) {
  const handler = routes[id] as unknown as (call: object) => Promise<{ data: never }>;
  const given = { caller, params: {}, query: { page: 1, limit: 15 }, idempotencyKey: null, depth: 0, ...parts };
  try {
    const { data } = await handler(given);
    said.push(JSON.stringify(data));
    return data as Awaited<ReturnType<Handlers[Id]>>['data'];
  } catch (error) {
    said.push(`${(error as Error).message} ${JSON.stringify(error)} ${(error as Error).stack}`);
    throw error;
  }
}

/** Every row of every table, in words. */
async function everyRow(): Promise<string[]> {
  const tables = await rig.query<{ name: string }>(
    `select quote_ident(relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'public' and relkind in ('r', 'p') and not relispartition and has_table_privilege(c.oid, 'select')`,
  );
  expect(tables.length).toBeGreaterThan(30);
  const rows: string[] = [];
  for (const { name } of tables) {
    const found = await rig.query<{ row: string }>(`select to_jsonb(t)::text as row from ${name} t`);
    rows.push(...found.map(({ row }) => `${name} ${row}`));
  }
  return rows;
}

test(verifies('connections:quiet', 'through a whole life, a password is nowhere but under its seal'), async () => {
  const credentials = { username: 'ana', password: CANARY };
  const { connection } = await call('connectionCreate', { body: { user_id: 'u', ...credentials } });
  const params = { connection_id: connection.connection_id };
  expect(connection).toMatchObject({ status: 'ACTIVE', username: 'ana', password: '••••••••' });
  await call('connectionUpdate', { params, body: { alias: 'Shop', enabled: true, ...credentials } });
  await call('connectionCheck', { params });
  await call('connections', {});
  rig.targets.cloud.mishap = answer(403, null, `No: ${FORMS.join(' ')}`);
  await expect(call('connectionUpdate', { params, body: credentials })).rejects.toThrow();
  await expect(call('connectionCreate', { body: { user_id: 'u', ...credentials } })).rejects.toThrow();
  await call('connectionCheck', { params });
  rig.targets.cloud.mishap = { kind: 'undone', words: `connect ${CANARY}` };
  await expect(call('connectionCreate', { body: { user_id: 'u', ...credentials } })).rejects.toThrow();
  rig.targets.cloud.mishap = null;
  const { link } = await call('connectionLink', { params, body: {} });
  const token = link!.url.split('/').at(-1)!;
  const opened = await openConnectLink(rig.parts, token, null);
  said.push(JSON.stringify(opened));
  rig.targets.cloud.passwords.set('ana', 'other');
  said.push(JSON.stringify(await submitConnectLink(rig.parts, token, opened.browser, credentials)));
  rig.targets.cloud.passwords.set('ana', CANARY);
  said.push(JSON.stringify(await submitConnectLink(rig.parts, token, opened.browser, credentials)));
  const ask = { connectionId: params.connection_id, userId: null, among: null, action: 'X' };
  await openConnection(rig.parts, caller.accountId, ask);
  rig.targets.cloud.wait = () => Promise.reject(new Error(`bug with no credentials`));
  await noteUse(rig.parts, params.connection_id, 'wrong-credentials').catch((error) => said.push(String(error)));
  rig.clock.advance(8 * 3_600_000);
  await recheckDue(rig.parts);
  rig.targets.cloud.wait = async () => {};

  const rows = await everyRow();
  expect(rows.some((row) => row.includes(params.connection_id) && row.startsWith('connections'))).toBe(true);
  const everything = [...rows, ...said, ...rig.logged.map((entry) => JSON.stringify(entry))].join('\n');
  for (const form of FORMS) expect(everything).not.toContain(form);
  // And it is there: under its seal.
  expect((await call('connectionShow', { params })).status).toBe('ACTIVE');
});

test(verifies('connections:quiet', 'one too short to be hidden takes all the words along'), async () => {
  const tried = (said: ReturnType<typeof answer>) =>
    verify({ ...rig.parts.targets, cloud: () => ({ call: async () => said }) }, PLACE, {
      username: 'ana',
      password: 'e',
    });
  const refused = await tried(answer(403, null, 'Here is one letter.'));
  expect(refused).toMatchObject({ kind: 'wrong', words: expect.stringContaining('too short to be hidden') });
  expect(JSON.stringify(refused)).not.toMatch(/letter|…/);
  expect(await tried(answer(200, { account_name: 'Bee' }))).toEqual({ kind: 'right', remoteAccount: null });
});

test('the calls: a list by what it is narrowed to, a page on, and fields that do not go together', async () => {
  const credentials = { username: 'ana', password: CANARY };
  for (const user_id of ['a', 'b', 'a']) await call('connectionCreate', { body: { user_id, ...credentials } });
  const page = await call('connections', { query: { page: 1, limit: 1, user_id: 'a', status: 'ACTIVE' } });
  expect(page).toMatchObject({ total: 2, last_page: 2, data: [{ user_id: 'a' }] });
  expect(page.next_page_url).toBe('https://msg.example.test/v3/connections?user_id=a&status=ACTIVE&limit=1&page=2');
  expect((await call('connections', { query: { page: 1, limit: 15, target: 'local' } })).total).toBe(0);
  const refused = (body: object) => expect(call('connectionCreate', { body })).rejects;
  await refused({ user_id: 'a', username: 'ana' }).toMatchObject({ fields: { password: expect.any(String) } });
  await refused({ user_id: 'a', password: 'x' }).toMatchObject({ fields: { username: expect.any(String) } });
  await refused({ user_id: ' ' }).toMatchObject({ fields: { user_id: expect.any(String) } });
  await refused({ user_id: 'a', target: 'cloud', auth_config_id: 'ac_x' }).toMatchObject({
    fields: { target: expect.any(String) },
  });
  await refused({ user_id: 'a', auth_config_id: 'ac_x' }).toMatchObject({ kind: 'not-found' });
});

test(verifies('connections:rotate-credentials', 'with wrong ones nothing else of the call is done'), async () => {
  const { connection } = await call('connectionCreate', { body: { user_id: 'u', username: 'ana', password: CANARY } });
  const params = { connection_id: connection.connection_id };
  const change = { alias: 'New', enabled: false, username: 'ana', password: 'nonsense' };
  await expect(call('connectionUpdate', { params, body: change })).rejects.toMatchObject({ kind: 'bad-request' });
  expect(await call('connectionShow', { params })).toMatchObject({ alias: null, enabled: true, status: 'ACTIVE' });
  expect(await call('connectionDelete', { params })).toEqual(params);
  await expect(call('connectionShow', { params })).rejects.toMatchObject({ kind: 'not-found' });
});
