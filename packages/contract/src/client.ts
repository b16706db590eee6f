import type { BodyInput, Data, Endpoint, ParamsInput, QueryInput } from './endpoint.ts';
import { type Endpoints, endpoints } from './endpoints.ts';
import type { Envelope } from './envelope.ts';

export interface ClientParts {
  /** With or without a slash at its end, without `/v3`. */
  baseUrl: string;
  /** Empty for the calls that need no credentials. */
  username: string;
  /** An API key, or the account's password. */
  key: string;
  /** Passed in: a browser's, Node's, or a test's. */
  fetch: typeof globalThis.fetch;
}

export interface CallOptions {
  /** Lets a call that spends be repeated safely; only where the endpoint honours it. */
  idempotencyKey?: string;
  signal?: AbortSignal;
}

/** Path, query and body parts of a call in one object: their names never collide within a call. */
export type CallInput<E> = ParamsInput<E> & QueryInput<E> & NonNullable<BodyInput<E>>;

/** An input may be left out where all of it may. */
type Arguments<I> =
  Record<never, never> extends I ? [input?: I, options?: CallOptions] : [input: I, options?: CallOptions];

/** One method per operation; each answers the envelope's `data`. */
export type Client = {
  [K in keyof Endpoints]: (...given: Arguments<CallInput<Endpoints[K]>>) => Promise<Data<Endpoints[K]>>;
};

/** Any answer but a success. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError';
  readonly status: number;
  /** Null when the answer was no envelope, e.g. a proxy's page. */
  readonly envelope: Envelope<unknown> | null;
  /** As the server's log names the call; null when it did not say. */
  readonly requestId: string | null;

  constructor(operation: string, status: number, envelope: Envelope<unknown> | null, requestId: string | null) {
    const said = envelope === null ? 'no envelope' : `${envelope.response_code}: ${envelope.response_msg}`;
    super(`${operation} was answered ${status} ${said}`);
    this.status = status;
    this.envelope = envelope;
    this.requestId = requestId;
  }
}

/**
 * Builds a client of this wire. Answers are not checked again against their schemas: the server is held to them by its
 * own types and tests. Nothing is retried; faults of the network come through as fetch's own.
 *
 * @throws {AnswerError} from each method, for any answer that is not a success.
 */
export function createClient(parts: ClientParts): Client {
  const methods = Object.entries<Endpoint>(endpoints).map(([id, endpoint]) => [
    id,
    (input: Record<string, unknown> = {}, options: CallOptions = {}) => send(parts, endpoint, input, options),
  ]);
  return Object.fromEntries(methods) as Client;
}

async function send(
  { baseUrl, username, key, fetch }: ClientParts,
  endpoint: Endpoint,
  input: Record<string, unknown>,
  options: CallOptions,
): Promise<unknown> {
  const { path, query, body } = placed(endpoint, input);
  const headers = new Headers({ accept: 'application/json' });
  if (endpoint.auth === 'basic') headers.set('authorization', `Basic ${base64(`${username}:${key}`)}`);
  if (body !== undefined) headers.set('content-type', 'application/json');
  if (options.idempotencyKey !== undefined) headers.set('idempotency-key', options.idempotencyKey);
  const answer = await fetch(`${baseUrl.replace(/\/+$/, '')}${path}${query}`, {
    method: endpoint.method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(options.signal && { signal: options.signal }),
  });
  const read = asEnvelope(await answer.text());
  if (answer.ok && read !== null) return read.data;
  throw new AnswerError(endpoint.id, answer.status, read, answer.headers.get('x-request-id'));
}

/** Puts each part of the input where its endpoint wants it; what is neither path nor query is the body. */
function placed(endpoint: Endpoint, input: Record<string, unknown>) {
  const rest = { ...input };
  const path = endpoint.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = rest[name];
    delete rest[name];
    return encodeURIComponent(String(value));
  });
  const terms = new URLSearchParams();
  for (const name of Object.keys(endpoint.query?.shape ?? {})) {
    if (rest[name] !== undefined && rest[name] !== null) terms.set(name, String(rest[name]));
    delete rest[name];
  }
  const query = terms.size > 0 ? `?${terms}` : '';
  const body = endpoint.body !== undefined && Object.keys(rest).length > 0 ? rest : undefined;
  return { path, query, body };
}

/** `btoa` knows only bytes; a password may hold any letter. */
function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

function asEnvelope(text: string): Envelope<unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'response_code' in value
      ? (value as Envelope<unknown>)
      : null;
  } catch {
    return null;
  }
}
