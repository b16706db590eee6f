import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openServer, type Server } from '@veredus/server/build';
import { readConfig } from '@veredus/server/config';
import { systemClock, systemRandom } from '@veredus/server/system';
import { actions } from '@veredus/tools/catalogue';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifies } from '../conformance/promises.ts';
import { NOT_YET, type RunOver, runAllActions, type Witness } from '../rig/all-actions.ts';
import { startEngine, temporaryFolder } from '../rig/engine.ts';
import { type McpEra, mcpClientsAreInstalled, openMcp } from '../rig/mcp-clients.ts';
import { peer } from '../rig/peers.ts';
import { type Answered, type RunningServer, readCredentials, restOf, startServer } from '../rig/server.ts';

/**
 * The 26 actions over every face there is, each with its effect seen from outside. One server is `home`; another one stands in
 * the ClickSend cloud's place behind `abroad`.
 */
const withMcp = peer('MCP clients in test/clients', mcpClientsAreInstalled);

let folder: string;
let home: RunningServer;
let abroad: RunningServer;
let tag = 0;

beforeAll(async () => {
  folder = await temporaryFolder('veredus-actions-');
  await mkdir(join(folder, 'home'));
  await mkdir(join(folder, 'abroad'));
  home = await startServer(join(folder, 'home'));
  abroad = await startServer(join(folder, 'abroad'), { VEREDUS_CLOUD_URL: home.url, VEREDUS_CONNECT_TARGET: 'cloud' });
}, 60_000);
afterAll(async () => {
  await Promise.all([home?.stop(), abroad?.stop()]);
  await rm(folder, { recursive: true, force: true });
});

const witnessOf = (server: Pick<RunningServer, 'url' | 'call'>): Witness => ({
  url: server.url,
  call: (method, path, body) => server.call(method, path, body),
});

const CAN = actions
  .map(({ slug }) => slug.replace('CLICKSEND_', ''))
  .filter((slug) => !NOT_YET.some(([no]) => no === slug));

/** All that can be run is run; what cannot yet says so. */
async function tryAll(over: RunOver, witness: Witness, words = /channel not available yet/): Promise<void> {
  const executed = await runAllActions(over, witness, ++tag);
  expect([...new Set(executed)].sort()).toEqual(CAN);
  for (const [slug, args] of NOT_YET) {
    const result = await over(`CLICKSEND_${slug}`, args);
    expect(result, slug).toMatchObject({ successful: false, error: expect.stringMatching(words) });
  }
}

/** The broker's wire, by hand. */
async function brokerOf({ url, credentials }: RunningServer, prefix: string, login: Record<string, string>) {
  const call = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${url}${prefix}${path}`, {
      method,
      headers: { 'x-api-key': credentials.broker_key, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Answered };
  };
  const config = await call('POST', '/auth_configs', { toolkit: { slug: 'clicksend' } });
  const state = { authScheme: 'BASIC', val: { status: 'ACTIVE', ...login } };
  const made = await call('POST', '/connected_accounts', {
    auth_config: { id: config.body.auth_config.id },
    connection: { user_id: 'ana', state },
  });
  expect(made.body).toMatchObject({ connectionData: { val: { status: 'ACTIVE' } } });
  const over: RunOver = async (slug, args) => {
    const { status, body } = await call('POST', `/tools/execute/${slug}`, { user_id: 'ana', arguments: args });
    expect(status, JSON.stringify(body)).toBe(200);
    return body;
  };
  return over;
}

describe('the 26 actions', () => {
  test(verifies(
    'face:direct',
    'seed:GET_ACCOUNT',
    'seed:CREATE_SMS_SEND',
    'seed:SMS_PRICE_POST',
    'seed:GET_SMS_HISTORY',
    'seed:GET_STATISTICS_SMS',
    'seed:SMS_CANCEL_ALL_PUT',
    'seed:CREATE_MMS_SEND',
    'seed:CREATE_POST_LETTERS_SEND',
    'in process',
  ), async () => {
    const engine = await startEngine({ durable: true });
    const dataDir = join(folder, 'inside');
    const read = readConfig({ DATABASE_URL: engine.url, VEREDUS_DATA_DIR: dataDir, PORT: '0' });
    if (!('config' in read)) throw new Error(read.faults.join(' '));
    const server: Server = await openServer({
      config: read.config,
      clock: systemClock,
      random: systemRandom,
      version: '0.0.0',
      abort: new AbortController().signal,
      lost: () => {},
      log: () => {},
    });
    try {
      const credentials = await readCredentials(dataDir);
      const rest = restOf(server.url, credentials);
      const over: RunOver = (slug, args) => server.run(credentials.agent_key, slug, args);
      await tryAll(over, witnessOf({ url: server.url, call: rest }));
    } finally {
      await server.stop(5_000);
      await engine.stop();
    }
  }, 120_000);

  test.each(['/api/v3', '/api/v3.1'])(
    verifies('face:broker', 'the broker’s REST under %s'),
    async (prefix) => {
      const { username, api_key } = home.credentials;
      await tryAll(await brokerOf(home, prefix, { username, password: api_key }), witnessOf(home));
    },
    120_000,
  );

  test(verifies('face:cloud', 'the ClickSend cloud, in whose place another server stands'), async () => {
    const { username, api_key } = home.credentials;
    const over = await brokerOf(abroad, '/api/v3', { username, password: api_key });
    await tryAll(over, witnessOf(home), /./);
    // Nothing of it was done where it was asked for.
    expect((await abroad.call('GET', '/v3/sms/history')).body.data.total).toBe(0);
  }, 120_000);

  for (const era of ['legacy', 'modern', 'stdio'] as const satisfies readonly McpEra[]) {
    withMcp(
      verifies('face:mcp', `MCP, ${era}`),
      async () => {
        const mcp = await openMcp(era, { url: home.url, key: home.credentials.agent_key });
        try {
          expect(await mcp.list()).toEqual(actions.map(({ slug }) => slug));
          await tryAll((slug, args) => mcp.call(slug, args), witnessOf(home));
        } finally {
          await mcp.close();
        }
      },
      120_000,
    );
  }
});
