import {
  type CallToolResult,
  ProtocolError,
  ProtocolErrorCode,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { Action } from '../action.ts';
import type { ToolCall } from '../host.ts';
import { resultOfRun } from './answer.ts';
import { followWork } from './follow.ts';
import type { McpParts } from './options.ts';

/**
 * Runs one action. A client that goes away ends what only reads; anything else goes on to its end, so that the same call,
 * made again, finds an outcome that is known.
 */
export async function runTool(
  parts: McpParts,
  action: Action,
  call: ToolCall,
  context: ServerContext,
): Promise<CallToolResult> {
  const { signal } = context.mcpReq;
  // Nobody waits for this call any more, and nothing of it has been done.
  if (signal.aborted)
    throw new ProtocolError(ProtocolErrorCode.InternalError, 'The call was cancelled before it began.');
  const answer = await parts.host.run(action.hints.readOnly ? { ...call, signal } : call);
  // The work is begun and its answer known: that nobody can say how far it is changes neither.
  await followWork(parts, context, { call, answer }).catch((error) => void parts.options.failed(error));
  return resultOfRun(answer);
}
