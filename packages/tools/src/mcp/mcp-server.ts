import {
  type CallToolRequestParams,
  type CallToolResult,
  type ListToolsResult,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type ServerContext,
  type Tool,
} from '@modelcontextprotocol/server';
import type { Action } from '../action.ts';
import type { ToolHost } from '../host.ts';
import { callCompactTool } from './call-compact.ts';
import { compactTools } from './compact-tools.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { findTool, meantTool, shownName } from './find-tool.ts';
import { INSTRUCTIONS } from './instructions.ts';
import type { McpOptions, McpParts } from './options.ts';
import { invalid, readToolCall } from './read-call.ts';
import { runTool } from './run-tool.ts';
import { toolOf } from './tools.ts';

const PAGE = 50;
/** What a key may do changes rarely, and a list that is a minute old refuses no more than it should. */
const CACHED = { ttlMs: 60_000, cacheScope: 'private' } as const;
/** We ask clients nothing, so that there is never an answer of theirs to check. */
const NO_VALIDATOR = {
  getValidator() {
    throw new Error('nothing is asked of clients');
  },
};

/** An MCP server over what a host may run. It keeps nothing between requests; both eras of the protocol speak to it alike. */
export function mcpServer(host: ToolHost, options: McpOptions): Server {
  const parts = { host, options };
  const server = new Server(
    { name: 'veredus', title: 'Veredus', version: options.version },
    {
      capabilities: { tools: {} },
      instructions: INSTRUCTIONS[options.mode],
      cacheHints: { 'tools/list': CACHED, 'server/discover': CACHED },
      jsonSchemaValidator: NO_VALIDATOR,
    },
  );
  server.setRequestHandler('tools/list', ({ params }) =>
    guarded(options, async () => pageOf(await toolsOf(parts), params?.cursor)),
  );
  server.setRequestHandler('tools/call', ({ params }, context) =>
    guarded(options, () => callTool(parts, params, context)),
  );
  return server;
}

async function toolsOf({ host, options }: McpParts): Promise<Tool[]> {
  const places = { connections: await host.connections(), ownAccount: host.ownAccount };
  if (options.mode === 'compact') return compactTools(host.actions(), places);
  return host.actions().map((action) => toolOf(action, places));
}

/** By name, always in the same order: a prompt that begins alike is cheaper. */
function pageOf(tools: readonly Tool[], cursor: string | undefined): ListToolsResult {
  const sorted = [...tools].sort((a, b) => (a.name < b.name ? -1 : 1));
  const after = cursor === undefined ? '' : readCursor(cursor);
  if (after === null) throw invalid('This cursor is none that tools/list gave; leave it out to begin.');
  const left = sorted.filter(({ name }) => name > after);
  const page = left.slice(0, PAGE);
  const last = page.at(-1);
  return left.length > PAGE && last ? { tools: page, nextCursor: writeCursor(last.name) } : { tools: page };
}

async function callTool(
  parts: McpParts,
  params: CallToolRequestParams,
  context: ServerContext,
): Promise<CallToolResult> {
  if (parts.options.mode === 'compact') return callCompactTool(parts, params, context);
  const actions = parts.host.actions();
  const action = findTool(actions, params.name);
  // One that the caller may not run is as unknown as one that does not exist.
  if (!action) throw invalid(unknownWords(actions, params.name));
  return runTool(parts, action, readToolCall({ ...params, name: action.slug }, parts.options.runId), context);
}

function unknownWords(actions: readonly Action[], name: string): string {
  const words = `There is no tool ${shownName(name)} for this key; tools/list has those there are.`;
  return `${words}${meantTool(actions, name)}`;
}

/** What nobody expected is told to whoever runs the server, and not to the client. */
async function guarded<T>(options: McpOptions, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    throw new ProtocolError(ProtocolErrorCode.InternalError, options.failed(error));
  }
}
