import { endpoints } from '@veredus/contract/endpoints';
import type { Clock } from '@veredus/protocols/clock';
import type { Action, ActionResult } from '@veredus/tools/action';
import type { ToolAnswer } from '@veredus/tools/host';
import { type Performed, performAction } from '@veredus/tools/perform';
import { readArguments, takeIdempotencyKey } from '@veredus/tools/read-arguments';
import { failed } from '@veredus/tools/result';
import type { Origin, Target } from '@veredus/tools/target';
import type { Caller } from '../accounts/caller.ts';
import { storable } from '../db/storable.ts';
import type { Pool } from '../db/transaction.ts';
import { allowedAction } from './act-as.ts';
import type { Actor } from './actor.ts';
import { digestOfJson } from './canonical.ts';
import { effectsOf } from './effects.ts';
import { logId } from './log-id.ts';
import { maskArguments } from './mask-arguments.ts';
import { type Begun, beginOnce } from './once.ts';
import {
  type CallKey,
  countReplay,
  dropCallKey,
  endExecution,
  insertExecution,
  type NewExecution,
} from './store-executions.ts';

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

/** What is kept of an answer, in characters of JSON; 1,000 messages are 700,000. */
const RESULT_LIMIT = 1_000_000;
const KEY_LIMIT = 255;
const CUT_OFF = 'The first call was cut off: it may or may not have been done. Look before you repeat it.';

/**
 * Makes the runner: allowed → connection → arguments → once → target → log, for every face alike. What a budget, an approval or
 * a fence says of a call belongs between `once` and the target.
 *
 * @throws Refusal not-found for an unknown action and for one the actor may not run (in the same words), and without a
 *   connection (NoConnection). Everything else the caller can cause is a result.
 */
export function actionRunner(parts: RunParts): RunAction {
  return async (actor, request) => {
    const action = allowedAction(actor, request.slug);
    const place = await parts.place(actor, action, request.connection);
    const execution = executionOf(parts, actor, action, request, place);
    const reading = readArguments(action, request.arguments);
    if (!reading.ok) return refuse(parts, action, execution, failed(reading.error, { fields: reading.fields }));
    const { input, key } = takeIdempotencyKey(reading.input);
    const chosen = request.idempotencyKey ?? key;
    if (chosen !== null && (chosen === '' || chosen.length > KEY_LIMIT)) {
      return refuse(parts, action, execution, failed(`idempotency_key must have 1 to ${KEY_LIMIT} characters.`));
    }
    const call = action.hints.readOnly ? null : callKeyOf(actor, action, place, input, chosen);
    const repeatable = place.target === 'local' && isIdempotent(action);
    const asked = { action, call, repetition: request.repetition, repeatable };
    const begun = await beginOnce(parts, asked, execution);
    if (begun.kind !== 'run') return answerWithout(parts, action, execution, begun);
    const { executionId } = begun;
    const { signal, depth = 0 } = request;
    const work = { actor, action, input, place, call, signal, depth };
    return carryOut(parts, work, { ...execution, executionId });
  };
}

interface Work {
  actor: Actor;
  action: Action;
  input: Record<string, unknown>;
  place: Place;
  call: CallKey | null;
  signal: AbortSignal | undefined;
  depth: number;
}

async function carryOut(parts: RunParts, work: Work, execution: NewExecution): Promise<ToolAnswer> {
  const { accountId, executionId, agentId, runId } = execution;
  const began = parts.clock.monotonic();
  const origin: Origin = { accountId, executionId, agentId, runId, depth: work.depth };
  const options = {
    origin,
    idempotencyKey: work.call === null ? null : `execution ${executionId}`,
    // What only reads may be given up; what acts is seen through, or nobody would know what became of it.
    ...(work.action.hints.readOnly && work.signal && { signal: work.signal }),
  };
  const performed = await performAction(work.action, work.input, work.place.use, options).catch((error) =>
    bug(parts, execution, error),
  );
  await end(parts, work, execution, performed, parts.clock.monotonic() - began);
  await noteUse(parts, work.place, performed);
  return { ...performed.result, logId: logId(executionId), replayed: performed.replayed };
}

