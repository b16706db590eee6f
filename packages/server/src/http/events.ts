import { type EventReset, eventResets, eventStream } from '@veredus/contract/endpoints/events';
import { readCall } from '@veredus/contract/read-call';
import type { Clock } from '@veredus/protocols/clock';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { refusalOfReading } from '../accounts/answers.ts';
import type { Authentication } from '../accounts/authenticate.ts';
import type { Caller } from '../accounts/caller.ts';
import type { Database } from '../db/db.ts';
import { type Cursor, writeCursor } from '../events/cursor.ts';
import { type Followed, type Follower, type Following, followEvents } from '../events/follow.ts';
import { readEvents, startAt } from '../events/read-events.ts';
import { showEvent } from '../history/show-event.ts';
import { Refusal } from '../refusal.ts';
import { admit } from './app.ts';
import { type EventStream, frame, openEventStream, STREAM_HEADERS } from './event-stream.ts';
import { atEnd } from './request-end.ts';

export interface EventDoorParts {
  authentication: Authentication;
  db: Database;
  clock: Clock;
  log(event: string, facts: Record<string, unknown>): void;
  /** The most streams of one account, and of all together, on this node. */
  most?: { ofAccount: number; inAll: number };
}

/** Some 30 kB of text; a reader has at most two of them under way. */
const PAGE = 200;
const MOST = { ofAccount: 20, inAll: 500 };
const BEAT_MS = 15_000;
/** Who cannot be found to be still welcome for so long is no longer. */
const WELCOME_MS = 45_000;
const RETRY_MS = 2_000;

/** Events as text, ready for every stream at that place. */
interface Frames extends Followed {
  readonly text: string;
}

/** `GET /v3/events`: what happens to the account, as server-sent events, from now on or behind the id that is named. */
export function addEvents(app: FastifyInstance, parts: EventDoorParts): void {
  const following = followEvents<Frames>({
    pool: parts.db.enginePool,
    clock: parts.clock,
    log: parts.log,
    read: (accountId, from) => readFrames(parts, accountId, from),
  });
  const streams = new Set<EventStream>();
  const takePlace = places(parts.most ?? MOST);
  let stopping = false;

  app.addHook('preClose', async () => {
    stopping = true;
    for (const stream of streams) stream.end('the server stops');
    await following.stop();
  });
  app.get('/v3/events', { exposeHeadRoute: false }, async (request, reply) => {
    const caller = await admit(parts.authentication, request, eventStream);
    const reading = readCall(eventStream, { query: request.query });
    if (!reading.ok) throw refusalOfReading(reading.code, reading.fields);
    atEnd(reply, takePlace(caller.accountId));
    const named = lastId(request) ?? reading.call.query.after ?? null;
    const start = await startAt(parts, caller.accountId, named);
    // Gone again meanwhile: nothing would ever end the stream.
    if (reply.raw.destroyed) return reply.hijack();
    if (stopping) throw new Refusal('unavailable', 'The server stops.', { retryAfter: 2 });
    const stream = openFor(reply, parts.clock);
    streams.add(stream);
    reply.raw.once('close', () => streams.delete(stream));
    void stream.write(greeting(start, parts.clock.now()));
    const kinds = reading.call.query.kinds ?? null;
    serve({ parts, following, request, reply, stream }, { caller, kinds, cursor: start.cursor });
  });
}

async function readFrames(
  parts: EventDoorParts,
  accountId: number,
  from: { cursor: Cursor; kinds: readonly string[] | null },
): Promise<Frames> {
  const { happenings, next, more } = await readEvents(parts, accountId, { ...from, most: PAGE });
  const text = happenings.map((one) => frame(writeCursor(one.cursor), one.kind, showEvent(one))).join('');
  return { next, more, text };
}

/** The browser's own, on its next try, is later than what its address says. */
function lastId({ headers }: FastifyRequest): string | null {
  const id = headers['last-event-id'];
  return typeof id === 'string' && id !== '' ? id : null;
}

/** Counts streams; throws where there are too many. The answer gives the place back. */
function places({ ofAccount, inAll }: { ofAccount: number; inAll: number }) {
  const open = new Map<number, number>();
  let all = 0;
  return (accountId: number): (() => void) => {
    const own = open.get(accountId) ?? 0;
    if (own >= ofAccount) {
      const words = `This account has ${own} event streams open, the most there can be: close one, or let several readers share one.`;
      throw new Refusal('too-many-requests', words, { retryAfter: 10 });
    }
    if (all >= inAll) {
      const words = 'This server has as many event streams open as it can. Try again, or ask GET /v3/events/page.';
      throw new Refusal('too-many-requests', words, { retryAfter: 10 });
    }
    open.set(accountId, own + 1);
    all += 1;
    return () => {
      all -= 1;
      const left = (open.get(accountId) ?? 1) - 1;
      if (left === 0) open.delete(accountId);
      else open.set(accountId, left);
    };
  };
}

/** The framework lets go of the answer: it is written here, event by event. */
function openFor(reply: FastifyReply, clock: Clock): EventStream {
  reply.hijack();
  reply.raw.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), ...STREAM_HEADERS });
  return openEventStream(reply.raw, clock);
}

/** Always an event, so that every client has an id to go on from before anything has happened. */
function greeting({ cursor, reset }: { cursor: Cursor; reset: EventReset | null }, now: number): string {
  const at = Math.floor(now / 1_000);
  const first =
    reset === null
      ? frame(writeCursor(cursor), 'ready', { at })
      : frame(writeCursor(cursor), 'reset', { reason: reset, message: eventResets[reset], at });
  return `retry: ${RETRY_MS}\n${first}`;
}

interface Served {
  parts: EventDoorParts;
  following: Following<Frames>;
  request: FastifyRequest;
  reply: FastifyReply;
  stream: EventStream;
}

/** Until the reader leaves, or is no longer welcome. */
function serve(
  { parts, following, request, reply, stream }: Served,
  { caller, kinds, cursor }: { caller: Caller; kinds: readonly string[] | null; cursor: Cursor },
): void {
  const { clock } = parts;
  const { accountId } = caller;
  const follower: Follower<Frames> = { accountId, kinds, cursor, take: ({ text }) => stream.write(text) };
  const unfollow = following.follow(follower);
  let welcomed = clock.monotonic();
  let cancel = () => {};

  const beat = async () => {
    const welcome = await isWelcome(parts.authentication, request, accountId);
    if (welcome) welcomed = clock.monotonic();
    if (welcome === false || clock.monotonic() - welcomed > WELCOME_MS) {
      unfollow();
      stream.end('this key no longer opens the stream; sign in again');
      return;
    }
    stream.beat(`: ${Math.floor(clock.now() / 1_000)}\n\n`);
    again();
  };
  const again = () => {
    if (!reply.raw.destroyed) cancel = clock.after(BEAT_MS, () => void beat());
  };
  again();
  reply.raw.once('close', () => {
    cancel();
    unfollow();
  });
}

/** Whether the credentials would still be let in; null = it cannot be told now. */
async function isWelcome(
  authentication: Authentication,
  request: FastifyRequest,
  accountId: number,
): Promise<boolean | null> {
  try {
    const caller = await admit(authentication, request, eventStream);
    return caller.accountId === accountId;
  } catch (error) {
    const passing = !(error instanceof Refusal) || error.kind === 'too-many-requests' || error.kind === 'unavailable';
    return passing ? null : false;
  }
}
