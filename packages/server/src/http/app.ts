import type { Endpoint } from '@veredus/contract/endpoint';
import { endpoints } from '@veredus/contract/endpoints';
import { success } from '@veredus/contract/envelope';
import { readCall } from '@veredus/contract/read-call';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { refusalOfReading, refused } from '../accounts/answers.ts';
import type { Authentication } from '../accounts/authenticate.ts';
import type { AnyHandler, Handlers } from '../accounts/call.ts';
import { type Caller, may } from '../accounts/caller.ts';
import { Refusal } from '../refusal.ts';
import { asRefusal } from './answers.ts';
import { bodyTurns } from './body-turns.ts';
import { brokerFailureAt } from './broker/failures.ts';
import { answerClientError } from './client-errors.ts';
import { depthOf } from './depth.ts';
import { readJson } from './json-body.ts';
import { fileOfForm, takeForms } from './multipart.ts';

export interface AppParts {
  /** Makes request ids. */
  newId: () => string;
  /** Addresses of proxies whose X-Forwarded-For is believed. */
  trustProxy: string[];
  log(event: string, facts: Record<string, unknown>): void;
}

const KEY_LIMIT = 255;
/** A client that trickles its request (slow loris) is cut off. */
const REQUEST_TIMEOUT_MS = 60_000;

/** The web server, still without doors: `build` adds the endpoints of the contract, the sandbox, files, docs and health. */
export function openApp(parts: AppParts): FastifyInstance {
  const app = fastify({
    logger: false,
    trustProxy: parts.trustProxy.length > 0 ? parts.trustProxy : false,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: 'idle',
    genReqId: () => parts.newId(),
    frameworkErrors: (error, request, reply) => answerError(parts, error, request, reply),
    clientErrorHandler: (error, socket) => answerClientError(error, socket, parts.newId()),
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
  });
  // Clients send JSON under all sorts of names (one official one misspells it), so the name is not asked for.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, readJson(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  app.setErrorHandler((error, request, reply) => answerError(parts, error, request, reply));
  app.setNotFoundHandler((request, reply) => answerError(parts, notFound(request), request, reply));
  return app;
}

/** Every endpoint of the contract, each with its handler. */
export function addEndpoints(app: FastifyInstance, authentication: Authentication, handlers: Handlers): void {
  for (const endpoint of Object.values<Endpoint>(endpoints)) {
    const handler = handlers[endpoint.id as keyof Handlers] as unknown as AnyHandler;
    if (!endpoint.multipart) addEndpoint(app, authentication, endpoint, handler);
    else {
      app.register(async (scope) => {
        await takeForms(scope);
        addEndpoint(scope, authentication, endpoint, handler);
      });
    }
  }
}

function addEndpoint(
  app: FastifyInstance,
  authentication: Authentication,
  endpoint: Endpoint,
  handler: AnyHandler,
): void {
  const early = endpoint.multipart ? admitEarly(authentication, endpoint) : null;
  app.route({
    method: endpoint.method,
    url: endpoint.path.replace(/\{(\w+)\}/g, ':$1'),
    bodyLimit: endpoint.bodyLimit,
    ...(early && { onRequest: early.onRequest }),
    async handler(request, reply) {
      const depth = depthOf(request.headers);
      const admitted = early?.callers.get(request);
      const caller = endpoint.auth === 'none' ? null : (admitted ?? (await admit(authentication, request, endpoint)));
      const reading = readCall(endpoint, { params: request.params, query: request.query, body: request.body });
      if (!reading.ok) throw refusalOfReading(reading.code, reading.fields);
      const idempotencyKey = endpoint.idempotent ? keyOf(request) : null;
      const form = endpoint.multipart ? await fileOfForm(request) : undefined;
      try {
        const call = { ...reading.call, caller, idempotencyKey, depth, file: form?.file };
        const answer = await handler(call as Parameters<AnyHandler>[0]);
        if (answer.replayed) reply.header('idempotent-replayed', 'true');
        return success(answer.data, answer.words ?? 'Done.');
      } finally {
        await form?.close();
      }
    },
  });
}

/** Who may not send a file is turned away before it is read, and who may waits for his turn. */
function admitEarly(authentication: Authentication, endpoint: Endpoint) {
  const callers = new WeakMap<FastifyRequest, Caller>();
  const takeTurn = bodyTurns();
  const onRequest = async (request: FastifyRequest, reply: FastifyReply) => {
    const caller = await admit(authentication, request, endpoint);
    callers.set(request, caller);
    takeTurn(request, reply, caller.accountId);
  };
  return { callers, onRequest };
}

const AGENTS_DOORS = 'This is an agent’s key: it opens /mcp and /api/v3 only.';

/** Who asks, if they may. */
export async function admit(
  authentication: Authentication,
  request: FastifyRequest,
  endpoint: Pick<Endpoint, 'scope'>,
): Promise<Caller> {
  const verdict = authentication.authenticate(request.headers.authorization, request.ip);
  const caller = verdict instanceof Promise ? await verdict : verdict;
  if (caller instanceof Refusal) throw caller;
  if (endpoint.scope !== null && !may(caller, endpoint.scope)) {
    if (caller.agentId != null) throw new Refusal('forbidden', AGENTS_DOORS);
    throw new Refusal('forbidden', `This key does not hold the permission ${endpoint.scope}.`);
  }
  return caller;
}

function keyOf(request: FastifyRequest): string | null {
  const key = request.headers['idempotency-key'];
  if (key === undefined || key === '') return null;
  if (typeof key !== 'string' || key.length > KEY_LIMIT) {
    throw new Refusal('bad-request', `Idempotency-Key must be one text of at most ${KEY_LIMIT} characters.`);
  }
  return key;
}

const shapes = Object.values(endpoints).map((endpoint) => ({
  method: endpoint.method,
  path: new RegExp(`^${endpoint.path.replace(/\{\w+\}/g, '[^/]+')}/?$`),
}));

function notFound(request: FastifyRequest): Refusal {
  const path = request.url.split('?')[0]!;
  const methods = shapes.filter((shape) => shape.path.test(path)).map((shape) => shape.method);
  if (methods.length === 0) return new Refusal('not-found', `There is nothing at ${request.method} ${path}.`);
  return new Refusal('method-not-allowed', `${path} takes ${methods.join(', ')}, not ${request.method}.`);
}

function answerError(parts: AppParts, error: unknown, request: FastifyRequest, reply: FastifyReply) {
  const refusal = asRefusal(error);
  if (refusal === null) {
    const { message, stack } = error as Error;
    parts.log('request.bug', {
      request: request.id,
      method: request.method,
      route: request.routeOptions.url,
      message,
      stack,
    });
  }
  const answer = brokerFailureAt(request.url, refusal, request.id) ?? refused(refusal, request.id);
  // Where the address cannot be read no hook has run.
  return reply
    .status(answer.status)
    .headers({ ...answer.headers, 'x-request-id': request.id })
    .send(answer.body);
}
