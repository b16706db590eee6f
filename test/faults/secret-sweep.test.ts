import { spawn } from 'node:child_process';
import { readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { attachEmbedded } from '@veredus/server/db/embedded/attach';
import { withClient } from '@veredus/server/db/with-client';
import { systemClock, systemRandom } from '@veredus/server/system';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifies } from '../conformance/promises.ts';
import { temporaryFolder } from '../rig/engine.ts';
import { eventually, type RunningServer, startServer } from '../rig/server.ts';

/**
 * Secrets that nobody else has are used over every face, rightly and wrongly, and then looked for wherever something is written.
 * test/e2e/secrets.test.ts does so for what a server without agents writes, and for settings that stop the start.
 */
const GIVEN = {
  VEREDUS_API_KEY: 'CANARY-apikey-8d1f0c5e',
  VEREDUS_PASSWORD: 'CANARY-ownerpassword-41c9',
  VEREDUS_SECRET_KEY: 'CANARY-secretkey-0123456789-0123456789',
  VEREDUS_SMS_CARRIER: 'smpp://system:CANARY-carrier-77aa@127.0.0.1:1',
};
const CLOUD = { username: 'bakery@example.com', password: 'CANARY-cloudright-5a11' };
const WRONG = 'CANARY-wrong-guess-9b02';
const BRIDGE = fileURLToPath(new URL('../../packages/tools/bin/veredus-tools.js', import.meta.url));

let folder: string;
let server: RunningServer;
let cloud: Server;
/** What was answered and printed, each with where it was seen. */
const seen: { where: string; text: string }[] = [];
const secrets = new Map<string, string>([
  ...Object.entries(GIVEN),
  ['VEREDUS_SMS_CARRIER', 'CANARY-carrier-77aa'],
  ['cloud password', CLOUD.password],
  ['wrong password', WRONG],
]);

/** In the cloud's place; it repeats what it was sent, as careless servers do. */
function openCloud(): Promise<Server> {
  const right = `Basic ${Buffer.from(`${CLOUD.username}:${CLOUD.password}`).toString('base64')}`;
  const http = createServer((request, response) => {
    const { authorization = '' } = request.headers;
    const given = Buffer.from(authorization.slice('Basic '.length), 'base64').toString();
    const known = authorization === right;
    const status = request.url?.startsWith('/v3/account') ? (known ? 200 : 401) : 500;
    response.writeHead(status, { 'content-type': 'application/json' }).end(
      JSON.stringify({
        ...{ http_code: status, response_code: known ? 'SUCCESS' : 'UNAUTHORIZED' },
        response_msg: `You sent ${authorization}, which is ${given} with ${given.split(':')[1]}.`,
        data: known ? { user_id: 7, username: CLOUD.username, account_name: 'Bakery' } : null,
      }),
    );
  });
  return new Promise((resolve) => http.listen(0, '127.0.0.1', () => resolve(http)));
}

beforeAll(async () => {
  cloud = await openCloud();
  folder = await temporaryFolder('veredus-sweep-');
  const { port } = cloud.address() as AddressInfo;
  server = await startServer(folder, { ...GIVEN, VEREDUS_CLOUD_URL: `http://127.0.0.1:${port}` });
  secrets.set('broker key', server.credentials.broker_key);
  secrets.set('agent key', server.credentials.agent_key);
}, 60_000);
afterAll(async () => {
  await server?.kill();
  cloud?.closeAllConnections();
  await new Promise((resolve) => cloud.close(resolve));
  await rm(folder, { recursive: true, force: true });
});

const json = { 'content-type': 'application/json' };
const basic = (secret: string) => ({
  authorization: `Basic ${Buffer.from(`${server.credentials.username}:${secret}`).toString('base64')}`,
});

/** Asks, and keeps the answer for the sweep; `mayShow` = it is documented to show a secret this once. */
async function ask(method: string, path: string, { headers = {}, body, mayShow = false }: Asked = {}) {
  const answer = await fetch(server.url + path, {
    method,
    headers,
    redirect: 'manual',
    ...(body !== undefined && { body }),
  });
  const text = await answer.text();
  const where = `${method} ${path.replace(/ln_\w+/, 'ln_…')}`;
  if (!mayShow) seen.push({ where, text: `${JSON.stringify([...answer.headers])} ${text}` });
  return { status: answer.status, headers: answer.headers, text };
}
interface Asked {
  headers?: Record<string, string>;
  body?: string | URLSearchParams;
  mayShow?: boolean;
}

