import { type Id, isObject } from './message.ts';
import { LARGEST, NoAnswer, tooLarge } from './no-answer.ts';
import { eventsOf } from './server-sent-events.ts';

export type Body = Readonly<Record<string, unknown>>;

/**
 * The messages in a response to a request, its answer last.
 * @throws NoAnswer where the response is none of the protocol, ends before the answer, or is too large to be kept.
 */
export async function* readAnswer(response: Response, id: Id): AsyncGenerator<Body> {
  const type = response.headers.get('content-type') ?? '';
  if (!type.startsWith('text/event-stream')) {
    yield answerIn(response.status, await textOf(response), id);
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

async function textOf(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of response.body ?? nothing()) {
    bytes += chunk.length;
    if (bytes > LARGEST) throw tooLarge();
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
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
