import type { ToolAnswer, ToolCall, ToolHost } from '@veredus/tools/host';
import { failed } from '@veredus/tools/result';
import { Refusal } from '../refusal.ts';
import { allowedActions } from './act-as.ts';
import type { Actor } from './actor.ts';
import { type ProgressParts, progressOf } from './progress.ts';
import type { Face, RunAction } from './run-action.ts';

export interface HostParts extends ProgressParts {
  runAction: RunAction;
  /** ACTIVE connections of an account, newest first. */
  connectionsOf(accountId: number): Promise<readonly { id: string; label: string }[]>;
}

/** How the caller came. */
export interface Way {
  face: Face;
  /** How many pushes of ours led to it. */
  depth: number;
}

/** What a face that lists and runs tools needs, for one actor. */
export function toolHost(parts: HostParts, actor: Actor, way: Way): ToolHost {
  const among = actor.agent?.allowedConnections ?? null;
  return {
    actions: () => allowedActions(actor),
    async connections() {
      const all = await parts.connectionsOf(actor.caller.accountId);
      return all.filter(({ id }) => among === null || among.includes(id));
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
