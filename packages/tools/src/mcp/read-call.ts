import { type CallToolRequestParams, ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { ToolCall } from '../host.ts';
import { CONNECTION } from './tools.ts';

export const META_KEY = 'veredus/idempotency-key';
export const META_RUN = 'veredus/run-id';
const LONGEST = 255;

/** A call of an action: the key and the run as `_meta` names them, and the connection as the arguments do. */
export function readToolCall(
  params: Pick<CallToolRequestParams, 'name' | 'arguments' | '_meta'>,
  runId: string | null,
): ToolCall {
  const { [CONNECTION]: connectionId = null, ...given } = params.arguments ?? {};
  if (connectionId !== null && typeof connectionId !== 'string') {
    throw invalid(`${CONNECTION} must be the id of a connection, a text such as ca_….`);
  }
  return {
    slug: params.name,
    arguments: given,
    connectionId,
    idempotencyKey: metaText(params._meta, META_KEY),
    runId: metaText(params._meta, META_RUN) ?? runId,
  };
}

function metaText(meta: Readonly<Record<string, unknown>> | undefined, name: string): string | null {
  const value = meta?.[name];
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' && value.length > 0 && value.length <= LONGEST) return value;
  throw invalid(`_meta "${name}" must be a text of 1 to ${LONGEST} characters.`);
}

/** The client's mistake, not the model's: an error of the protocol. */
export function invalid(words: string): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, words);
}
