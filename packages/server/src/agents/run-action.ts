import type { ToolAnswer } from '@veredus/tools/host';
import type { Actor } from './actor.ts';

export type Face = 'broker' | 'mcp' | 'rest' | 'direct';

export interface RunRequest {
  /** In any case of letters. */
  slug: string;
  /** An object, or its JSON text as some models write it. */
  arguments: unknown;
  face: Face;
  /** Which connection; both null = the actor's usual one. */
  connection: ConnectionWish;
  idempotencyKey: string | null;
  /** The caller's client says that it sends this again. */
  repetition: boolean;
  runId: string | null;
  signal?: AbortSignal;
}

export interface ConnectionWish {
  connectionId: string | null;
  /** The application's user: his newest ACTIVE connection is taken. */
  userId: string | null;
  /** True = the account itself, on this server, will not do (as brokers have it for project keys). */
  needed: boolean;
}

/** Runs an action for an actor. The use case behind every face. */
export type RunAction = (actor: Actor, request: RunRequest) => Promise<ToolAnswer>;
