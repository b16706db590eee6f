import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { FaceResult } from './all-actions.ts';
import { peer } from './peers.ts';

/**
 * Other people's MCP clients, unmodified, installed apart in test/clients; what is used of them is described by hand. Every
 * one of them checks what it gets: a list or a result that is not as the protocol has it is an error there.
 */

const CLIENTS = new URL('../clients/package.json', import.meta.url);
const BRIDGE = fileURLToPath(new URL('../../packages/tools/bin/veredus-tools.js', import.meta.url));
const load = createRequire(CLIENTS);

const NEEDED = ['@modelcontextprotocol/client', '@modelcontextprotocol/sdk', '@openai/agents'];
export const mcpClientsAreInstalled = () => NEEDED.every((name) => toolsInstalled(`${name}/package.json`));
export const withMcpClients = peer('the MCP clients in test/clients', mcpClientsAreInstalled);

export interface ToolListed {
  name: string;
  title?: string;
  description?: string;
  inputSchema: { type: string; properties?: Record<string, unknown> };
  annotations?: Record<string, unknown>;
}

export interface ToolResult {
  content: { type: string; text?: string }[];
  structuredContent?: { data: Record<string, unknown>; error: string | null; successful: boolean };
  isError?: boolean;
  _meta?: Record<string, unknown>;
}

type Listed = { tools: ToolListed[]; nextCursor?: string };
type Message = { method?: string; params?: { progress?: number } };
type Options = { onprogress?: (progress: { progress: number }) => void; signal?: AbortSignal };

/** What the official clients have in common. */
export interface McpClient {
  connect(transport: object): Promise<void>;
  close(): Promise<void>;
  listTools(params?: { cursor?: string }): Promise<Listed>;
  callTool(params: { name: string; arguments?: object; _meta?: object }, options?: Options): Promise<ToolResult>;
  getInstructions(): string | undefined;
  readonly transport?: { onmessage?: (message: Message, extra?: unknown) => void };
  /** Of the newer one only. */
  getProtocolEra?(): 'legacy' | 'modern' | undefined;
}

/** Where a client finds its server. */
export type Way = { url: string; key: string } | { command: string; args: string[]; env: Record<string, string> };

type Make<T> = new (...given: never[]) => T;
interface OfficialModules {
  Client: new (info: object, options?: object) => McpClient;
  StreamableHTTPClientTransport: new (url: URL, options: object) => object;
  StdioClientTransport: new (options: object) => object;
}

const INFO = { name: 'veredus-test', version: '1.0.0' };

export const officialClients = ['v1', 'v2 legacy', 'v2 modern'] as const;
export type OfficialClient = (typeof officialClients)[number];

/** An official client, connected. */
export async function connectClient(which: OfficialClient, way: Way): Promise<McpClient> {
  const modules = which === 'v1' ? firstModules() : secondModules();
  const mode = which === 'v2 modern' ? 'auto' : 'legacy';
  const client = new modules.Client(INFO, which === 'v1' ? {} : { versionNegotiation: { mode } });
  await client.connect(transportFor(modules, way));
  return which === 'v1' ? withoutSchemas(client) : client;
}

/** The older one takes the schema of the result between a call and its options. */
function withoutSchemas(client: McpClient): McpClient {
  const call = client.callTool.bind(client) as unknown as (
    params: object,
    schema: undefined,
    options?: Options,
  ) => Promise<ToolResult>;
  client.callTool = (params, options) => call(params, undefined, options);
  return client;
}

/**
 * The progress that reaches a client from now on. Its own callback does not hear of what comes in one piece with the answer: it
 * hands notifications on a moment later than answers, and has forgotten the call by then.
 */
export function progressReaching({ transport }: McpClient): number[] {
  const told: number[] = [];
  if (!transport) throw new Error('a client that is not connected');
  const hand = transport.onmessage;
  transport.onmessage = (message, extra) => {
    if (message.method === 'notifications/progress') told.push(message.params?.progress ?? Number.NaN);
    hand?.(message, extra);
  };
  return told;
}

/** How a client speaks: the two eras over HTTP, and (legacy) over the bridge on standard input and output. */
export type McpEra = 'legacy' | 'modern' | 'stdio';

/** MCP as one more face that lists and runs actions. */
export interface McpFace {
  /** All tools, page by page. */
  list(): Promise<string[]>;
  call(name: string, args: Record<string, unknown>): Promise<FaceResult>;
  close(): Promise<void>;
}

export async function openMcp(era: McpEra, { url, key }: { url: string; key: string }): Promise<McpFace> {
  const env = { PATH: process.env.PATH ?? '', VEREDUS_URL: url, VEREDUS_AGENT_KEY: key };
  const way: Way = era === 'stdio' ? { command: process.execPath, args: [BRIDGE], env } : { url: `${url}/mcp`, key };
  const client = await connectClient(era === 'modern' ? 'v2 modern' : 'v1', way);
  return {
    list: () => listNames(client),
    async call(name, args) {
      const { structuredContent, isError } = await client.callTool({ name, arguments: args });
      const result = structuredContent as FaceResult;
      if (result.successful === (isError === true)) throw new Error(`${name}: isError says something else`);
      return result;
    },
    close: () => client.close(),
  };
}

async function listNames(client: McpClient): Promise<string[]> {
  const names: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.listTools(cursor === undefined ? {} : { cursor });
    names.push(...page.tools.map(({ name }) => name));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return names;
}

function transportFor(modules: OfficialModules, way: Way): object {
  if ('command' in way) return new modules.StdioClientTransport({ ...way, stderr: 'ignore' });
  const headers = { authorization: `Bearer ${way.key}` };
  return new modules.StreamableHTTPClientTransport(new URL(way.url), { requestInit: { headers } });
}

function firstModules(): OfficialModules {
  const name = '@modelcontextprotocol/sdk/client';
  return { ...load(`${name}/index.js`), ...load(`${name}/streamableHttp.js`), ...load(`${name}/stdio.js`) };
}

function secondModules(): OfficialModules {
  return { ...load('@modelcontextprotocol/client'), ...load('@modelcontextprotocol/client/stdio') };
}

/** The MCP classes of an agent framework, as its agents use them; no model is asked. */
export interface FrameworkServer {
  connect(): Promise<void>;
  close(): Promise<void>;
  listTools(): Promise<ToolListed[]>;
  callTool(name: string, args: object): Promise<{ type: string; text?: string }[]>;
}

export function frameworkServer(way: Way): FrameworkServer {
  const agents = load('@openai/agents') as Record<string, Make<FrameworkServer>>;
  const MCPServerStdio = agents.MCPServerStdio as unknown as new (options: object) => FrameworkServer;
  const MCPServerStreamableHttp = agents.MCPServerStreamableHttp as unknown as new (options: object) => FrameworkServer;
  if ('command' in way) return new MCPServerStdio(way);
  return new MCPServerStreamableHttp({
    url: way.url,
    requestInit: { headers: { authorization: `Bearer ${way.key}` } },
  });
}

/** The file of a command-line tool in test/clients. */
export function toolFile(path: string): string {
  return fileURLToPath(new URL(`node_modules/${path}`, CLIENTS));
}

export function toolsInstalled(...paths: string[]): boolean {
  return paths.every((path) => existsSync(toolFile(path)));
}
