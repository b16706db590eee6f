import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { actions } from '@veredus/tools/catalogue';
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from 'vitest';
import { openBrowser } from '../rig/browser.ts';
import { fillConnectPage } from '../rig/fill-connect-page.ts';
import { type RunningServer, startServer } from '../rig/server.ts';
import { openSdk, type Sdk, type SdkVersion, sdkIsInstalled } from './composio.ts';

const TO = '+61411111111';
const TEXT = 'Hello from an SDK';

export interface SdkBench {
  server: RunningServer;
  /** The SDK with the project's key. */
  sdk: Sdk;
  basic(username: string, password: string): object;
  /** Right credentials for this server. */
  right: { username: string; password: string };
  /** A user with a connection. */
  connected(userId: string): Promise<string>;
  phone(): Promise<{ body: string }[]>;
}

/** A server and an SDK for a file of tests; whatever the SDK says of its own accord fails the test. */
export function benchFor(version: SdkVersion): SdkBench {
  const bench = {} as SdkBench;
  let folder = '';
  const said: string[] = [];
  beforeAll(async () => {
    if (!sdkIsInstalled(version)) return;
    folder = await mkdtemp(join(tmpdir(), 'veredus-broker-'));
    bench.server = await startServer(folder);
    const { url, credentials } = bench.server;
    Object.assign(bench, await openSdk(version, url, credentials.broker_key));
    bench.right = { username: credentials.username, password: credentials.api_key };
  });
  afterAll(async () => {
    await bench.server?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    for (const way of ['warn', 'error', 'log', 'info', 'debug'] as const) {
      vi.spyOn(console, way).mockImplementation((...words) => void said.push(words.join(' ')));
    }
  });
  afterEach(() => {
    vi.restoreAllMocks();
    expect(said.splice(0).filter((words) => !words.includes('AllowMultiple'))).toEqual([]);
  });
  bench.connected = async (userId) => {
    const { username, password } = bench.right;
    const config = bench.basic(username, password);
    const request = await bench.sdk.connectedAccounts.initiate(userId, await authConfig(bench.sdk), { config });
    return request.id;
  };
  bench.phone = async () => (await bench.server.call('GET', `/sandbox/phones/${TO}/messages`)).body.data;
  return bench;
}

async function authConfig(sdk: Sdk): Promise<string> {
  const { items } = await sdk.authConfigs.list({ toolkit: 'clicksend' });
  return items[0]?.id ?? (await sdk.authConfigs.create('clicksend', { type: 'use_composio_managed_auth' })).id;
}

export const sms = (body: string) => ({ messages: [{ to: TO, body }] });
const nameOf = (call: Promise<unknown>) =>
  call.then(
    () => 'no error',
    (error: Error) => error.name,
  );

export async function readsToolkits(bench: SdkBench): Promise<void> {
  const { toolkits } = bench.sdk;
  const [only, ...others] = await toolkits.get({});
  expect(others).toEqual([]);
  expect(only).toMatchObject({ slug: 'clicksend', name: 'ClickSend', meta: { toolsCount: actions.length } });
  expect(await toolkits.get('clicksend')).toMatchObject({ slug: 'clicksend', meta: { toolsCount: actions.length } });
  const fields = await toolkits.getConnectedAccountInitiationFields('clicksend', 'BASIC');
  expect(fields.map(({ name }) => name)).toEqual(['username', 'password']);
  expect(await toolkits.getAuthConfigCreationFields('clicksend', 'BASIC')).toEqual([]);
}

export async function readsTools(bench: SdkBench): Promise<void> {
  const raw = async (wish: object) => (await bench.sdk.tools.getRawComposioTools(wish)).map(({ slug }) => slug);
  const all = actions.map(({ slug }) => slug);
  expect(await raw({ toolkits: ['clicksend'] })).toEqual(all);
  expect(await raw({ toolkits: ['clicksend'], limit: 5 })).toEqual(all.slice(0, 5));
  expect(await raw({ tools: ['CLICKSEND_GET_LISTS', 'CLICKSEND_GET_ACCOUNT'] })).toHaveLength(2);
  expect((await raw({ search: 'send an sms' }))[0]).toBe('CLICKSEND_CREATE_SMS_SEND');
  expect(await raw({ toolkits: ['clicksend'], tags: ['readOnlyHint'] })).not.toContain('CLICKSEND_CREATE_SMS_SEND');
  const one = await bench.sdk.tools.getRawComposioToolBySlug('CLICKSEND_CREATE_SMS_SEND');
  expect(one).toMatchObject({ slug: 'CLICKSEND_CREATE_SMS_SEND', toolkit: { slug: 'clicksend' } });
  expect(one.inputParameters?.properties).toHaveProperty('messages');
}

