import { Agent, type Dispatcher } from 'undici';
import { Refusal } from '../refusal.ts';
import { type Deadlines, deadlines } from './deadlines.ts';
import { isBug, urlFault } from './faults.ts';
import { fileNameOf } from './file-name.ts';
import { guardUrl } from './guard-url.ts';
import type { OutboundParts, Target } from './parts.ts';
import { type BodyLimits, readBody } from './read-body.ts';

export type { OutboundParts } from './parts.ts';

/** A file of somebody else's, arriving. */
export interface Fetched {
  /** Where it came from in the end, redirects followed. May hold secrets: not to be shown. */
  url: string;
  /** As the other side says, in lower case and without parameters; '' where it says nothing. Not to be believed. */
  contentType: string;
  /** The name it goes by, without folders; '' where there is none. */
  name: string;
  /** To be read once, to its end or not at all. Throws a Refusal where the other side falls short or is too much. */
  body: AsyncIterable<Uint8Array>;
}

const REDIRECTS = 5;
const REDIRECTING = [301, 302, 303, 307, 308];

/**
 * Fetches what a user's URL points to, as a stream. Every hop is judged by `guardUrl` before a byte leaves. Bytes are
 * counted as they come, whatever the other side announces, and compressed ones are not taken: what was counted is what
 * is stored.
 *
 * @throws Refusal bad-request naming the field, when a rule objects or the other side fails; from the body as well.
 */
export async function fetchUrl(
  parts: OutboundParts,
  url: string,
  limits: { maxBytes: number; field: string },
): Promise<Fetched> {
  const { field } = limits;
  const times = deadlines(parts.clock);
  let next = url;
  try {
    for (let hop = 0; hop <= REDIRECTS; hop++) {
      times.expectHeaders();
      const target = await times.within(guardUrl(parts, next, field));
      const response = await ask(parts, target, times);
      const location = redirectOf(response);
      if (location === null) return accept(target, response, { ...limits, times });
      next = resolveLocation(location, target.url, field);
    }
    throw urlFault(field, `${field} is redirected more than ${REDIRECTS} times: give the address it ends at.`);
  } catch (error) {
    times.stop();
    throw asFault(error, field, times);
  }
}

/** One request on a connection of its own, which only the pinned addresses can take. It ends when the deadlines do. */
async function ask(parts: OutboundParts, target: Target, times: Deadlines): Promise<Dispatcher.ResponseData> {
  const agent = new Agent({
    connect: (_options, done) => {
      parts.connect(target).then(
        (socket) => done(null, socket),
        (error: Error) => done(error, null),
      );
    },
    // The deadlines are ours, by the clock that was passed in.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  times.onStop(() => void agent.destroy().catch(() => {}));
  const response = await times.within(
    agent.request({
      origin: target.url.origin,
      path: target.url.pathname + target.url.search,
      method: 'GET',
      signal: times.signal,
      headers: { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'Veredus' },
    }),
  );
  // A body that is destroyed while nobody listens for its error may end the process.
  response.body.on('error', () => {});
  times.expectNothing();
  return response;
}

function accept(target: Target, response: Dispatcher.ResponseData, limits: BodyLimits): Fetched {
  const { statusCode, headers, body } = response;
  const { field } = limits;
  if (statusCode !== 200) throw urlFault(field, `${field} was answered with HTTP ${statusCode} instead of a file.`);
  const encoding = headerOf(headers, 'content-encoding').trim().toLowerCase();
  if (encoding !== '' && encoding !== 'identity') {
    throw urlFault(field, `${field} was answered in compressed form, which was not asked for and is not taken.`);
  }
  return {
    url: target.url.href,
    contentType: headerOf(headers, 'content-type').split(';')[0]!.trim().toLowerCase(),
    name: fileNameOf(headerOf(headers, 'content-disposition'), target.url),
    body: readBody(body, Number(headerOf(headers, 'content-length')), limits),
  };
}

function redirectOf({ statusCode, headers }: Dispatcher.ResponseData): string | null {
  return REDIRECTING.includes(statusCode) ? headerOf(headers, 'location') : null;
}

function resolveLocation(location: string, from: URL, field: string): string {
  if (location !== '' && URL.canParse(location, from.href)) return new URL(location, from).href;
  throw urlFault(field, `${field} is redirected to nowhere.`);
}

function headerOf(headers: Dispatcher.ResponseData['headers'], name: string): string {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? '';
}

/** What went wrong on the way, in words that give away neither addresses nor secrets. */
function asFault(error: unknown, field: string, times: Deadlines): Error {
  if (error instanceof Refusal) return error;
  const late = times.late();
  if (late) return urlFault(field, `${field}: ${late}`);
  if (isBug(error)) return error as Error;
  if (/CERT|SELF_SIGNED|UNABLE_TO/.test(String((error as { code?: unknown }).code))) {
    return urlFault(field, `${field} names a host whose certificate is not valid: nobody can tell who answers there.`);
  }
  return urlFault(
    field,
    `${field} could not be fetched: the connection failed or broke off. Try again, or upload the file.`,
  );
}
