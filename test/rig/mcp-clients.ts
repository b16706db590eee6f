import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { FaceResult } from './all-actions.ts';

/** How a client speaks: the two eras over HTTP, and (legacy) over the bridge on standard input and output. */
export type McpEra = 'legacy' | 'modern' | 'stdio';

const CLIENTS = new URL('../clients/package.json', import.meta.url);
const BRIDGE = fileURLToPath(new URL('../../packages/tools/bin/veredus-tools.js', import.meta.url));

export function mcpClientsAreInstalled(): boolean {
  return ['client', 'sdk'].every((name) =>
    existsSync(new URL(`node_modules/@modelcontextprotocol/${name}/package.json`, CLIENTS)),
  );
}

export interface McpFace {
  /** All tools, page by page. */
  list(): Promise<string[]>;
  call(name: string, args: Record<string, unknown>): Promise<FaceResult>;
  close(): Promise<void>;
}

/** The official clients, unmodified; they are installed apart, so what is used of them is described by hand. */
interface OfficialClient {
  connect(transport: unknown): Promise<void>;
  listTools(params?: { cursor?: string }): Promise<{ tools: { name: string }[]; nextCursor?: string }>;
  callTool(params: { name: string; arguments: Record<string, unknown> }): Promise<{
    structuredContent?: unknown;
    isError?: boolean;
  }>;
  close(): Promise<void>;
}
type Made<Arguments extends unknown[], T> = new (...given: Arguments) => T;

const load = async (specifier: string) => {
  const path = createRequire(CLIENTS).resolve(specifier);
  return import(pathToFileURL(path).href);
};

export async function openMcp(era: McpEra, { url, key }: { url: string; key: string }): Promise<McpFace> {
  const who = { name: 'veredus-test', version: '1.0.0' };
  const endpoint = new URL('/mcp', url);
  const requestInit = { headers: { authorization: `Bearer ${key}` } };
  let client: OfficialClient;
  if (era === 'modern') {
    const { Client, StreamableHTTPClientTransport } = await load('@modelcontextprotocol/client');
    client = new (Client as Made<[object, object], OfficialClient>)(who, { versionNegotiation: { mode: 'auto' } });
    await client.connect(new StreamableHTTPClientTransport(endpoint, { requestInit }));
  } else {
    const { Client } = await load('@modelcontextprotocol/sdk/client/index.js');
    client = new (Client as Made<[object], OfficialClient>)(who);
    await client.connect(await legacyTransport(era, { url, key, endpoint, requestInit }));
  }
  return faceOf(client);
}

async function legacyTransport(
  era: McpEra,
  { url, key, endpoint, requestInit }: { url: string; key: string; endpoint: URL; requestInit: object },
): Promise<unknown> {
  if (era === 'legacy') {
    const { StreamableHTTPClientTransport } = await load('@modelcontextprotocol/sdk/client/streamableHttp.js');
    return new StreamableHTTPClientTransport(endpoint, { requestInit });
  }
  const { StdioClientTransport } = await load('@modelcontextprotocol/sdk/client/stdio.js');
  const env = { PATH: process.env.PATH ?? '', VEREDUS_URL: url, VEREDUS_AGENT_KEY: key };
  return new StdioClientTransport({ command: process.execPath, args: [BRIDGE], env, stderr: 'pipe' });
}

function faceOf(client: OfficialClient): McpFace {
  return {
    async list() {
      const names: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await client.listTools(cursor === undefined ? {} : { cursor });
        names.push(...page.tools.map(({ name }) => name));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      return names;
    },
    async call(name, args) {
      const { structuredContent, isError } = await client.callTool({ name, arguments: args });
      const result = structuredContent as FaceResult;
      if (result.successful === (isError === true)) throw new Error(`${name}: isError says something else`);
      return result;
    },
    close: () => client.close(),
  };
}