/** What the target said of the credentials; that it cannot be written down changes nothing of what was done. */
async function noteUse(parts: RunParts, { connectionId }: Place, { outcome, status }: Performed): Promise<void> {
  if (connectionId === null || (status !== 401 && outcome !== 'done')) return;
  await parts
    .noteUse(connectionId, status === 401 ? 'wrong-credentials' : 'right')
    .catch((error: Error) => parts.log('connection.not-noted', { connection: connectionId, message: error.message }));
}

/** A fault of ours: how far it came is not known. */
function bug(parts: RunParts, execution: NewExecution, error: unknown): Performed {
  const { message, stack } = error as Error;
  parts.log('execution.bug', { execution: execution.executionId, action: execution.action, message, stack });
  const words = `Something went wrong on our side; it may have been done in part. Look before you repeat it, and quote ${logId(execution.executionId)} when you report it.`;
  return { result: failed(words), outcome: 'unknown', status: null, replayed: false };
}

async function end(
  { pool }: RunParts,
  { action, call }: Pick<Work, 'action' | 'call'>,
  execution: NewExecution,
  { result, outcome }: Performed,
  durationMs: number,
): Promise<void> {
  const { accountId, executionId, target } = execution;
  const effects = effectsOf(result);
  await endExecution(pool, accountId, executionId, {
    state: outcome === 'unknown' ? 'unknown' : 'done',
    successful: result.successful,
    error: result.error === null ? null : storable(result.error),
    result: kept(result, action.hints.readOnly),
    durationMs: Math.round(durationMs),
    costMicro: action.spends && result.successful ? effects.costMicro : null,
    messageIds: action.spends && target === 'local' ? effects.messageIds : [],
    campaignId: action.spends && target === 'local' ? effects.campaignId : null,
  });
  // Nothing was done, so the same call is no repetition of anything.
  if (call && !result.successful && outcome !== 'unknown') await dropCallKey(pool, accountId, call, executionId);
}

/** The answer's data as it is kept. Of what only reads, that and how much it answered: the rows themselves stand elsewhere. */
function kept({ data }: ActionResult, readOnly: boolean): string {
  const text = storable(JSON.stringify(data)).replace(/\\u0000|\\ud[89a-f][0-9a-f]{2}/gi, '\\ufffd');
  if (!readOnly && text.length <= RESULT_LIMIT) return text;
  const { http_code, response_code, response_msg } = data;
  return JSON.stringify({ http_code, response_code, response_msg, cut: `${text.length} characters` });
}

/** An execution that ended before it began is in the log all the same. */
async function refuse(
  parts: RunParts,
  action: Action,
  execution: NewExecution,
  result: ActionResult,
): Promise<ToolAnswer> {
  await insertExecution(parts.pool, execution);
  await end(parts, { action, call: null }, execution, { result, outcome: 'undone', status: null, replayed: false }, 0);
  return { ...result, logId: logId(execution.executionId), replayed: false };
}

async function answerWithout(
  parts: RunParts,
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
  await countReplay(parts.pool, execution.accountId, begun.executionId);
  const { earlier, executionId } = begun;
  const result = earlier.successful
    ? { data: earlier.result ?? {}, error: null, successful: true }
    : { data: earlier.result ?? {}, error: earlier.error ?? CUT_OFF, successful: false };
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
  };
}

/** One actor, one connection, one action: equal calls of others are others. */
function callKeyOf(
  { caller, agent }: Actor,
  action: Action,
  place: Place,
  input: unknown,
  chosen: string | null,
): CallKey {
  const digest = digestOfJson(input);
  const who = agent ? `agent ${agent.agentId}` : whoOf(caller);
  const where = place.connectionId ?? 'own account';
  const scope = `${who}, ${action.slug}, ${where}, ${place.userId ?? ''}`;
  const key = chosen === null ? `= ${digest.toString('hex')}` : `: ${chosen}`;
  return { scope: storable(scope), key: storable(key), digest, explicit: chosen !== null };
}

const whoOf = ({ keyId, userId }: Caller): string => (keyId === null ? `user ${userId}` : `key ${keyId}`);

function isIdempotent({ endpoint: { id } }: Action): boolean {
  return id !== null && (endpoints as Record<string, { idempotent?: true }>)[id]?.idempotent === true;
}
