import type { ProgressToken, ServerContext } from '@modelcontextprotocol/server';
import type { ToolAnswer, ToolCall, ToolProgress } from '../host.ts';
import type { McpClock, McpParts } from './options.ts';

/** Clients wait a minute for an answer; it is the same however long the work goes on. */
const PATIENCE_MS = 45_000;
const LOOK_EVERY_MS = 1_000;

/**
 * Tells a client that asked for it how far the work has come that its call began, until it is done, the client has left, or
 * it has waited long enough. What was begun goes on in any case.
 */
export async function followWork(
  { host, options }: McpParts,
  { mcpReq }: ServerContext,
  begun: { call: ToolCall; answer: ToolAnswer },
): Promise<void> {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined || !host.progress || !begun.answer.successful) return;
  const { clock } = options;
  const leave = AbortSignal.any([mcpReq.signal, options.stop]);
  const deadline = clock.monotonic() + PATIENCE_MS;
  let told = -1;
  while (!leave.aborted) {
    const progress = await host.progress(begun.call, begun.answer);
    if (progress === null || leave.aborted) return;
    // Values must rise, so that standing still is not told.
    if (progress.done > told) {
      told = progress.done;
      await mcpReq.notify({ method: 'notifications/progress', params: paramsOf(progressToken, progress) });
    }
    if (progress.finished || clock.monotonic() + LOOK_EVERY_MS > deadline) return;
    await pause(clock, leave);
  }
}

function paramsOf(progressToken: ProgressToken, { done, total, words }: ToolProgress) {
  return { progressToken, progress: done, ...(total === null ? {} : { total }), message: words };
}

function pause(clock: McpClock, leave: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      cancel();
      leave.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(LOOK_EVERY_MS, done);
    leave.addEventListener('abort', done);
  });
}
