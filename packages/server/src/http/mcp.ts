import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { Clock } from '@veredus/protocols/clock';
import type { ToolHost } from '@veredus/tools/host';
import { errorResponse, mcpHandler } from '@veredus/tools/mcp/handler';
import type { McpMode, McpOptions } from '@veredus/tools/mcp/options';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { refused } from '../accounts/answers.ts';
import type { Caller } from '../accounts/caller.ts';
import { Refusal } from '../refusal.ts';
import { asRefusal } from './answers.ts';
import { bodyTurns, PROGRAMS } from './body-turns.ts';
import { depthOf } from './depth.ts';
import { readJson } from './json-body.ts';
import { checkOrigin, type OriginParts } from './mcp-origin.ts';
import { MOST_OF_KEY, places } from './places.ts';
import { atEnd, holding } from './request-end.ts';

export interface McpDoorParts extends OriginParts {
  /** Throws a Refusal for who may not come in. */
  admit(request: FastifyRequest): Promise<Caller>;
  /** What this caller may run. Throws a Refusal where the agent is disabled. */
  hostOf(caller: Caller, depth: number): Promise<ToolHost>;
  clock: Clock;
  version: string;
  log(event: string, facts: Record<string, unknown>): void;
  /** The most requests of one key at once. */
  most?: number;
}

const BODY_LIMIT = 1_048_576;
const LONGEST_RUN_ID = 255;
/** A body that is no JSON: a value, so that it is refused in the words of JSON-RPC. */
const NO_JSON = Symbol('no JSON');

type McpFastifyRequest = FastifyRequest<{ Querystring: Record<string, unknown> }>;

/** `/mcp`: the Model Context Protocol over HTTP, for whoever has a key. Nobody is let in without one. */
export function addMcp(app: FastifyInstance, parts: McpDoorParts): void {
  const callers = new WeakMap<FastifyRequest, Caller>();
  const takePlace = places(parts.most ?? MOST_OF_KEY);
  const takeTurn = bodyTurns(PROGRAMS);
  const stop = new AbortController();
  const answer = mcpHandler();
  app.addHook('preClose', async () => stop.abort());
  app.register(async (door) => {
    door.removeAllContentTypeParsers();
    door.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, jsonOf(body as Buffer)));
    door.setErrorHandler((error, request, reply) => answerFailure(parts, error, request, reply));
    // Before the body is read: who may not come in is not listened to.
    door.addHook('onRequest', async (request, reply) => {
      checkOrigin(parts, request.headers);
      const caller = await parts.admit(request);
      callers.set(request, caller);
      atEnd(reply, takePlace(caller));
      if (request.method === 'POST') takeTurn(request, reply, caller.accountId);
      // A connection that was busy when the server began to stop would be kept for the next request.
      reply.raw.once('finish', () => stop.signal.aborted && request.socket.destroySoon());
    });
    door.post('/mcp', { bodyLimit: BODY_LIMIT }, async (request: McpFastifyRequest, reply) => {
      if (request.body === NO_JSON) return sendError(reply, 400, -32700, 'Parse error: the body is not valid JSON.');
      const caller = callers.get(request)!;
      const options = optionsOf(parts, request, stop.signal);
      const response = await holding(reply, async () => {
        const host = held(await parts.hostOf(caller, depthOf(request.headers)), reply);
        // Nobody waits for it any more, and nothing of it has been done.
        if (reply.raw.destroyed) return null;
        return answer({ request: webRequest(parts, request, reply), body: request.body ?? null, host, options });
      });
      return response === null ? reply.hijack() : pass(response, reply);
    });
    door.route({
      method: ['GET', 'HEAD', 'DELETE', 'PUT', 'PATCH'],
      url: '/mcp',
      exposeHeadRoute: false,
      handler: (_request, reply) =>
        sendError(reply.header('allow', 'POST'), 405, -32000, 'There are no sessions here: send each message by POST.'),
    });
  });
}

function jsonOf(body: Buffer): unknown {
  try {
    return readJson(body);
  } catch (error) {
    if (error instanceof Refusal) return NO_JSON;
    throw error;
  }
}

/** What it runs goes on when its client has gone, and is under way as long. */
function held(host: ToolHost, reply: FastifyReply): ToolHost {
  return { ...host, run: (call) => holding(reply, () => host.run(call)) };
}

function optionsOf(parts: McpDoorParts, request: McpFastifyRequest, stop: AbortSignal): McpOptions {
  return {
    version: parts.version,
    mode: modeOf(request.query.mode),
    clock: parts.clock,
    runId: runIdOf(request.headers['x-run-id']),
    stop,
    failed: (error) => wordsFor(parts, error, request),
  };
}

function modeOf(mode: unknown): McpMode {
  if (mode === undefined || mode === 'full') return 'full';
  if (mode === 'compact') return mode;
  throw new Refusal('bad-request', 'mode in the address is full or compact.');
}

function runIdOf(header: string | string[] | undefined): string | null {
  if (header === undefined || header === '') return null;
  if (typeof header === 'string' && header.length <= LONGEST_RUN_ID) return header;
  throw new Refusal('bad-request', `x-run-id must be one text of at most ${LONGEST_RUN_ID} characters.`);
}

/** The request as the protocol's own code takes it, without the key. It ends when the client hangs up. */
function webRequest(parts: McpDoorParts, request: FastifyRequest, reply: FastifyReply): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (/^(accept|content-type|mcp-[a-z-]+)$/.test(name) && typeof value === 'string') headers.set(name, value);
  }
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return new Request(new URL('/mcp', parts.publicUrl()), { method: 'POST', headers, signal: gone.signal });
}

async function pass(response: Response, reply: FastifyReply): Promise<FastifyReply> {
  reply.status(response.status).header('cache-control', 'no-store');
  const type = response.headers.get('content-type');
  if (type !== null) reply.header('content-type', type);
  if (response.body === null) return reply.send();
  if (!type?.startsWith('text/event-stream')) return reply.send(await response.text());
  reply.headers({ 'cache-control': 'no-store, no-transform', 'x-accel-buffering': 'no' });
  return reply.send(Readable.fromWeb(response.body as ReadableStream));
}

function sendError(reply: FastifyReply, status: number, code: number, words: string): Promise<FastifyReply> {
  return pass(errorResponse(status, code, words, null), reply);
}

function answerFailure(parts: McpDoorParts, error: unknown, request: FastifyRequest, reply: FastifyReply) {
  // There is nobody to be answered, and nothing went wrong.
  if ((error as { code?: string }).code === 'ERR_STREAM_PREMATURE_CLOSE' && reply.raw.destroyed) return reply.hijack();
  const refusal = asRefusal(error);
  const { status, headers } = refused(refusal, request.id);
  if (status === 401) headers['www-authenticate'] = 'Bearer realm="veredus"';
  return sendError(reply.headers(headers), status, -32000, refusal?.message ?? wordsFor(parts, error, request));
}

/** What passes by itself is told; of a bug, no more than where to find it. */
function wordsFor(parts: McpDoorParts, error: unknown, request: FastifyRequest): string {
  const refusal = asRefusal(error);
  if (refusal) return refusal.message;
  const { message, stack } = error as Error;
  parts.log('request.bug', { request: request.id, method: request.method, route: '/mcp', message, stack });
  return `Something went wrong here. Quote request ${request.id} when you report it.`;
}