export async function worksThroughProvider(bench: SdkBench): Promise<void> {
  await bench.connected('openai');
  const tools = await bench.sdk.tools.get('openai', { toolkits: ['clicksend'] });
  expect(tools.map((tool) => tool.function.name)).toEqual(actions.map(({ slug }) => slug));
  const [tool] = await bench.sdk.tools.get('openai', { tools: ['CLICKSEND_CREATE_LISTS'] });
  expect(tool).toMatchObject({ type: 'function', function: { parameters: { type: 'object' } } });
  const name = tool!.function.name;
  const call = {
    id: 'call_1',
    type: 'function',
    function: { name, arguments: JSON.stringify({ list_name: 'By a model' }) },
  };
  const result = JSON.parse(await bench.sdk.provider.executeToolCall('openai', call));
  expect(result).toMatchObject({ successful: true, error: null, data: { response_code: 'SUCCESS' } });
  const { body } = await bench.server.call('GET', '/v3/lists?limit=100');
  expect(body.data.data.map((list: { list_name: string }) => list.list_name)).toContain('By a model');
}

export async function executes(bench: SdkBench): Promise<void> {
  const connectedAccountId = await bench.connected('ana');
  const { version: toolVersion } = (await (
    await fetch(`${bench.server.url}/api/v3/tools/CLICKSEND_CREATE_SMS_SEND`, {
      headers: { 'x-api-key': bench.server.credentials.broker_key },
    })
  ).json()) as { version: string };
  const execute = (slug: string, args: object, more: object = { userId: 'ana' }) =>
    bench.sdk.tools.execute(slug, { arguments: args, version: toolVersion, ...more });
  const sent = await execute('CLICKSEND_CREATE_SMS_SEND', sms(TEXT), {
    userId: 'ana',
    connectedAccountId,
  });
  expect(sent).toMatchObject({ successful: true, error: null, logId: expect.stringMatching(/^log_/) });
  await vi.waitFor(async () => expect((await bench.phone()).map(({ body }) => body)).toContain(TEXT), 10_000);
  const refused = await execute('CLICKSEND_CREATE_SMS_SEND', { messages: [{ to: '0411', body: 'x' }] });
  expect(refused).toMatchObject({ successful: false, error: expect.stringContaining('to') });
  expect(await nameOf(execute('CLICKSEND_GET_ACCOUNT', {}, { userId: 'nobody' }))).toBe(
    'ComposioConnectedAccountNotFoundError',
  );
  expect(await nameOf(execute('CLICKSEND_NO_SUCH_TOOL', {}))).toBe('ComposioToolNotFoundError');
  expect(await nameOf(bench.sdk.tools.getRawComposioToolBySlug('CLICKSEND_NO_SUCH_TOOL'))).toBe(
    'ComposioToolNotFoundError',
  );
  expect(await nameOf(bench.sdk.toolkits.get('gmail'))).toMatch(/^ComposioToolkit\w+Error$/);
}

export async function connectsWithCredentials(bench: SdkBench): Promise<void> {
  const { connectedAccounts } = bench.sdk;
  const config = await authConfig(bench.sdk);
  const { username, password } = bench.right;
  const right = await connectedAccounts.initiate('bob', config, { config: bench.basic(username, password) });
  expect(right).toMatchObject({ id: expect.stringMatching(/^ca_/), status: 'ACTIVE' });
  const account = await right.waitForConnection();
  expect(account).toMatchObject({ id: right.id, status: 'ACTIVE', statusReason: null, isDisabled: false });
  expect(account.state).toMatchObject({
    authScheme: 'BASIC',
    val: { username, password: expect.stringMatching(/^•+$/) },
  });
  const again = () => connectedAccounts.initiate('bob', config, { config: bench.basic(username, password) });
  expect(await nameOf(again())).toBe('ComposioMultipleConnectedAccountsError');
  const wrong = await connectedAccounts.initiate('eve', config, { config: bench.basic(username, 'not-it') });
  expect(wrong.status).toBe('FAILED');
  expect(await nameOf(wrong.waitForConnection(3_000))).toBe('ConnectionRequestFailedError');
  expect(await nameOf(connectedAccounts.waitForConnection('ca_nothing', 2_000))).toBe(
    'ComposioConnectedAccountNotFoundError',
  );
}

