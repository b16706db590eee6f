import { Agent, type Dispatcher } from 'undici';
import { Refusal } from '../refusal.ts';
import { type Deadlines, deadlines } from './deadlines.ts';
import { isBug } from './faults.ts';
import { guardUrl } from './guard-url.ts';
import type { OutboundParts, Target } from './parts.ts';

/** Connecting, sending and reading the answer, together. */
const TOTAL_MS = 15_000;
/** An answer is read no further, whatever it announces; it is never unpacked. */
const READ_LIMIT = 64 * 1_024;
/** What of a request, and of an answer, is kept. */
const KEPT = 4 * 1_024;

export interface Push {
  url: string;
  method: 'POST' | 'GET';
  /** Terms that go behind the URL's own. */
  query: string;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** What became of a push. `request` and `answer` are the beginnings of head and body as they stood on the wire. */
export interface Pushed {
  /** '' where nothing was sent, since the URL was refused. */
  request: string;
  /** Null when no answer came. */
  status: number | null;
  answer: string | null;
  retryAfter: string | null;
  /** What went wrong on the way, in a sentence; null where an answer came. */
  fault: string | null;
}

/**
 * Sends one request to a user's URL and tells what came back. The URL is judged anew and pinned (guard-url.ts); a redirect is
 * an answer like any other and is not followed; what counts is the status, so an answer that does not end is cut and its
 * status stands. Never throws for what the outside does.
 */
export async function postUrl(parts: OutboundParts, push: Push): Promise<Pushed> {
  const times = deadlines(parts.clock, TOTAL_MS);
  let request = '';
  try {
    const target = await times.within(guardUrl(parts, push.url, 'The address'));
    const path = pathOf(target.url, push.query);
    const body = Buffer.from(push.body);
    request = cut(wordsOf(target, path, push, body));
    const response = await times.within(ask(parts, target, { push, path, body }, times));
    const { statusCode: status, headers } = response;
    const answer = cut(headOf(response) + (await beginning(response, times)));
    return { request, status, answer, retryAfter: first(headers['retry-after']), fault: null };
  } catch (error) {
    return { request, status: null, answer: null, retryAfter: null, fault: faultOf(error, times) };
  } finally {
    times.stop();
  }
}

function pathOf({ pathname, search }: URL, query: string): string {
  if (query === '') return pathname + search;
  return `${pathname}${search === '' ? '?' : `${search}&`}${query}`;
}

/** One request on a connection of its own, to the pinned addresses. It ends when the deadline does. */
async function ask(
  parts: OutboundParts,
  target: Target,
  { push, path, body }: { push: Push; path: string; body: Buffer },
  times: Deadlines,
): Promise<Dispatcher.ResponseData> {
  const agent = new Agent({
    connect: (_options, done) => {
      parts.connect(target).then(
        (socket) => done(null, socket),
        (error: Error) => done(error, null),
      );
    },
    // The deadline is ours, by the clock that was passed in.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  times.onStop(() => void agent.destroy().catch(() => {}));
  const response = await agent.request({
    origin: target.url.origin,
    path,
    method: push.method,
    signal: times.signal,
    headers: push.headers,
    body: push.method === 'POST' ? body : null,
    reset: true,
  });
  // A body that is destroyed while nobody listens for its error may end the process.
  response.body.on('error', () => {});
  return response;
}

/** As undici writes it; a test compares the two. */
function wordsOf({ url }: Target, path: string, push: Push, body: Buffer): string {
  const lines = Object.entries(push.headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = push.method === 'POST' ? `content-length: ${body.length}\r\n` : '';
  const head = `${push.method} ${path} HTTP/1.1\r\nhost: ${url.host}\r\nconnection: close\r\n`;
  return `${head}${lines.join('')}${length}\r\n${push.body}`;
}

/** Each attempt is kept for a month: the first bytes tell what went wrong. */
function cut(text: string): string {
  const bytes = Buffer.from(text);
  // A character that would be cut in two is left out.
  return bytes.length <= KEPT ? text : new TextDecoder().decode(bytes.subarray(0, KEPT), { stream: true });
}

function headOf({ statusCode, headers }: Dispatcher.ResponseData): string {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one) => `${name}: ${one}\r\n`),
  );
  return `HTTP/1.1 ${statusCode}\r\n${lines.join('')}\r\n`;
}

/** The first bytes of a body. It is read on for a while, so that a peer who writes a normal page is not cut off. */
async function beginning({ body, headers }: Dispatcher.ResponseData, times: Deadlines): Promise<string> {
  const kept: Uint8Array[] = [];
  let bytes = 0;
  try {
    const pieces = (body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
    for (;;) {
      const next = await times.within(pieces.next());
      if (next.done) break;
      if (bytes < KEPT) kept.push(next.value.subarray(0, KEPT - bytes));
      bytes += next.value.length;
      if (bytes > READ_LIMIT) break;
    }
  } catch {
    // It broke off or ran out of time: what came of it is shown, and the status stands.
  }
  const encoding = first(headers['content-encoding'])?.trim() ?? '';
  if (encoding !== '' && encoding.toLowerCase() !== 'identity')
    return `(compressed, which was not asked for: not read)`;
  return new TextDecoder().decode(Buffer.concat(kept));
}

function first(value: string | string[] | undefined): string | null {
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

/** In words that give away no address. */
function faultOf(error: unknown, times: Deadlines): string {
  if (error instanceof Refusal) return error.message;
  const late = times.late();
  if (late) return `No answer: ${late}`;
  if (isBug(error)) throw error;
  const code = String((error as { code?: unknown }).code);
  if (/CERT|SELF_SIGNED|UNABLE_TO/.test(code)) return 'The certificate of the address is not valid.';
  if (code === 'ECONNREFUSED') return 'The address refuses connections.';
  if (isNotHttp(error as Error, code)) return 'What came back is not HTTP as it should be.';
  return 'The connection failed, or broke off before an answer came.';
}

function isNotHttp({ name }: Error, code: string): boolean {
  return name === 'HTTPParserError' || code === 'UND_ERR_HEADERS_OVERFLOW';
}
