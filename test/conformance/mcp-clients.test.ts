import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { actions } from '@veredus/tools/catalogue';
import { afterAll, beforeAll, expect } from 'vitest';
import { temporaryFolder } from '../rig/engine.ts';
import { keyAddingProxy } from '../rig/key-adding-proxy.ts';
import {
  connectClient,
  frameworkServer,
  officialClients,
  progressReaching,
  toolFile,
  toolsInstalled,
  type Way,
  withMcpClients,
} from '../rig/mcp-clients.ts';
import { peer } from '../rig/peers.ts';
import { eventually, type RunningServer, startServer } from '../rig/server.ts';
import { verifies } from './promises.ts';

/** Other people's MCP clients against a server as an operator starts it: what they send is seen in its history. */
const INSPECTOR = '@modelcontextprotocol/inspector/cli/build/cli.js';
const withInspector = peer('the MCP inspector in test/clients', () => toolsInstalled(INSPECTOR));
const BRIDGE = fileURLToPath(new URL('../../packages/tools/bin/veredus-tools.js', import.meta.url));
const LAUNCHER = fileURLToPath(new URL('../../bin/veredus.js', import.meta.url));
const SEND = 'CLICKSEND_CREATE_SMS_SEND';
const slugs = actions.map(({ slug }) => slug).sort();

const run = promisify(execFile);

let folder: string;
let server: RunningServer;
let environment: Record<string, string>;

beforeAll(async () => {
  folder = await temporaryFolder('veredus-mcp-clients-');
  server = await startServer(folder);
  environment = {
    PATH: process.env.PATH ?? '',
    VEREDUS_URL: server.url,
    VEREDUS_AGENT_KEY: server.credentials.agent_key,
  };
});

afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

const ways: Record<string, (env?: Record<string, string>) => Way> = {
  HTTP: () => ({ url: `${server.url}/mcp`, key: server.credentials.agent_key }),
  'stdio, veredus-tools': (env) => ({ command: process.execPath, args: [BRIDGE], env: { ...environment, ...env } }),
  'stdio, veredus mcp': () => ({
    command: process.execPath,
    args: [LAUNCHER, 'mcp'],
    env: { PATH: process.env.PATH ?? '', VEREDUS_DATA_DIR: `${folder}/data` },
  }),
};

const message = (body: string) => ({ messages: [{ to: '+61400000001', body }] });

/** How many messages with this text there are: what was really done. */
async function sent(body: string): Promise<number> {
  const { data } = (await server.call('GET', '/v3/sms/history?limit=100')).body;
  return data.data.filter((one: { body: string }) => one.body === body).length;
}

for (const [name, way] of Object.entries(ways)) {
  for (const which of officialClients) {
    withMcpClients(verifies('mcp:clients', `${which} lists and calls over ${name}`), async () => {
      const client = await connectClient(which, way());
      try {
        if (which !== 'v1') expect(client.getProtocolEra?.()).toBe(which === 'v2 modern' ? 'modern' : 'legacy');
        expect(client.getInstructions()).toContain('costs money');
        const { tools } = await client.listTools();
        expect(tools.map((tool) => tool.name)).toEqual(slugs);
        const body = `By ${which} over ${name}`;
        const result = await client.callTool({ name: SEND, arguments: message(body) });
        expect(result).toMatchObject({ isError: false, structuredContent: { error: null, successful: true } });
        expect(await sent(body)).toBe(1);
        const refused = await client.callTool({ name: SEND, arguments: { messages: [{ to: 'nobody', body }] } });
        expect(refused).toMatchObject({ isError: true, structuredContent: { successful: false } });
        expect(refused.structuredContent?.error).toMatch(/to/);
        await expect(client.callTool({ name: 'CLICKSEND_NOTHING' })).rejects.toMatchObject({ code: -32602 });
      } finally {
        await client.close();
      }
    });
  }

  withMcpClients(verifies('mcp:clients', `an agent framework lists and calls over ${name}`), async () => {
    const framework = frameworkServer(way());
    await framework.connect();
    try {
      expect((await framework.listTools()).map((tool) => tool.name)).toEqual(slugs);
      const [text] = await framework.callTool('CLICKSEND_GET_ACCOUNT', {});
      expect(JSON.parse(text?.text ?? '')).toMatchObject({ successful: true, data: { http_code: 200 } });
    } finally {
      await framework.close();
    }
  });
}

withMcpClients(
  verifies('bridge:local', 'with its data folder and nothing else, and with another agent’s key'),
  async () => {
    const way = ways['stdio, veredus mcp']?.() as Way & { env: Record<string, string> };
    const { body } = await server.call('POST', '/v3/agents', {
      name: 'Reader',
      allowed_actions: ['CLICKSEND_GET_ACCOUNT'],
    });
    const named = { ...way, env: { ...way.env, VEREDUS_AGENT_KEY: body.data.key } };
    for (const [one, count] of [
      [way, slugs.length],
      [named, 1],
    ] as const) {
      const client = await connectClient('v2 modern', one);
      expect((await client.listTools()).tools.length).toBe(count);
      await client.close();
    }
  },
);

/** The arguments of an import of two contacts into a list of its own. */
async function twoContacts(name: string) {
  const content = Buffer.from('+61400888001,Ana\n+61400888002,Ben\n').toString('base64');
  const upload = await server.call('POST', '/v3/uploads?convert=csv', { content });
  const list = await server.call('POST', '/v3/lists', { list_name: name });
  const { list_id } = list.body.data;
  return { list_id, file_url: upload.body.data._url, field_order: ['phone', 'first_name'] };
}

