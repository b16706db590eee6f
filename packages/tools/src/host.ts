import type { Action, ActionResult } from './action.ts';

/** What stands behind a face that lists and runs actions for one caller. */
export interface ToolHost {
  /** What this caller may run, in the order of the slugs. */
  actions(): readonly Action[];
  /** Whether a call that names no connection acts on the caller's account itself; else on the newest of its connections. */
  readonly ownAccount: boolean;
  /** The connections it may choose among. */
  connections(): Promise<readonly { readonly id: string; readonly label: string }[]>;
  /** Never throws for what the caller can cause: that is a result with `successful: false`. */
  run(call: ToolCall): Promise<ToolAnswer>;
  /** How far long work has come that an answer began (an import, a campaign); null where there is nothing to follow. */
  progress?(call: ToolCall, answer: ToolAnswer): Promise<ToolProgress | null>;
}

export interface ToolCall {
  readonly slug: string;
  readonly arguments: unknown;
  /** ca_…; null = the account itself, or the newest connection: see ownAccount. */
  readonly connectionId: string | null;
  readonly idempotencyKey: string | null;
  readonly runId: string | null;
  readonly signal?: AbortSignal;
}

export interface ToolAnswer extends ActionResult {
  /** log_…: where the execution is found in the log; null where none was begun. */
  readonly logId: string | null;
  /** True when this is the answer of an earlier, equal call, and nothing was done now. */
  readonly replayed: boolean;
}

export interface ToolProgress {
  readonly done: number;
  readonly total: number | null;
  readonly words: string;
  readonly finished: boolean;
}