export async function connectsByLink(bench: SdkBench): Promise<void> {
  const callbackUrl = 'http://127.0.0.1:1/back?own=1';
  const asked = await bench.sdk.connectedAccounts.link('carol', await authConfig(bench.sdk), { callbackUrl });
  expect(asked.redirectUrl).toMatch(/\/connect\/ln_/);
  const waiting = asked.waitForConnection(20_000);
  const { status, location, page } = await fillConnectPage(asked.redirectUrl!, bench.right);
  expect([status, page]).toEqual([303, expect.anything()]);
  const back = new URL(location!);
  expect(Object.fromEntries(back.searchParams)).toMatchObject({
    own: '1',
    status: 'success',
    connected_account_id: asked.id,
  });
  expect(await waiting).toMatchObject({ id: asked.id, status: 'ACTIVE' });
  const authorized = await bench.sdk.toolkits.authorize('dave', 'clicksend');
  expect(authorized.redirectUrl).toMatch(/\/connect\/ln_/);
  expect((await fillConnectPage(authorized.redirectUrl!, bench.right)).status).toBe(303);
  expect(await authorized.waitForConnection(5_000)).toMatchObject({ status: 'ACTIVE' });
}

/** As a customer does it: a wrong password first, then the right one, while the application waits. */
export async function connectsInBrowser(bench: SdkBench): Promise<void> {
  const browser = await openBrowser();
  try {
    const asked = await bench.sdk.connectedAccounts.link('heidi', await authConfig(bench.sdk));
    const waiting = asked.waitForConnection(60_000);
    const page = await (await browser.newContext()).newPage();
    await page.goto(asked.redirectUrl!);
    const fill = async (password: string) => {
      await page.getByLabel('Username').fill(bench.right.username);
      await page.getByLabel('Password or API key').fill(password);
      await page.getByRole('button', { name: 'Connect' }).click();
    };
    await fill('not it');
    await page.getByRole('alert').waitFor();
    await fill(bench.right.password);
    expect(await waiting).toMatchObject({ id: asked.id, status: 'ACTIVE' });
    const call = { userId: 'heidi', arguments: {}, dangerouslySkipVersionCheck: true };
    expect(await bench.sdk.tools.execute('CLICKSEND_GET_ACCOUNT', call)).toMatchObject({
      successful: true,
      error: null,
    });
  } finally {
    await browser.close();
  }
}

export async function givesUpOnLink(bench: SdkBench): Promise<void> {
  const asked = await bench.sdk.connectedAccounts.link('frank', await authConfig(bench.sdk));
  expect(await nameOf(asked.waitForConnection(1_500))).toBe('ConnectionRequestTimeoutError');
}

export async function endsConnections(bench: SdkBench): Promise<void> {
  const { connectedAccounts } = bench.sdk;
  const id = await bench.connected('grace');
  const listed = await connectedAccounts.list({ userIds: ['grace'], statuses: ['ACTIVE'] });
  expect(listed.items.map((one) => one.id)).toEqual([id]);
  expect(await connectedAccounts.disable(id)).toEqual({ success: true });
  expect(await connectedAccounts.get(id)).toMatchObject({ status: 'INACTIVE', isDisabled: true });
  const run = () =>
    bench.sdk.tools.execute('CLICKSEND_GET_ACCOUNT', {
      userId: 'grace',
      arguments: {},
      dangerouslySkipVersionCheck: true,
    });
  expect(await nameOf(run())).toBe('ComposioConnectedAccountNotFoundError');
  expect(await connectedAccounts.enable(id)).toEqual({ success: true });
  expect(await run()).toMatchObject({ successful: true });
  expect(await connectedAccounts.refresh(id)).toMatchObject({ id, status: 'ACTIVE' });
  const revoked = await bench.server.call('POST', `/api/v3.1/connected_accounts/${id}/revoke`, undefined, {
    authorization: `Bearer ${bench.server.credentials.broker_key}`,
  });
  expect(revoked.body.connected_account).toEqual({ id, status: 'REVOKED' });
  expect(await nameOf(run())).toBe('ComposioConnectedAccountNotFoundError');
  await connectedAccounts.delete(id);
  expect((await connectedAccounts.list({ userIds: ['grace'] })).items).toEqual([]);
}

export async function endsAuthConfigs(bench: SdkBench): Promise<void> {
  const { authConfigs } = bench.sdk;
  const wish = { type: 'use_custom_auth', authScheme: 'BASIC', name: 'Shop', credentials: {} };
  const { id } = await authConfigs.create('clicksend', wish);
  expect(await authConfigs.get(id)).toMatchObject({
    id,
    name: 'Shop',
    status: 'ENABLED',
    noOfConnections: 0,
    isComposioManaged: false,
  });
  await authConfigs.update(id, {
    type: 'custom',
    credentials: {},
    toolAccessConfig: { toolsAvailableForExecution: ['CLICKSEND_GET_LISTS'] },
  });
  await authConfigs.disable(id);
  expect((await authConfigs.list()).items.map((one) => one.id)).not.toContain(id);
  await authConfigs.enable(id);
  expect((await authConfigs.list({ toolkit: 'clicksend' })).items.map((one) => one.id)).toContain(id);
  await authConfigs.delete(id);
  expect(await nameOf(authConfigs.get(id))).not.toBe('no error');
}
