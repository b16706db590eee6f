import type { Outcome, Outgoing } from '../../messages/carrier.ts';
import type { Answer } from './calls.ts';
import { type Envelope, isRow, type Row, readEnvelope, retryAfterMs, summary, text } from './envelopes.ts';

/** What a call to send came to. */
export interface Verdict {
  outcomes: Outcome[];
  /** Messages to be tried again at once in two smaller calls: this one was refused whole for what one of them holds. */
  split: readonly Outgoing[];
  /** Set where the link should rest before the next call, at least for so long. */
  trouble: { why: string; restMs: number } | null;
}

const MINUTE_MS = 60_000;
const BUSY_MS = 30_000;

/**
 * Codes of single messages that pass. THROTTLED is "same text, same number, a moment ago": that moment is seconds. The
 * others are the operator's to mend (top up, activate), not the sender's fault, so the message waits in our queue as long
 * as it is valid.
 */
const PASSING: Readonly<Record<string, number>> = {
  THROTTLED: BUSY_MS,
  INSUFFICIENT_CREDIT: 15 * MINUTE_MS,
  ACCOUNT_NOT_ACTIVATED: 15 * MINUTE_MS,
  MISSING_CREDENTIALS: 15 * MINUTE_MS,
  INVALID_CREDENTIALS: 15 * MINUTE_MS,
};

/** A fault of the platform says nothing of whether the message left. */
const OPEN = new Set(['INTERNAL_ERROR']);

/** The request was read and one of its messages is why it was refused. */
const REFUSED_WHOLE = new Set([400, 413, 422]);

/** Other 4xx that leave open what became of the call: 408 a request cut short, 409 the same call still under way. */
const UNCLEAR = new Set([408, 409]);

/** "Make this very request elsewhere": by their definition it was not acted on. Other redirects may follow an acted-on one. */
const ELSEWHERE = new Set([307, 308]);

/**
 * Judges the answer to a call that carried `messages`. Only what certainly was not taken may come back as unsent or
 * deferred; whatever might have been taken is unknown and never sent again by itself. `now` in ms since the epoch.
 */
export function judge(answer: Answer, messages: readonly Outgoing[], now: number): Verdict {
  if (answer.kind === 'unwritten') return unsent(messages, `The cloud cannot be reached: ${answer.words}.`);
  if (answer.kind === 'cut') return unknown(messages, `The cloud did not answer a send: ${answer.words}.`);
  const { status } = answer;
  if (status >= 200 && status < 300) return judgeItems(answer, messages);
  const said = summary(answer);
  if (status === 429) return busy(messages, said, retryAfterMs(answer, now) ?? BUSY_MS);
  if (REFUSED_WHOLE.has(status)) return refusedWhole(messages, readEnvelope(answer), said);
  if (status === 401 || status === 403) return unsent(messages, `The cloud refuses our user name or key (${said}).`);
  const turnedAway = (status >= 400 && status < 500 && !UNCLEAR.has(status)) || ELSEWHERE.has(status);
  if (turnedAway) return unsent(messages, `The cloud takes no messages at this address (${said}).`);
  return unknown(messages, `The cloud failed after it was given a send (${said}).`);
}

function unsent(messages: readonly Outgoing[], why: string): Verdict {
  return { outcomes: messages.map(({ id }) => ({ kind: 'unsent', id })), split: [], trouble: { why, restMs: 0 } };
}

function unknown(messages: readonly Outgoing[], words: string): Verdict {
  const outcomes = messages.map(({ id }): Outcome => ({ kind: 'unknown', id, words }));
  return { outcomes, split: [], trouble: { why: words, restMs: 0 } };
}

function busy(messages: readonly Outgoing[], said: string, afterMs: number): Verdict {
  const outcomes = messages.map(
    ({ id }): Outcome => ({ kind: 'deferred', id, code: 'TOO_MANY_REQUESTS', words: said, afterMs }),
  );
  return { outcomes, split: [], trouble: { why: `The cloud asks for fewer calls (${said}).`, restMs: afterMs } };
}

/** One bad message must not refuse the 999 beside it: the call is halved until the bad one stands alone. */
function refusedWhole(messages: readonly Outgoing[], envelope: Envelope | null, said: string): Verdict {
  if (messages.length > 1) return { outcomes: [], split: messages, trouble: null };
  const code = envelope?.code ?? 'BAD_REQUEST';
  const outcomes = messages.map(({ id }): Outcome => ({ kind: 'refused', id, code, words: envelope?.words || said }));
  return { outcomes, split: [], trouble: null };
}

/** Each message has a status of its own within the 200; they are told apart by our id in `custom_string`. */
function judgeItems(answer: Extract<Answer, { kind: 'answer' }>, messages: readonly Outgoing[]): Verdict {
  const envelope = readEnvelope(answer);
  const data = envelope?.code === 'SUCCESS' && isRow(envelope.data) ? envelope.data.messages : null;
  if (!Array.isArray(data)) return unknown(messages, 'The cloud answered a send with something unreadable.');
  const items = new Map<string, Row>();
  for (const item of data.filter(isRow)) {
    const id = text(item.custom_string).trim().toLowerCase();
    // A number that the cloud answers twice for was taken if either says so.
    if (!items.has(id) || item.status === 'SUCCESS') items.set(id, item);
  }
  return { outcomes: messages.map((message) => outcomeOf(message, items.get(message.id))), split: [], trouble: null };
}

/** The cloud gives one id to a message, whatever its parts; it stands for each of them. */
function outcomeOf({ id, parts }: Outgoing, item: Row | undefined): Outcome {
  if (item === undefined) return { kind: 'unknown', id, words: 'The cloud answered without a word on this message.' };
  const code = text(item.status);
  const upstreamId = text(item.message_id).trim();
  if (code === 'SUCCESS') {
    if (upstreamId === '') return { kind: 'unknown', id, words: 'The cloud accepted it without giving an id.' };
    return { kind: 'accepted', id, upstreamIds: Array.from({ length: parts }, () => upstreamId) };
  }
  const afterMs = Object.hasOwn(PASSING, code) ? PASSING[code] : undefined;
  if (afterMs !== undefined) return { kind: 'deferred', id, code, words: 'Not now, says the cloud.', afterMs };
  const isRefusal = /^[A-Z][A-Z0-9_]{2,59}$/.test(code) && !OPEN.has(code);
  return isRefusal
    ? { kind: 'refused', id, code, words: 'Refused by the cloud.' }
    : { kind: 'unknown', id, words: `The cloud answered ${JSON.stringify(code.slice(0, 60))} for this message.` };
}
