import type { Clock } from '@veredus/protocols/clock';
import { type Dispatcher, Pool } from 'undici';

export interface CarefulCall {
  method: Dispatcher.HttpMethod;
  /** With its query. */
  path: string;
  headers: Record<string, string>;
  body?: string;
  signal?: AbortSignal;
}

/** What came of a call: the three things that decide whether it may be made again. */
export type CarefulAnswer =
  | { kind: 'answer'; status: number; headers: Headers; body: Buffer }
  /** Not one byte of the request left: no address, no connection, no trust in the peer's certificate, no time. */
  | { kind: 'unwritten'; words: string }
  /** Bytes left and no whole answer came back. */
  | { kind: 'cut'; words: string };

type Headers = Readonly<Record<string, string | string[] | undefined>>;

export interface CarefulCalls {
  make(call: CarefulCall): Promise<CarefulAnswer>;
  /** Ends every call under way, each as `unwritten` or `cut`. */
  destroy(): void;
}

export interface CarefulSettings {
  origin: string;
  connections: number;
  /** For a whole call, the wait for a connection included. */
  timeoutMs: number;
  /** For getting a connection; the whole time unless told. */
  connectMs?: number;
  /** Bytes of an answer's body. */
  answerLimit: number;
  /** In words, what ends the calls under way. */
  owner: string;
}

const CONNECT_MS = 10_000;
/** Shorter than what servers keep idle (5 s by default in Node, 60 s behind most balancers): a request written to a connection that is being closed has an unknown fate. */
const IDLE_MS = 3_000;

/** The connections to one host. Redirects are never followed, certificates always checked, no call is made twice. */
export function openCarefulCalls(settings: CarefulSettings, clock: Clock): CarefulCalls {
  const pool = new Pool(settings.origin, {
    connections: settings.connections,
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
    make: ({ method, path, headers, body, signal }) =>
      new Promise((resolve) => {
        const ear = listen(resolve, clock, settings, signal);
        pool.dispatch({ method, path, headers, body }, ear);
      }),
    destroy: () => {
      pool.destroy(new Ended(`${settings.owner} is closing`)).catch(() => undefined);
    },
  };
}

/** Why we ended a call ourselves. */
class Ended extends Error {}

/**
 * Listens to one call. `onRequestStart` comes right before the first byte is written, on a connection that stands: that,
 * and no error code, tells a call that certainly did not leave from one that may have.
 */
function listen(
  resolve: (answer: CarefulAnswer) => void,
  clock: Clock,
  settings: CarefulSettings,
  signal: AbortSignal | undefined,
): Dispatcher.DispatchHandler {
  let connection: Dispatcher.DispatchController | null = null;
  let over = false;
  let status = 0;
  let headers: Headers = {};
  let size = 0;
  const chunks: Buffer[] = [];

  const end = (answer: CarefulAnswer) => {
    if (over) return;
    over = true;
    cancel();
    cancelConnecting();
    signal?.removeEventListener('abort', giveUp);
    resolve(answer);
  };
  const broken = (words: string) => end({ kind: connection === null ? 'unwritten' : 'cut', words });
  const hangUp = (words: string) => {
    broken(words);
    connection?.abort(new Ended(words));
  };
  const giveUp = () => hangUp('it was given up');
  const { timeoutMs, connectMs = timeoutMs, answerLimit } = settings;
  const cancel = clock.after(timeoutMs, () => hangUp(`no answer within ${timeoutMs / 1_000} s`));
  const cancelConnecting = clock.after(connectMs, () => {
    if (connection === null) hangUp(`no connection within ${connectMs / 1_000} s`);
  });
  signal?.addEventListener('abort', giveUp);
  if (signal?.aborted) giveUp();

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
      if (size > answerLimit) return hangUp(`an answer larger than ${answerLimit} bytes`);
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
