import { endpoints } from '@veredus/contract/endpoints';
import type { Clock } from '@veredus/protocols/clock';
import type { Action, ActionResult } from '@veredus/tools/action';
import type { ToolAnswer } from '@veredus/tools/host';
import { readArguments, takeIdempotencyKey } from '@veredus/tools/read-arguments';
import { failed, succeeded } from '@veredus/tools/result';
import type { Target } from '@veredus/tools/target';
import type { Caller } from '../accounts/caller.ts';
import { NoConnection } from '../connections/no-connection.ts';
import { storable } from '../db/storable.ts';
import type { Pool } from '../db/transaction.ts';
import { allowedAction } from './act-as.ts';
import type { Actor } from './actor.ts';
import { digestOfJson, withoutDefaults } from './canonical.ts';
import { carryOut, endRefused } from './carry-out.ts';
import { logId } from './log-id.ts';
import { maskArguments } from './mask-arguments.ts';
import { type Asked, type Begun, beginOnce, findAnswered } from './once.ts';
import { refusalBudget, shortArguments } from './refused-calls.ts';
import { type CallKey, countReplay, insertExecution, type NewExecution } from './store-executions.ts';

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
  /** How many pushes of ours led to it; absent = none. */
  depth?: number;
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

/** Where an execution goes, as the actor may. */
export interface Place {
  /** Null = the account itself, on this server. */
  connectionId: string | null;
  userId: string | null;
  target: 'local' | 'cloud';
  use: Target;
}

export interface RunParts {
  pool: Pool;
  clock: Clock;
  newId: () => string;
  /** Finds the connection. Throws NoConnection. */
  place(actor: Actor, action: Action, wish: ConnectionWish): Promise<Place>;
  /** Is told what the target said of the credentials. */
  noteUse(connectionId: string, outcome: 'right' | 'wrong-credentials'): Promise<void>;
  log(event: string, facts: Record<string, unknown>): void;
}

const KEY_LIMIT = 255;
const CUT_OFF = 'The first call was cut off: it may or may not have been done. Look before you repeat it.';

/**
 * Makes the runner: allowed → connection → arguments → once → target → log, for every face alike. What a budget, an approval or
 * a fence says of a call belongs between `once` and the target.
 *
 * @throws Refusal not-found for an unknown action and for one the actor may not run (in the same words), and without a
 *   connection (NoConnection). Everything else the caller can cause is a result.
 */
export function actionRunner(given: RunParts): RunAction {
  const parts: Running = { ...given, waiting: new Map(), mayLog: refusalBudget(given.clock) };
  return async (actor, request) => {
    const action = allowedAction(actor, request.slug);
    const reading = readAsked(action, actor, request);
    const placed = await parts.place(actor, action, request.connection).catch(unconnected);
    if (placed instanceof NoConnection) return replayElse(parts, actor, reading, placed);
    const execution = executionOf(parts, actor, action, request, placed);
    if (!reading.ok) return refuse(parts, action, execution, reading.result);
    const { input, call, repetition } = reading;
    const asked: Asked = { action, call, repetition, repeatable: placed.target === 'local' && isIdempotent(action) };
    const begun = await beginOnce(parts, asked, execution);
    if (begun.kind !== 'run') return answerWithout(parts, action, execution, begun);
    const { signal, depth = 0 } = request;
    return carryOut(
      parts,
      { action, input, place: placed, call, signal, depth },
      {
        ...execution,
        executionId: begun.executionId,
        at: begun.at,
      },
    );
  };
}

interface Running extends RunParts {
  waiting: Map<string, number>;
  /** Whether a refused call of this actor is written down. */
  mayLog(actor: string): boolean;
}

type Reading =
  | { ok: true; action: Action; input: Record<string, unknown>; call: CallKey | null; repetition: boolean }
  | { ok: false; result: ActionResult };

function readAsked(action: Action, actor: Actor, request: RunRequest): Reading {
  const reading = readArguments(action, request.arguments);
  if (!reading.ok) return { ok: false, result: failed(reading.error, { fields: reading.fields }) };
  const { input, key } = takeIdempotencyKey(reading.input);
  const chosen = request.idempotencyKey ?? key;
  if (chosen !== null && (chosen === '' || chosen.length > KEY_LIMIT)) {
    return { ok: false, result: failed(`idempotency_key must have 1 to ${KEY_LIMIT} characters.`) };
  }
  const call = action.hints.readOnly ? null : callKeyOf(actor, action, request.connection, input, chosen);
  return { ok: true, action, input, call, repetition: request.repetition };
}

