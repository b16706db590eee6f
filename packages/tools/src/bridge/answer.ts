import { type Id, isObject } from './message.ts';
import { eventsOf } from './server-sent-events.ts';

export type Body = Readonly<Record<string, unknown>>;

/** The server answered, and it is no answer of the protocol. */
export class NoAnswer extends Error {
  readonly status: number;

  constructor(status: number, words: string) {
    super(words);
    this.status = status;
  }
}

/**
 * The messages in a response to a request, its answer last.
 * @throws NoAnswer where the response is none of the protocol, or ends before the answer.
 */
export async function* readAnswer(response: Response, id: Id): AsyncGenerator<Body> {
  const type = response.headers.get('content-type') ?? '';
  if (!type.startsWith('text/event-stream')) {
    yield answerIn(response.status, await response.text(), id);
    return;
  }
  for await (const text of eventsOf(response.body ?? nothing())) {
    const body = parse(text);
    if (!body) continue;
    if (!isAnswer(body)) yield body;
    else if (body.id === id) {
      yield body;
      return;
    }
  }
  throw new NoAnswer(0, 'the stream ended before the answer');
}

function answerIn(status: number, text: string, id: Id): Body {
  const body = parse(text);
  if (!body || !isAnswer(body)) throw new NoAnswer(status, 'no message of JSON-RPC');
  const refusedAtTheDoor = isObject(body.error) && body.error.code === -32000 && status !== 200;
  if (refusedAtTheDoor) throw new NoAnswer(status, String((body.error as Body).message));
  // What could not be read as a request has no id of its own.
  return { ...body, id };
}

function isAnswer(body: Body): boolean {
  return !('method' in body) && ('result' in body || 'error' in body);
}

function parse(text: string): Body | null {
  try {
    const body: unknown = JSON.parse(text);
    return isObject(body) && body.jsonrpc === '2.0' ? body : null;
  } catch {
    return null;
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
