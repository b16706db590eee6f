import type { z } from 'zod';
import type { AnswerCode } from './codes.ts';
import type { Scope } from './scopes.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** One call of the wire. Server routes, OpenAPI and the typed client are all made from these objects. */
export interface Endpoint {
  /** The operation's name: key of the table, method of the client, operationId of OpenAPI. */
  readonly id: string;
  readonly method: Method;
  /** With `{name}` where a parameter stands. */
  readonly path: `/v3/${string}`;
  /** One line for people. */
  readonly summary: string;
  /** The permission the caller's key must hold; null only where nobody needs to sign in. */
  readonly scope: Scope | null;
  readonly auth: 'basic' | 'none';
  /** Bytes; a longer body is refused before it is read. */
  readonly bodyLimit: number;
  /** Whether an `Idempotency-Key` header is honoured. */
  readonly idempotent?: true;
  /** Whether the body may come as multipart/form-data too: then a file stands in its place, the first part of one. */
  readonly multipart?: true;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** The envelope's `data`. */
  readonly data: z.ZodType;
  /** What this call may answer beside 200 and the common refusals. */
  readonly refusals: readonly AnswerCode[];
  readonly example: { readonly body?: unknown; readonly data: unknown };
}

/** Enough for every body that holds a handful of fields, and for the unrelated ones some clients send along. */
export const SMALL_BODY = 16 * 1024;

type Output<S, Absent> = S extends z.ZodType ? z.output<S> : Absent;
type Input<S, Absent> = S extends z.ZodType ? z.input<S> : Absent;
type Part<E, Name extends string> = E extends { readonly [K in Name]: infer S } ? S : undefined;

/** What a handler gets and gives; undefined where the call has no such part. */
export type Query<E> = Output<Part<E, 'query'>, undefined>;
export type Params<E> = Output<Part<E, 'params'>, undefined>;
export type Body<E> = Output<Part<E, 'body'>, undefined>;
export type Data<E> = Output<Part<E, 'data'>, never>;

/** What a client may write, before defaults and tolerances. */
export type QueryInput<E> = Input<Part<E, 'query'>, unknown>;
export type ParamsInput<E> = Input<Part<E, 'params'>, unknown>;
export type BodyInput<E> = Input<Part<E, 'body'>, unknown>;

/** Examples are constants, so their arrays and objects are read-only all the way down. */
type Fixed<T> = T extends object ? { readonly [K in keyof T]: Fixed<T[K]> } : T;

/**
 * Declares a call. Its literal types survive, and its example must fit its own schemas. `auth: 'none'` goes with
 * `scope: null` and the other way round, so that no call can be left open by forgetting its permission.
 */
export function endpoint<const E extends Endpoint>(
  declared: E & {
    readonly example: { readonly body?: Fixed<BodyInput<E>>; readonly data: Fixed<Data<E>> };
  } & ({ readonly auth: 'basic'; readonly scope: Scope } | { readonly auth: 'none'; readonly scope: null }),
): E {
  return declared;
}