function unconnected(error: unknown): NoConnection {
  if (error instanceof NoConnection) return error;
  throw error;
}

/** A call that was answered while there was a connection is answered the same when it is repeated without one. */
async function replayElse(
  parts: RunParts,
  { caller }: Actor,
  reading: Reading,
  missing: NoConnection,
): Promise<ToolAnswer> {
  if (!reading.ok) throw missing;
  const { action, call, repetition } = reading;
  const before = await findAnswered(parts, { action, call, repetition, repeatable: false }, caller.accountId);
  if (before?.kind !== 'replay') throw missing;
  return replay(parts, caller.accountId, before);
}

/** An execution that ended before it began is in the log all the same; a flood of them is not, nor what they asked for in full. */
async function refuse(
  parts: Running,
  action: Action,
  execution: NewExecution,
  result: ActionResult,
): Promise<ToolAnswer> {
  const { accountId, agentId, keyId } = execution;
  if (!parts.mayLog(`${accountId} ${agentId} ${keyId}`)) return { ...result, logId: null, replayed: false };
  const short = { ...execution, arguments: shortArguments(execution.arguments) };
  await insertExecution(parts.pool, short);
  await endRefused(parts, action, short, result);
  return { ...result, logId: logId(execution.executionId), replayed: false };
}

async function answerWithout(
  parts: Running,
  action: Action,
  execution: NewExecution,
  begun: Exclude<Begun, { kind: 'run' }>,
): Promise<ToolAnswer> {
  if (begun.kind === 'other-call') {
    const words = 'This idempotency_key was used for a call with other arguments; use a new key for a new call.';
    return refuse(parts, action, execution, failed(words));
  }
  if (begun.kind === 'busy') {
    const words = 'The first call like this one is still under way; ask again in a minute, with the same arguments.';
    return { ...failed(words), logId: null, replayed: false };
  }
  return replay(parts, execution.accountId, begun);
}

async function replay(
  { pool }: RunParts,
  accountId: number,
  { executionId, earlier }: Extract<Begun, { kind: 'replay' }>,
): Promise<ToolAnswer> {
  await countReplay(pool, accountId, executionId);
  const data = earlier.result ?? {};
  const result = earlier.successful ? succeeded(data) : failed(earlier.error ?? CUT_OFF, data);
  return { ...result, logId: logId(executionId), replayed: true };
}

function executionOf(parts: RunParts, actor: Actor, action: Action, request: RunRequest, place: Place): NewExecution {
  return {
    executionId: parts.newId().toLowerCase(),
    accountId: actor.caller.accountId,
    at: parts.clock.now(),
    agentId: actor.agent?.agentId ?? null,
    keyId: actor.caller.keyId,
    runId: request.runId === null ? null : storable(request.runId),
    face: request.face,
    userId: place.userId === null ? null : storable(place.userId),
    action: action.slug,
    connectionId: place.connectionId,
    target: place.target,
    arguments: JSON.stringify(maskArguments(request.arguments)),
    currency: actor.caller.account.currency,
  };
}

/**
 * One actor, one action, one connection as it was asked for: equal calls of others are others. Which connection the usual one
 * is may change between two tries, and that must not make them two calls.
 */
function callKeyOf(
  { caller, agent }: Actor,
  action: Action,
  { connectionId, userId }: ConnectionWish,
  input: unknown,
  chosen: string | null,
): CallKey {
  const digest = digestOfJson(withoutDefaults(input));
  const who = agent ? `agent ${agent.agentId}` : whoOf(caller);
  const scope = `${who}, ${action.slug}, ${connectionId ?? 'usual'}, ${userId ?? ''}`;
  const key = chosen === null ? `= ${digest.toString('hex')}` : `: ${chosen}`;
  return { scope: storable(scope), key: storable(key), digest, explicit: chosen !== null };
}

const whoOf = ({ keyId, userId }: Caller): string => (keyId === null ? `user ${userId}` : `key ${keyId}`);

function isIdempotent({ endpoint: { id } }: Action): boolean {
  return id !== null && (endpoints as Record<string, { idempotent?: true }>)[id]?.idempotent === true;
}