async function useRest() {
  const own = { ...basic(GIVEN.VEREDUS_API_KEY), ...json };
  for (const secret of [GIVEN.VEREDUS_API_KEY, GIVEN.VEREDUS_PASSWORD, WRONG]) {
    await ask('GET', '/v3/account', { headers: basic(secret) });
    await ask('POST', '/v3/sms/send', { headers: { ...basic(secret), ...json }, body: '{"messages": [{' });
  }
  const post = (path: string, body: unknown, mayShow = false) =>
    ask('POST', path, { headers: own, body: JSON.stringify(body), mayShow });
  const credentials = [
    { target: 'cloud', ...CLOUD },
    { target: 'cloud', username: CLOUD.username, password: WRONG },
    { target: 'local', username: server.credentials.username, password: GIVEN.VEREDUS_PASSWORD },
    { target: 'local', username: server.credentials.username, password: WRONG },
    { target: 'elsewhere', username: 'a:b', password: WRONG },
    { target: 'cloud', username: 'a', password: `${WRONG}\n` },
  ];
  const ids: string[] = [];
  for (const given of credentials) {
    const { text } = await post('/v3/connections', { user_id: 'anna', ...given });
    const id = JSON.parse(text).data?.connection?.connection_id;
    if (id !== undefined) ids.push(id);
  }
  expect(ids).toHaveLength(2);
  for (const id of ids) {
    await ask('POST', `/v3/connections/${id}/check`, { headers: own });
    await ask('PUT', `/v3/connections/${id}`, { headers: own, body: JSON.stringify({ ...CLOUD, password: WRONG }) });
  }
  const agent = await post('/v3/agents', { name: 'Sweeper' }, true);
  secrets.set('second agent key', JSON.parse(agent.text).data.key);
  const endpoint = await post('/v3/webhooks', { url: 'https://hooks.example.test/x' }, true);
  const { endpoint_id } = JSON.parse(endpoint.text).data;
  const key = await ask('GET', `/v3/webhooks/${endpoint_id}/key`, { headers: own, mayShow: true });
  secrets.set('webhook key', JSON.parse(key.text).data.key);
  return ids;
}

async function useBroker(ids: readonly string[]) {
  const { broker_key, username } = server.credentials;
  const call = (method: string, path: string, body?: unknown, key = broker_key) =>
    ask(method, `/api/v3${path}`, {
      headers: { 'x-api-key': key, ...json },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  await call('GET', '/connected_accounts', undefined, WRONG);
  const config = JSON.parse((await call('POST', '/auth_configs', { toolkit: { slug: 'clicksend' } })).text).auth_config;
  const state = (password: string) => ({
    authScheme: 'BASIC',
    val: { status: 'ACTIVE', username, password },
  });
  for (const password of [GIVEN.VEREDUS_PASSWORD, WRONG]) {
    await call('POST', '/connected_accounts', {
      auth_config: { id: config.id },
      connection: { user_id: 'ben', state: state(password) },
    });
  }
  await call('POST', '/connected_accounts', { auth_config: { id: config.id }, connection: { state: state(WRONG) } });
  for (const id of ids) await call('GET', `/connected_accounts/${id}`);
  await call('GET', '/connected_accounts');
  await call('POST', '/tools/execute/CLICKSEND_GET_LISTS', { user_id: 'ben', arguments: {} });
  // A model that was told a password may write it anywhere.
  await call('POST', '/tools/execute/CLICKSEND_GET_LISTS', { user_id: 'ben', arguments: { password: WRONG } });
  await call('POST', '/tools/execute/CLICKSEND_GET_LISTS', { user_id: 'anna', arguments: { limit: 5 } });
  for (const id of ids) {
    await call('POST', '/tools/execute/CLICKSEND_GET_STATISTICS_SMS', { connected_account_id: id, arguments: {} });
  }
}

async function useConnectPage() {
  const made = await ask('POST', '/v3/connections', {
    headers: { ...basic(GIVEN.VEREDUS_API_KEY), ...json },
    body: JSON.stringify({ user_id: 'cleo', target: 'cloud', callback_url: 'https://app.example.test/back' }),
    mayShow: true,
  });
  const path = new URL(JSON.parse(made.text).data.link.url).pathname;
  secrets.set('token of a link', path.split('/').at(-1)!);
  const form = await ask('GET', path, { mayShow: true });
  const cookie = form.headers.get('set-cookie')!.split(';')[0]!;
  secrets.set('cookie of a browser', cookie.split('=')[1]!);
  const proof = /name="proof" value="([^"]+)"/.exec(form.text)![1]!;
  const submit = (username: string, password: string) =>
    ask('POST', path, { headers: { cookie }, body: new URLSearchParams({ proof, username, password }) });
  expect((await submit(CLOUD.username, WRONG)).status).toBe(422);
  expect((await submit('', WRONG)).status).toBe(422);
  expect((await submit(CLOUD.username, CLOUD.password)).status).toBe(303);
  await ask('GET', path, { headers: { cookie } });
  await ask('GET', path);
}

/** What is shown of all that: lists and logs. */
async function readBack() {
  const headers = basic(GIVEN.VEREDUS_API_KEY);
  for (const path of ['connections', 'agents', 'webhooks', 'executions', 'audit', 'actions']) {
    expect([path, (await ask('GET', `/v3/${path}`, { headers })).status]).toEqual([path, 200]);
  }
  const { text } = await ask('GET', '/v3/executions', { headers });
  expect(JSON.parse(text).data.data.length).toBeGreaterThan(5);
  for (const { log_id } of JSON.parse(text).data.data) await ask('GET', `/v3/executions/${log_id}`, { headers });
  for (const path of ['/metrics', '/openapi.json', '/healthz', '/readyz']) await ask('GET', path);
}

