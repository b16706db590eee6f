import type { Action } from '@veredus/tools/action';
import type { Authentication } from '../../accounts/authenticate.ts';
import type { Caller } from '../../accounts/caller.ts';
import type { Actor } from '../../agents/actor.ts';
import type { RunAction } from '../../agents/run-action.ts';
import type { ConnectionParts } from '../../connections/parts.ts';

export interface BrokerParts {
  authentication: Authentication;
  /** Reads the key's agent. */
  actorOf(caller: Caller): Promise<Actor>;
  /** What an actor may run, by slug. */
  allowedActions(actor: Actor): readonly Action[];
  runAction: RunAction;
  connections: ConnectionParts;
  publicUrl(): string;
  log(event: string, facts: Record<string, unknown>): void;
}
