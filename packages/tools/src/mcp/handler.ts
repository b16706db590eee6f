import { createMcpHandler } from '@modelcontextprotocol/server';
import type { ToolHost } from '../host.ts';
import { mcpServer } from './mcp-server.ts';
import type { McpOptions } from './options.ts';

/** One request of HTTP, with its body read already, for a caller who has been let in. */
export interface McpRequest {
  readonly request: Request;
  readonly body: unknown;
  readonly host: ToolHost;
  readonly options: McpOptions;
}

/** Answers requests of both eras, each by itself: no sessions, and nothing to resume. */
export function mcpHandler(): (asked: McpRequest) => Promise<Response> {
  const asking = new WeakMap<Request, McpRequest>();
  const { fetch } = createMcpHandler(
    ({ requestInfo }) => {
      const asked = requestInfo && asking.get(requestInfo);
      if (!asked) throw new Error('an MCP request that nobody passed on');
      return mcpServer(asked.host, asked.options);
    },
    { legacy: 'stateless', responseMode: 'auto' },
  );
  return async (asked) => {
    const refused = refusalOf(asked.body);
    if (refused) return refused;
    asking.set(asked.request, asked);
    return fetch(asked.request, { parsedBody: asked.body });
  };
}

/** What the protocol knows and we do not offer. */
function refusalOf(body: unknown): Response | null {
  if (Array.isArray(body))
    return errorResponse(400, -32600, 'Batches are not taken: send one message per request.', null);
  const { method, id } = (body ?? {}) as { method?: unknown; id?: unknown };
  if (method !== 'subscriptions/listen') return null;
  const known = typeof id === 'string' || typeof id === 'number' ? id : null;
  const words = 'Method not found: there is nothing to subscribe to; ask tools/list again when its ttlMs is over.';
  return errorResponse(404, -32601, words, known);
}

/** An error of JSON-RPC as a whole answer. */
export function errorResponse(status: number, code: number, message: string, id: string | number | null): Response {
  return Response.json({ jsonrpc: '2.0', error: { code, message }, id }, { status });
}