const rpc = (id: number, method: string, params: unknown) => JSON.stringify({ jsonrpc: '2.0', id, method, params });
const HELLO = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'sweep', version: '1' } };
const CALLS = [
  rpc(1, 'initialize', HELLO),
  rpc(2, 'tools/list', {}),
  rpc(3, 'tools/call', { name: 'CLICKSEND_GET_LISTS', arguments: {} }),
  rpc(4, 'tools/call', { name: 'CLICKSEND_GET_LISTS', arguments: { api_key: WRONG } }),
  rpc(5, 'tools/call', { name: 'CLICKSEND_NOWHERE', arguments: {} }),
];

async function useMcp() {
  const accept = 'application/json, text/event-stream';
  for (const key of [server.credentials.agent_key, WRONG]) {
    for (const body of CALLS) await ask('POST', '/mcp', { headers: { 'x-api-key': key, accept, ...json }, body });
  }
}

async function useStdio(key: string) {
  const env = { PATH: process.env.PATH ?? '', VEREDUS_URL: server.url, VEREDUS_AGENT_KEY: key };
  const child = spawn(process.execPath, [BRIDGE], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (printed += chunk));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.stdin.on('error', () => {});
  for (const line of CALLS) child.stdin.write(`${line}\n`);
  // All of it was answered, or it gave up at the start.
  await eventually(async () => /"id":\s*5\b/.test(printed) || child.exitCode !== null);
  seen.push({ where: 'command line of the bridge', text: await commandLine(child.pid) });
  child.stdin.end();
  await ended;
  expect(printed).not.toBe('');
  seen.push({ where: 'the bridge on standard input and output', text: printed });
}

const commandLine = (pid: number | string | undefined) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');

/** Command lines of the server, its PostgreSQL, and whatever else was started in its folder. */
async function sweepProcesses() {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const text = await commandLine(pid);
    if (text.includes(folder) || pid === String(server.process.pid)) seen.push({ where: `process ${pid}`, text });
  }
}

/** Every row of every table as text; bytes are written as hex there. */
async function sweepTables() {
  const parts = { dataDir: join(folder, 'data'), clock: systemClock, random: systemRandom, log: () => {} };
  const attached = await attachEmbedded(parts);
  const rows = await withClient(attached.url, async (client) => {
    const { rows: tables } = await client.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'public' order by 1`,
    );
    let count = 0;
    for (const { name } of tables) {
      const { rows: lines } = await client.query<{ line: string }>(`select t::text as line from ${name} t`);
      for (const { line } of lines) seen.push({ where: `table ${name}`, text: line });
      count += lines.length;
    }
    return { tables: tables.map(({ name }) => name), count };
  });
  await attached.stop();
  for (const table of ['connections', 'connect_links', 'executions', 'audit_events', 'agents', 'api_keys']) {
    expect(rows.tables).toContain(`public.${table}`);
  }
  expect(rows.count).toBeGreaterThan(20);
}

/** Also what PostgreSQL keeps and logs: rows that were deleted stand there for a while. */
async function sweepFiles() {
  const names = await readdir(join(folder, 'data'), { recursive: true, withFileTypes: true });
  let files = 0;
  for (const entry of names) {
    if (!entry.isFile() || ['credentials.json', 'secret-key'].includes(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const text = await readFile(path, 'latin1').catch(() => null);
    if (text === null) continue;
    files += 1;
    for (const [name, secret] of secrets)
      if (holds(text, secret)) seen.push({ where: path, text: `${name}: ${secret}` });
  }
  expect(files).toBeGreaterThan(100);
}

/** As it is, or in a dress it is known to travel in. */
function holds(text: string, secret: string): boolean {
  const bytes = Buffer.from(secret);
  const pairs = [server.credentials.username, CLOUD.username].map((name) => Buffer.from(`${name}:${secret}`));
  return [
    secret,
    encodeURIComponent(secret),
    bytes.toString('hex'),
    ...[bytes, ...pairs].map((all) => all.toString('base64').replace(/=+$/, '')),
  ].some((form) => text.includes(form));
}

test(verifies('fault:F59', 'invariant:I12', 'secrets used over every face stand nowhere afterwards'), async () => {
  const ids = await useRest();
  await useBroker(ids);
  await useConnectPage();
  await useMcp();
  await useStdio(server.credentials.agent_key);
  await useStdio(WRONG);
  await readBack();
  await sweepProcesses();
  await sweepTables();
  expect(await server.stop()).toBe(0);
  seen.push({ where: 'log', text: server.log() });
  await sweepFiles();
  // It looks where it says it does, and finds what is there.
  expect(seen.some(({ where, text }) => where === 'log' && text.includes('database migrated'))).toBe(true);
  expect(seen.some(({ text }) => holds(text, CLOUD.username))).toBe(true);
  expect([...secrets.values()].every((secret) => secret.length >= 12)).toBe(true);
  for (const [name, secret] of secrets) {
    expect([name, seen.filter(({ text }) => holds(text, secret)).map(({ where }) => where)]).toEqual([name, []]);
  }
}, 120_000);
