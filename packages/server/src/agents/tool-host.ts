import type { ToolAnswer, ToolCall, ToolHost } from '@veredus/tools/host';
import { failed } from '@veredus/tools/result';
import { may } from '../accounts/caller.ts';
import { Refusal } from '../refusal.ts';
import { allowedActions } from './act-as.ts';
import type { Actor } from './actor.ts';
import { type ProgressParts, progressOf } from './progress.ts';
import type { Face, RunAction } from './run-action.ts';

export interface HostParts extends ProgressParts {
  runAction: RunAction;
  /** ACTIVE connections of an account, newest first; `among` = only of these. */
  connectionsOf(accountId: number, among: readonly string[] | null): Promise<readonly { id: string; label: string }[]>;
}

/** How the caller came. */
export interface Way {
  face: Face;
  /** How many pushes of ours led to it. */
  depth: number;
}

/** What a face that lists and runs tools needs, for one actor. */
export function toolHost(parts: HostParts, actor: Actor, way: Way): ToolHost {
  return {
    actions: () => allowedActions(actor),
    ownAccount: actor.agent?.ownAccount ?? true,
    async connections() {
      if (!actor.agent && !may(actor.caller, 'agents:read')) return [];
      return parts.connectionsOf(actor.caller.accountId, actor.agent?.allowedConnections ?? null);
    },
    run: (call) => run(parts, actor, way, call),
    progress: (call, answer) => progressOf(parts, actor, call, answer),
  };
}

async function run({ runAction }: HostParts, actor: Actor, way: Way, call: ToolCall): Promise<ToolAnswer> {
  const { slug, connectionId, idempotencyKey, runId, signal } = call;
  try {
    return await runAction(actor, {
      slug,
      arguments: call.arguments,
      ...way,
      connection: { connectionId, userId: null, needed: false },
      idempotencyKey,
      repetition: false,
      runId,
      ...(signal && { signal }),
    });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ...failed(error.message), logId: null, replayed: false };
  }
}
