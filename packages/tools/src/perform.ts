import type { Action, ActionResult } from './action.ts';
import { refusalWords, unknownWords } from './answer-words.ts';
import { maskSecrets } from './mask-secrets.ts';
import { takeIdempotencyKey } from './read-arguments.ts';
import { failed, succeeded } from './result.ts';
import type { Origin, Target, TargetAnswer } from './target.ts';

export interface Performed {
  readonly result: ActionResult;
  /** undone: surely nothing was done. unknown: it may have been. */
  readonly outcome: 'done' | 'undone' | 'unknown';
  /** HTTP's; null where no answer came. */
  readonly status: number | null;
  readonly replayed: boolean;
}

export interface PerformOptions {
  readonly idempotencyKey: string | null;
  readonly origin?: Origin | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs an action at a target and makes the one result of it.
 *
 * @param input as readArguments gave it.
 * @throws what the target throws: bugs of ours, and a database that is away.
 */
export async function performAction(
  action: Action,
  input: Readonly<Record<string, unknown>>,
  target: Target,
  { idempotencyKey, origin, signal }: PerformOptions,
): Promise<Performed> {
  const { input: own, key } = takeIdempotencyKey(input);
  const answer = await target.call({
    endpoint: action.endpoint,
    operation: action.operation(own),
    idempotencyKey: idempotencyKey ?? key,
    ...(origin && { origin }),
    ...(signal && { signal }),
  });
  if (answer.kind === 'answer') return judged(action, own, answer);
  if (answer.kind === 'undone')
    return { result: failed(answer.words), outcome: 'undone', status: null, replayed: false };
  return unanswered(action, answer.words, null);
}

type Answered = Extract<TargetAnswer, { kind: 'answer' }>;

function judged(action: Action, input: Readonly<Record<string, unknown>>, answer: Answered): Performed {
  const { status, replayed } = answer;
  const envelope = maskSecrets(answer.envelope) as Record<string, unknown>;
  if (!isSuccess(answer)) return refused(action, envelope, answer);
  const { error, warnings } = action.judge?.(envelope.data, input) ?? { error: null, warnings: [] };
  const all = [...(action.notes?.(input) ?? []), ...warnings];
  const data = all.length === 0 ? envelope : { ...envelope, warnings: all };
  // What the target itself calls a repetition was done, whatever has become of it since.
  if (error !== null) return { result: failed(error, data), outcome: replayed ? 'done' : 'undone', status, replayed };
  return { result: succeeded(data), outcome: 'done', status, replayed };
}

/** An envelope that says something else than its status is no success either. */
function isSuccess({ status, envelope }: Answered): boolean {
  if (status < 200 || status > 299) return false;
  const { response_code, http_code } = envelope;
  return typeof response_code === 'string' ? response_code === 'SUCCESS' : http_code === 200;
}

function refused(action: Action, data: Record<string, unknown>, answer: Answered): Performed {
  const { status, replayed } = answer;
  const words = refusalWords(status, data);
  if (isRefusal(answer)) return { result: failed(words, data), outcome: 'undone', status, replayed };
  return { ...unanswered(action, words, status), result: failed(unknownWords(action, words), data), replayed };
}

/** Timed out over there, or an equal call is under way there: it may be done all the same. So may what broke in the middle. */
const IN_DOUBT = new Set([408, 409]);

/** Whether the target surely did nothing. Under a status of success only its envelope can say so, and only where it says what it is. */
function isRefusal({ status, envelope }: Answered): boolean {
  if (status >= 300) return isClear(status);
  const { response_code, http_code } = envelope;
  const fault = typeof http_code === 'number' && http_code >= 300;
  return typeof response_code === 'string' && (!fault || isClear(http_code));
}

const isClear = (status: number): boolean => status < 500 && !IN_DOUBT.has(status);

function unanswered(action: Action, words: string, status: number | null): Performed {
  const outcome = action.hints.readOnly ? 'undone' : 'unknown';
  return { result: failed(unknownWords(action, words)), outcome, status, replayed: false };
}
