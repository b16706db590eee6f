import type { Clock } from '@veredus/protocols/clock';
import type { Target, TargetAnswer, TargetCall } from '@veredus/tools/target';
import { nestsDeeper } from '../json-depth.ts';
import { type CarefulAnswer, type CarefulCall, openCarefulCalls } from './careful-calls.ts';
import { FairTurns, type TurnWish } from './fair-turns.ts';
import { quietAnswer } from './quiet-answer.ts';

export interface CloudParts {
  /** VEREDUS_CLOUD_URL: scheme, host and port, and no path. Never from a request. */
  origin: string;
  clock: Clock;
}

export interface CloudClient {
  /**
   * The cloud as somebody, for the account that owns the connection. `checks` = only to hear whether the credentials are
   * right: for that some connections are kept.
   */
  as(credentials: { username: string; password: string }, asking: Asking): Target;
  /** Ends every call under way. */
  close(): void;
}

type Asking = Pick<TurnWish, 'accountId' | 'checks'>;

/** A page of 100 rows is about 40 kB, the answer to 1,000 messages about 700 kB. */
const ANSWER_LIMIT = 8 * 1024 * 1024;
const CONNECTIONS = 16;
const CONNECT_MS = 10_000;
const SHARES = { places: CONNECTIONS, kept: 2, own: 4, ownChecks: 2, ownWaiting: 16, waiting: 256, waitMs: CONNECT_MS };
/** No answer has a tenth of it. */
const DEPTH_LIMIT = 100;
/** Whoever asked us gives up after 60 s: he must have his answer before. */
const TIMEOUT_MS = 45_000;

/**
 * The ClickSend cloud as a target. What may have left is never sent again by itself; reading that surely did not leave is
 * tried once more.
 */
export function cloudClient({ origin, clock }: CloudParts): CloudClient {
  const calls = openCarefulCalls(
    {
      ...{ origin, connections: CONNECTIONS, connectMs: CONNECT_MS, timeoutMs: TIMEOUT_MS },
      ...{ answerLimit: ANSWER_LIMIT, owner: 'this server' },
    },
    clock,
  );
  const turns = new FairTurns(SHARES, clock);

  const make = async (request: CarefulCall, asking: Asking): Promise<CarefulAnswer> => {
    const began = clock.monotonic();
    const turn = await turns.take({ ...asking, signal: request.signal });
    if ('refused' in turn) return { kind: 'unwritten', words: turn.refused };
    try {
      const first = await calls.make(request);
      const again = first.kind === 'unwritten' && request.method === 'GET' && !request.signal?.aborted;
      // Not after a time-out: a second one would keep the caller for too long.
      return again && clock.monotonic() - began < CONNECT_MS ? await calls.make(request) : first;
    } finally {
      turn.release();
    }
  };
  return {
    as: (credentials, asking) => ({
      async call(call) {
        const odd = straying(call);
        if (odd !== undefined) return { kind: 'undone', words: `${odd} is empty or made of dots: it names nothing.` };
        const answer = await make(requestOf(call, credentials), asking);
        return withWait(quietAnswer(judge(answer, call.endpoint.method === 'GET'), credentials), answer);
      },
    }),
    close: calls.destroy,
  };
}

function requestOf(
  { endpoint, operation, idempotencyKey, signal }: TargetCall,
  { username, password }: { username: string; password: string },
): CarefulCall {
  const { params = {}, query = {}, body } = operation;
  const path = endpoint.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params[name] ?? '')));
  const terms = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  );
  return {
    method: endpoint.method,
    path: terms.size > 0 ? `${path}?${terms}` : path,
    headers: {
      authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
      accept: 'application/json',
      'accept-encoding': 'identity',
      'user-agent': 'Veredus',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(idempotencyKey === null ? {} : { 'idempotency-key': headerText(idempotencyKey) }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  };
}

/** A header holds printable ASCII only; other keys are written so that different ones stay different. */
const headerText = (key: string) =>
  /^[\x21-\x7e]+$/.test(key) && !key.includes('%') ? key : encodeURIComponent(key.toWellFormed());

/** Something in a path that would lead to another call than the one that is meant. */
function straying({ operation: { params = {} } }: TargetCall): string | undefined {
  return Object.keys(params).find((name) => /^\.{0,2}$/.test(String(params[name])));
}

/** What an answer means for whoever asks whether it was done. */
function judge(answer: CarefulAnswer, reads: boolean): TargetAnswer {
  if (answer.kind === 'unwritten')
    return { kind: 'undone', words: `The ClickSend cloud was not reached: ${answer.words}.` };
  const uncertain = (words: string): TargetAnswer => ({ kind: reads ? 'undone' : 'unknown', words });
  if (answer.kind === 'cut') return uncertain(`The ClickSend cloud gave no whole answer: ${answer.words}.`);
  const { status } = answer;
  if (status >= 300 && status < 400) {
    return {
      kind: 'undone',
      words: `The ClickSend cloud answered with a redirect (HTTP ${status}), which is not followed.`,
    };
  }
  const envelope = envelopeOf(answer.body);
  if (envelope !== null) return toldOf(answer, envelope);
  const words = `The ClickSend cloud answered HTTP ${status} with something that is no answer of its API.`;
  // A proxy's page: what stands behind it may have done it all the same.
  if (status < 400 || status >= 500) return uncertain(words);
  return toldOf(answer, { http_code: status, response_code: 'UNKNOWN', response_msg: words, data: null });
}

function toldOf(
  { status, headers }: Extract<CarefulAnswer, { kind: 'answer' }>,
  envelope: Record<string, unknown>,
): TargetAnswer {
  return { kind: 'answer', status, envelope, replayed: headers['idempotent-replayed'] === 'true' };
}

/** When to come back, in words of ours that nothing is cut off from. */
function withWait(told: TargetAnswer, answer: CarefulAnswer): TargetAnswer {
  if (told.kind !== 'answer' || answer.kind !== 'answer' || answer.status !== 429) return told;
  const wait = waitOf(answer.headers['retry-after']);
  if (wait === null) return told;
  const said = typeof told.envelope.response_msg === 'string' ? told.envelope.response_msg : '';
  return { ...told, envelope: { ...told.envelope, response_msg: `${said} Try again in ${wait} s.`.trim() } };
}

function waitOf(header: string | string[] | undefined): string | null {
  return typeof header === 'string' && /^\d{1,6}$/.test(header.trim()) ? header.trim() : null;
}

function envelopeOf(body: Buffer): Record<string, unknown> | null {
  if (nestsDeeper(body, DEPTH_LIMIT)) return null;
  try {
    const value: unknown = JSON.parse(body.toString());
    return value !== null && typeof value === 'object' && !Array.isArray(value) && 'response_code' in value
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
