import type { CallToolResult } from '@modelcontextprotocol/server';
import type { ActionResult } from '../action.ts';
import type { ToolAnswer } from '../host.ts';

export const META_LOG = 'veredus/log-id';

/** What a model reads: the envelope as structured content, and the same JSON as text for clients that know no other. */
export function resultOf({ data, error, successful }: ActionResult, logId: string | null = null): CallToolResult {
  const envelope = { data, error, successful };
  return {
    content: [{ type: 'text', text: JSON.stringify(envelope) }],
    structuredContent: envelope,
    isError: !successful,
    ...(logId === null ? {} : { _meta: { [META_LOG]: logId } }),
  };
}

/** A repetition says so beside ClickSend's envelope: nothing was done this time. */
export function resultOfRun(answer: ToolAnswer): CallToolResult {
  const data = answer.replayed ? { ...answer.data, replayed: true } : answer.data;
  return resultOf({ ...answer, data }, answer.logId);
}
