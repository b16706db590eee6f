import type { ActionEndpoint, Operation } from './action.ts';

/** Where actions act: a server like this one, or the ClickSend cloud. */
export interface Target {
  call(call: TargetCall): Promise<TargetAnswer>;
}

export interface TargetCall {
  readonly endpoint: ActionEndpoint;
  readonly operation: Operation;
  /** Sent along where the endpoint honours one, so that the target itself does it once. */
  readonly idempotencyKey: string | null;
  /** Which execution it is, for a target of ours that notes it on what it makes; never sent outside. */
  readonly origin?: Origin;
  readonly signal?: AbortSignal;
}

/** The execution of an action that is behind a call: noted on every message the call leads to. */
export interface Origin {
  /** Whose execution it is. */
  readonly accountId: number;
  readonly executionId: string;
  /** Null = a project's key ran it, no agent. */
  readonly agentId: number | null;
  /** The agent's own name for the run it is in. */
  readonly runId: string | null;
  /** How many pushes, each caused by the one before, led to it; absent = none. */
  readonly depth?: number;
}

export type TargetAnswer =
  | {
      readonly kind: 'answer';
      /** HTTP's. */
      readonly status: number;
      /** ClickSend's envelope: http_code, response_code, response_msg, data. */
      readonly envelope: Readonly<Record<string, unknown>>;
      /** True when the target itself said that this is the answer of an earlier call. */
      readonly replayed: boolean;
    }
  /** Surely nothing was done: no connection, or this target has no such endpoint. */
  | { readonly kind: 'undone'; readonly words: string }
  /** Bytes left and no whole answer came: it may have been done. */
  | { readonly kind: 'unknown'; readonly words: string };