for (const name of ['HTTP', 'stdio, veredus-tools']) {
  for (const which of officialClients) {
    withMcpClients(verifies('mcp:progress', `of an import, to ${which} over ${name}`), async () => {
      const args = await twoContacts(`${which} over ${name}`);
      const client = await connectClient(which, ways[name]?.() as Way);
      try {
        const told = progressReaching(client);
        const heard: number[] = [];
        const onprogress = ({ progress }: { progress: number }) => void heard.push(progress);
        const result = await client.callTool({ name: 'CLICKSEND_GET_LISTS_IMPORT', arguments: args }, { onprogress });
        expect(result.structuredContent?.error).toBeNull();
        expect(told.at(-1)).toBe(100);
        expect(told).toEqual([...new Set(told)].sort((a, b) => a - b));
        expect(heard).toEqual(told.slice(0, heard.length));
      } finally {
        await client.close();
      }
    });
  }
}

withMcpClients(verifies('mcp:compact', 'over HTTP by its address, over stdio by its setting'), async () => {
  const compact: Way = { url: `${server.url}/mcp?mode=compact`, key: server.credentials.agent_key };
  for (const way of [compact, ways['stdio, veredus-tools']?.({ VEREDUS_MCP_MODE: 'compact' })]) {
    const client = await connectClient('v2 modern', way as Way);
    expect((await client.listTools()).tools.length).toBe(3);
    const called = await client.callTool({ name: 'call_action', arguments: { slug: 'CLICKSEND_GET_ACCOUNT' } });
    expect(called.structuredContent?.successful).toBe(true);
    await client.close();
  }
});

async function inspect(...args: string[]): Promise<{ tools?: { name: string }[]; structuredContent?: object }> {
  const { stdout } = await run(process.execPath, [toolFile(INSPECTOR), '--cli', ...args], {
    cwd: folder,
    env: environment,
    timeout: 60_000,
  });
  return JSON.parse(stdout);
}

const targets = {
  HTTP: () => [
    `${server.url}/mcp`,
    '--transport',
    'http',
    '--header',
    `Authorization: Bearer ${environment.VEREDUS_AGENT_KEY}`,
  ],
  stdio: () => [process.execPath, BRIDGE],
};
for (const [name, target] of Object.entries(targets)) {
  withInspector(verifies('mcp:clients', `the inspector lists and calls over ${name}`), async () => {
    const { tools } = await inspect(...target(), '--method', 'tools/list');
    expect(tools?.map((tool) => tool.name)).toEqual(slugs);
    const named = ['--tool-name', 'CLICKSEND_GET_ACCOUNT'];
    const { structuredContent } = await inspect(...target(), '--method', 'tools/call', ...named);
    expect(structuredContent).toMatchObject({ successful: true });
  });
}

for (const which of officialClients) {
  withMcpClients(
    verifies('fault:F60', `${which}: the same call again after its answer was cut off is done once`),
    async () => {
      const proxy = await keyAddingProxy(server.url, server.credentials.agent_key);
      const client = await connectClient(which, { url: `${proxy.url}/mcp`, key: 'added on the way' });
      try {
        const call = { name: SEND, arguments: message(`Once, whatever happens to the answer (${which})`) };
        proxy.cutNext();
        await expect(client.callTool(call)).rejects.toThrow();
        await eventually(async () => (await sent(call.arguments.messages[0]?.body ?? '')) === 1);
        const again = await client.callTool(call);
        expect(again.structuredContent).toMatchObject({ successful: true, data: { replayed: true } });
        expect(await sent(call.arguments.messages[0]?.body ?? '')).toBe(1);
      } finally {
        await client.close();
        await proxy.close();
      }
    },
  );
}

withMcpClients(
  verifies('fault:F60', 'bridge:lost', 'so it is over stdio, where the bridge tells what it cannot know'),
  async () => {
    const proxy = await keyAddingProxy(server.url, server.credentials.agent_key);
    const client = await connectClient('v2 modern', ways['stdio, veredus-tools']?.({ VEREDUS_URL: proxy.url }) as Way);
    try {
      const call = { name: SEND, arguments: message('Once, over stdio') };
      proxy.cutNext();
      await expect(client.callTool(call)).rejects.toThrow(/not known/);
      await eventually(async () => (await sent('Once, over stdio')) === 1);
      const again = await client.callTool(call);
      expect(again.structuredContent).toMatchObject({ successful: true, data: { replayed: true } });
      expect(await sent('Once, over stdio')).toBe(1);
    } finally {
      await client.close();
      await proxy.close();
    }
  },
);

withMcpClients(verifies('fault:F60', 'keys for other places open nothing, and lists keep their order'), async () => {
  const { username, api_key, broker_key, agent_key } = server.credentials;
  const post = (authorization: string) =>
    fetch(`${server.url}/mcp`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
    });
  const basic = `Basic ${Buffer.from(`${username}:${api_key}`).toString('base64')}`;
  const foreign = 'eyJhbGciOiJub25lIn0.eyJhdWQiOiJodHRwczovL2Vsc2V3aGVyZS5leGFtcGxlIn0.';
  for (const wrong of [basic, `Bearer ${foreign}`, `Bearer ${agent_key}x`, 'Bearer ', `Digest ${agent_key}`]) {
    const response = await post(wrong);
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="veredus"']);
  }
  const lists = await Promise.all(Array.from({ length: 5 }, async () => (await post(`Bearer ${agent_key}`)).text()));
  expect(new Set(lists).size).toBe(1);
  expect((await post(`Bearer ${broker_key}`)).status).toBe(200);
});
