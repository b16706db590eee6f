import type { Action, ActionResult } from '@veredus/tools/action';
import type { ToolAnswer } from '@veredus/tools/host';
import { type Performed, performAction } from '@veredus/tools/perform';
import { failed } from '@veredus/tools/result';
import type { Origin } from '@veredus/tools/target';
import { storable } from '../db/storable.ts';
import { inTransaction } from '../db/transaction.ts';
import { type Effects, effectsOf } from './effects.ts';
import { keptResult } from './kept-result.ts';
import { logId } from './log-id.ts';
import type { Place, RunParts } from './run-action.ts';
import {
  type CallKey,
  dropCallKey,
  type Ending,
  endExecution,
  findEarlier,
  type NewExecution,
} from './store-executions.ts';

export interface Work {
  action: Action;
  input: Record<string, unknown>;
  place: Place;
  call: CallKey | null;
  signal: AbortSignal | undefined;
  depth: number;
}

/** What is kept of an error's words, in characters. */
const ERROR_LIMIT = 4_000;

type Logging = Pick<RunParts, 'pool' | 'log'>;

/** Asks the target, and writes down what came of it. `execution.at` is when this attempt began. */
export async function carryOut(parts: RunParts, work: Work, execution: NewExecution): Promise<ToolAnswer> {
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
  const answer = await end(parts, work, execution, performed, parts.clock.monotonic() - began);
  await noteUse(parts, work.place, performed);
  return answer;
}

/** What the target said of the credentials; that it cannot be written down changes nothing of what was done. */
async function noteUse(parts: RunParts, { connectionId }: Place, { outcome, status }: Performed): Promise<void> {
  if (connectionId === null || (status !== 401 && outcome !== 'done')) return;
  await parts
    .noteUse(connectionId, status === 401 ? 'wrong-credentials' : 'right')
    .catch((error: Error) => parts.log('connection.not-noted', { connection: connectionId, message: error.message }));
}

/** A fault of ours: how far it came is not known. */
function bug(parts: Logging, execution: NewExecution, error: unknown): Performed {
  const { message, stack } = error as Error;
  parts.log('execution.bug', { execution: execution.executionId, action: execution.action, message, stack });
  const words = `Something went wrong on our side; it may have been done in part. Look before you repeat it, and quote ${logId(execution.executionId)} when you report it.`;
  return { result: failed(words), outcome: 'unknown', status: null, replayed: false };
}

/** The answer as it is known, also where it cannot be written down: then the log says, later, that it does not know. */
async function end(
  parts: RunParts,
  { action, call }: Pick<Work, 'action' | 'call'>,
  execution: NewExecution,
  performed: Performed,
  durationMs: number,
): Promise<ToolAnswer> {
  const { result, replayed } = performed;
  const known = { ...result, logId: logId(execution.executionId), replayed };
  try {
    const ending = endingOf(action, execution, performed, durationMs);
    return (await write(parts, execution, call, ending)) ? known : await overtaken(parts, execution, known);
  } catch (error) {
    parts.log('execution.not-logged', { execution: execution.executionId, message: (error as Error).message });
    return known;
  }
}

/** In one commit with its key: what did nothing is no repetition of anything. False = another attempt has taken over. */
function write({ pool }: Logging, execution: NewExecution, call: CallKey | null, ending: Ending): Promise<boolean> {
  return inTransaction(pool, async (run) => {
    const own = await endExecution(run, execution, ending);
    if (own && call && ending.undone) await dropCallKey(run, execution.accountId, call, execution.executionId);
    return own;
  });
}

/** Somebody took this attempt for dead and made another: what that one was answered is what counts. */
async function overtaken({ pool }: Logging, execution: NewExecution, known: ToolAnswer): Promise<ToolAnswer> {
  const now = await findEarlier(pool, execution.accountId, execution.executionId);
  if (now?.state !== 'done') return known;
  const { successful, error, result } = now;
  return { ...known, data: result ?? {}, error, successful: successful === true };
}

function endingOf(
  action: Action,
  { connectionId, target, currency }: NewExecution,
  { result, outcome }: Performed,
  durationMs: number,
): Ending {
  const effects = effectsOf(result);
  const own = action.spends && target === 'local';
  return {
    state: outcome === 'unknown' ? 'unknown' : 'done',
    undone: outcome === 'undone',
    successful: result.successful,
    error: result.error === null ? null : storable(result.error).slice(0, ERROR_LIMIT),
    result: keptResult(result, action.hints.readOnly),
    durationMs: Math.round(durationMs),
    ...costOf(effects, action.spends && result.successful, connectionId === null ? currency : null),
    messageIds: own ? effects.messageIds : [],
    campaignId: own ? effects.campaignId : null,
  };
}

/** Over a connection it is another account's money: only the answer can say in which currency. */
function costOf({ costMicro, costCurrency }: Effects, spent: boolean, own: string | null) {
  const currency = costCurrency ?? own;
  const known = spent && costMicro !== null && currency !== null;
  return { costMicro: known ? costMicro : null, costCurrency: known ? currency : null };
}

/** Ends an execution that was refused before it began. */
export async function endRefused(
  { pool }: Logging,
  action: Action,
  execution: NewExecution,
  result: ActionResult,
): Promise<void> {
  const refused: Performed = { result, outcome: 'undone', status: null, replayed: false };
  await endExecution(pool, execution, endingOf(action, execution, refused, 0));
}
