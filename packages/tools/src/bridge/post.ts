import { readAnswer } from './answer.ts';
import { isReach, wordsForFailure } from './failures.ts';
import { headersOf } from './headers.ts';
import { errorLine, isObject, type Message } from './message.ts';
import type { BridgeParts } from './parts.ts';

/** What is kept from one message to the next. */
export interface Post {
  readonly parts: BridgeParts;
  /** The version that `initialize` came to; later messages of that era carry it. */
  agreed: string | null;
}

export interface Asking {
  readonly message: Message & { kind: 'request' | 'notification' };
  readonly signal: AbortSignal;
}

/** Asks that change nothing and may be made once more where the first surely never left. */
const READS = new Set(['initialize', 'server/discover', 'tools/list', 'ping']);
/** How long a server that is being restarted is waited for. */
const PAUSES_MS = [300, 900, 2_000];

/** Takes one message to the server, and writes what comes back. Whatever fails is an answer too. */
export async function postMessage(post: Post, asking: Asking): Promise<void> {
  const { message, signal } = asking;
  const { parts } = post;
  try {
    const response = await send(post, asking);
    if (message.kind === 'request') await answer(post, { message, response, signal });
    else await forget(parts, message.method, response);
  } catch (error) {
    // Nobody waits for the answer of a request that was taken back.
    if (signal.aborted) return;
    const { code, words, data } = wordsForFailure(error, parts.settings.endpoint);
    if (message.kind === 'request') await parts.write(errorLine(message.id, code, words, data));
    else parts.say(words);
  }
}

async function send({ parts, agreed }: Post, { message, signal }: Asking): Promise<Response> {
  const { endpoint, key } = parts.settings;
  const request = {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${key}`,
      ...headersOf(message.method, message.params, agreed),
    },
    body: JSON.stringify(message.body),
    // The key goes to this one server and to none that it points to.
    redirect: 'error',
    signal,
  } as const;
  for (const pauseMs of READS.has(message.method) ? PAUSES_MS : []) {
    try {
      return await parts.fetch(endpoint, request);
    } catch (error) {
      if (signal.aborted || !isReach(error)) throw error;
      await parts.pause(pauseMs);
    }
  }
  return parts.fetch(endpoint, request);
}

async function answer(
  post: Post,
  { message, response, signal }: { message: Message & { kind: 'request' }; response: Response; signal: AbortSignal },
): Promise<void> {
  for await (const body of readAnswer(response, message.id)) {
    // What arrives after the client took it back is for nobody.
    if (signal.aborted) return;
    if (message.method === 'initialize' && isObject(body.result)) {
      const { protocolVersion } = body.result;
      if (typeof protocolVersion === 'string') post.agreed = protocolVersion;
    }
    await post.parts.write(JSON.stringify(body));
  }
}

async function forget(parts: BridgeParts, method: string, response: Response): Promise<void> {
  // Nothing in it is for anybody, however much it is.
  await response.body?.cancel();
  if (!response.ok) parts.say(`The server did not take ${method} (HTTP ${response.status}).`);
}
