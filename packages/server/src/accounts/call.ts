import type { Body, Data, Endpoint, Params, Query } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import type { Origin } from '@veredus/tools/target';
import type { Caller } from './caller.ts';

/** One call of the wire, read and admitted: what a handler works from. It knows nothing of HTTP. */
export interface Call<E> {
  /** Who asks; on calls that need no credentials there is nobody. */
  caller: E extends { auth: 'none' } ? null : Caller;
  params: Params<E>;
  query: Query<E>;
  body: Body<E>;
  /** The caller's Idempotency-Key, on calls that honour one. */
  idempotencyKey: string | null;
  /** How many pushes of ours, each caused by the one before, led to this call; 0 where somebody called by himself. */
  depth: number;
  /** Set where an agent or a project's tool call is behind it. */
  origin?: Origin;
  /** What came in place of a body, on calls that take a file as multipart/form-data. */
  file?: CallFile;
}

/** A file that comes with a call, as it arrives. */
export interface CallFile {
  /** As its sender calls it, on his own disk; may be empty. */
  name: string;
  /** To be read once. Throws a Refusal when the sender breaks off. */
  source: AsyncIterable<Uint8Array>;
}

export interface Answer<E> {
  data: Data<E>;
  /** The envelope's response_msg, where there is something to say. */
  words?: string;
  /** True when this is the answer of an earlier call with the same Idempotency-Key. */
  replayed?: boolean;
}

/** Throws a Refusal for what the caller can mend; anything else it throws is a bug. */
export type Handler<E> = (call: Call<E>) => Answer<E> | Promise<Answer<E>>;

/** One handler per endpoint of the contract: a missing one does not compile. */
export type Handlers = { readonly [Id in keyof Endpoints]: Handler<Endpoints[Id]> };

/** The same with the types forgotten, for the one place that loops over the table. */
export type AnyHandler = Handler<Endpoint>;
