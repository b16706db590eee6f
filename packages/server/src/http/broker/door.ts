import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { may } from '../../accounts/caller.ts';
import type { Actor } from '../../agents/actor.ts';
import { Refusal } from '../../refusal.ts';
import { admitAgent } from '../agent-door.ts';
import { asRefusal } from '../answers.ts';
import { bodyTurns, PROGRAMS } from '../body-turns.ts';
import { MOST_OF_KEY, places } from '../places.ts';
import { atEnd, holding } from '../request-end.ts';
import { failureOf } from './failures.ts';
import type { BrokerParts } from './parts.ts';
import { type Query, readQuery } from './query.ts';

/** One call of the broker's API, by somebody who may make it. */
export interface BrokerCall {
  actor: Actor;
  query: Query;
  params: Readonly<Record<string, string>>;
  body: unknown;
  headers: FastifyRequest['headers'];
  /** For headers and a status of its own. */
  reply: FastifyReply;
}

/**
 * Who may call: whoever is let in; who may see the account's connections (an agent sees his own); who may change them, which
 * no agent may: it would widen what it was given.
 */
export type Need = 'none' | 'see' | 'change';

export interface Route {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  url: string;
  need: Need;
  work(call: BrokerCall): unknown;
  /** An execution: clients are told never to send it again by themselves. */
  execution?: boolean;
  bodyLimit?: number;
}

const callers = new WeakMap<FastifyRequest, Actor>();

/** What bounds the memory a caller can take: requests of his key under way, and large bodies of everybody's. */
export interface Bounds {
  takePlace: ReturnType<typeof places>;
  takeTurn: ReturnType<typeof bodyTurns>;
}

/** Busy is 503 here: clients take 429 for something to be sent again by itself, which an execution never is. */
export const bounds = (): Bounds => ({
  takePlace: places(MOST_OF_KEY, 'unavailable'),
  takeTurn: bodyTurns(PROGRAMS),
});

/** Adds a route. Who may not call, or not now, is turned away before his body is read. */
export function addRoute(
  door: FastifyInstance,
  parts: BrokerParts,
  { takePlace, takeTurn }: Bounds,
  route: Route,
): void {
  const { method, url, need, work, execution = false, bodyLimit } = route;
  door.route({
    method,
    url,
    exposeHeadRoute: false,
    ...(bodyLimit !== undefined && { bodyLimit }),
    onRequest: async (request, reply) => {
      if (execution) marked.add(reply);
      const actor = await parts.actorOf(await admitAgent(parts.authentication, request));
      allow(actor, need);
      atEnd(reply, takePlace(actor.caller));
      if (method !== 'GET') takeTurn(request, reply, actor.caller.accountId);
      callers.set(request, actor);
    },
    // What was begun goes on when its client has gone, and holds its place as long.
    handler: (request, reply) => holding(reply, () => work(callOf(request, reply))),
  });
}

const callOf = (request: FastifyRequest, reply: FastifyReply): BrokerCall => ({
  actor: callers.get(request)!,
  query: readQuery(request.query),
  params: request.params as Record<string, string>,
  body: request.body,
  headers: request.headers,
  reply,
});

/** Answers of executions: every failure of theirs says that it must not be repeated by itself. */
const marked = new WeakSet<FastifyReply>();

function allow({ caller, agent }: Actor, need: Need): void {
  if (need === 'none') return;
  if (agent !== null) {
    if (need === 'see') return;
    throw new Refusal(
      'forbidden',
      'An agent’s key cannot make, change or delete auth configs and connections. Use a project’s key, or the account’s own.',
    );
  }
  const permission = need === 'see' ? 'agents:read' : 'agents:write';
  if (!may(caller, permission)) throw new Refusal('forbidden', `This key does not hold the permission ${permission}.`);
}

/** Everything that goes wrong behind this door, in its own envelope. */
export function answerFailures(door: FastifyInstance, parts: BrokerParts): void {
  const fail = (refusal: Refusal | null, request: FastifyRequest, reply: FastifyReply) => {
    const { status, headers, body } = failureOf(refusal, `req_${request.id}`);
    if (marked.has(reply)) reply.header('x-should-retry', 'false');
    return reply.status(status).headers(headers).send(body);
  };
  door.setErrorHandler((error, request, reply) => {
    const refusal = asRefusal(error);
    if (refusal === null) {
      const { message, stack } = error as Error;
      const { method } = request;
      parts.log('request.bug', { request: request.id, method, route: request.routeOptions.url, message, stack });
    }
    return fail(refusal, request, reply);
  });
  door.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0]!.slice(0, 200);
    return fail(new Refusal('not-found', `There is nothing at ${request.method} ${path}.`), request, reply);
  });
}
