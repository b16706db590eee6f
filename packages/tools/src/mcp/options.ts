import type { ToolHost } from '../host.ts';

/** What an MCP server works with beside its host. */
export interface McpOptions {
  /** As clients show it. */
  readonly version: string;
  /** `compact`: three tools that search, describe and call, in place of one for each action. */
  readonly mode: McpMode;
  readonly clock: McpClock;
  /** Said with the request itself, e.g. in a header; what its `_meta` says goes first. */
  readonly runId: string | null;
  /** Fires when nobody should be held any longer: long work is followed no further, and the answer goes out. */
  readonly stop: AbortSignal;
  /** What was thrown and nobody expected: notes it, and answers the words for the client, which tell nothing of it. */
  failed(error: unknown): string;
}

export type McpMode = 'full' | 'compact';

export interface McpClock {
  monotonic(): number;
  after(milliseconds: number, run: () => void): () => void;
}

/** What each request is answered with. */
export interface McpParts {
  readonly host: ToolHost;
  readonly options: McpOptions;
}
