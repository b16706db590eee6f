import type { Clock } from '@veredus/protocols/clock';
import { type Dispatcher, Pool } from 'undici';
import type { ClicksendSettings } from './settings.ts';

export interface Call {
  method: 'GET' | 'POST' | 'PUT';
  /** With its query. */
  path: string;
  /** JSON text. */
  body?: string;
  /** Sent as `Idempotency-Key`. */
  key?: string;
}

/** What came of a call: the three things that decide whether it may be made again. */
export type Answer =
  | { kind: 'answer'; status: number; headers: Headers; body: Buffer }
  /** Not one byte of the request left: no address, no connection, no trust in the peer's certificate, no time. */
  | { kind: 'unwritten'; words: string }
  /** Bytes left and no whole answer came back. */
  | { kind: 'cut'; words: string };

type Headers = Readonly<Record<string, string | string[] | undefined>>;

export interface Calls {
  make(call: Call): Promise<Answer>;
  /** Ends every call under way, each as `unwritten` or `cut`. */
  destroy(): void;
}

/** A page of 100 receipts is about 40 kB, the answer to 1,000 messages about 700 kB. */
const ANSWER_LIMIT = 8 * 1024 * 1024;
const CONNECTIONS = 8;
const CONNECT_MS = 10_000;
/** Shorter than what servers keep idle (5 s by default in Node, 60 s behind most balancers): a request written to a connection that is being closed has an unknown fate. */
const IDLE_MS = 3_000;

/** The connections to one host. Redirects are never followed, certificates always checked, no call is made twice. */
export function openCalls(settings: ClicksendSettings, clock: Clock): Calls {
  const pool = new Pool(settings.origin, {
    connections: CONNECTIONS,
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: IDLE_MS,
    keepAliveMaxTimeout: IDLE_MS,
    // The deadline of a call is kept by the passed-in clock, below.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: CONNECT_MS, rejectUnauthorized: true },
  });
  return {
    make: (call) =>
      new Promise((resolve) => {
        const ear = listen(resolve, clock, settings.timeoutMs);
        pool.dispatch(
          { method: call.method, path: call.path, headers: headersOf(call, settings), body: call.body },
          ear,
        );
      }),
    destroy: () => {
      pool.destroy(new Ended('the carrier is closing')).catch(() => undefined);
    },
  };
}

/** Why we ended a call ourselves. */
class Ended extends Error {}

function headersOf(call: Call, settings: ClicksendSettings): Record<string, string> {
  return {
    authorization: settings.authorization,
    accept: 'application/json',
    'user-agent': 'Veredus',
    ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(call.key === undefined ? {} : { 'idempotency-key': call.key }),
  };
}

/**
 * Listens to one call. `onRequestStart` comes right before the first byte is written, on a connection that stands: that,
 * and no error code, tells a call that certainly did not leave from one that may have.
 */
function listen(resolve: (answer: Answer) => void, clock: Clock, timeoutMs: number): Dispatcher.DispatchHandler {
  let connection: Dispatcher.DispatchController | null = null;
  let over = false;
  let status = 0;
  let headers: Headers = {};
  let size = 0;
  const chunks: Buffer[] = [];

  const end = (answer: Answer) => {
    if (over) return;
    over = true;
    cancel();
    resolve(answer);
  };
  const broken = (words: string) => end({ kind: connection === null ? 'unwritten' : 'cut', words });
  const hangUp = (words: string) => {
    broken(words);
    connection?.abort(new Ended(words));
  };
  const cancel = clock.after(timeoutMs, () => hangUp(`no answer within ${timeoutMs / 1_000} s`));

  return {
    onRequestStart(controller) {
      // A second start would write the request again; one after the deadline would write what was given up.
      if (over || connection !== null) return controller.abort(new Ended('given up before it was written'));
      connection = controller;
    },
    onResponseStart(_, code, received) {
      status = code;
      headers = received;
    },
    onResponseData(_, chunk) {
      size += chunk.length;
      if (size > ANSWER_LIMIT) return hangUp(`an answer larger than ${ANSWER_LIMIT} bytes`);
      chunks.push(chunk);
    },
    onResponseEnd: () => end({ kind: 'answer', status, headers, body: Buffer.concat(chunks) }),
    onResponseError: (_, error) => broken(wordsOf(error)),
  };
}

/** An error that tried several addresses says nothing itself. */
function wordsOf(error: Error & { code?: string; errors?: Error[] }): string {
  return error.message || error.errors?.[0]?.message || error.code || 'the connection failed';
}
