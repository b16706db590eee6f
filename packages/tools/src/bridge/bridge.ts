import { linesOf } from './lines.ts';
import { errorLine, type Id, type Message, readMessage } from './message.ts';
import type { BridgeParts } from './parts.ts';
import { places } from './places.ts';
import { type Asking, type Post, postMessage } from './post.ts';

const AT_ONCE = 16;
/** Read, and not yet answered. Who asks for more is told so. */
const MOST = 256;

/**
 * Speaks newline-delimited JSON-RPC on one side and the server's HTTP on the other, for clients of both eras. It keeps
 * nothing but what is under way, and ends when its input has ended and that is answered.
 */
export async function runBridge(parts: BridgeParts): Promise<void> {
  const underWay = new Map<Id, AbortController>();
  const takePlace = places(AT_ONCE);
  const post: Post = { parts, agreed: null };
  const work = new Set<Promise<void>>();

  const ask = async (request: Message & { kind: 'request' }) => {
    if (underWay.has(request.id)) {
      return parts.write(errorLine(request.id, -32600, 'A request with this id is under way already.'));
    }
    if (work.size > MOST) return parts.write(errorLine(request.id, -32000, `More than ${MOST} requests wait already.`));
    const cancel = new AbortController();
    underWay.set(request.id, cancel);
    try {
      await inTurn({ message: request, signal: cancel.signal });
    } finally {
      underWay.delete(request.id);
    }
  };
  const inTurn = async (asking: Asking) => {
    const leave = await takePlace(asking.signal).catch(() => null);
    if (leave === null) return;
    try {
      await postMessage(post, asking);
    } finally {
      leave();
    }
  };
  const take = (message: Message): Promise<void> | void => {
    if (message.kind === 'wrong') return parts.write(errorLine(message.id, message.code, message.words));
    if (message.kind === 'request') return ask(message);
    if (message.kind === 'response') return parts.say('A response came that nobody had asked for; it is dropped.');
    // Hanging up is how the server hears of it; a notification it could match with nothing.
    if (message.method === 'notifications/cancelled') return underWay.get(message.params.requestId as Id)?.abort();
    if (work.size > MOST) return parts.say(`A notification (${message.method}) is dropped: too much waits already.`);
    return inTurn({ message, signal: new AbortController().signal });
  };

  for await (const line of linesOf(parts.input)) {
    if (line?.trim() === '') continue;
    const message = line === null ? tooLong : readMessage(line);
    const working = Promise.resolve(take(message)).catch((error) => parts.say((error as Error).message));
    work.add(working);
    void working.finally(() => work.delete(working));
  }
  await Promise.all(work);
}

const tooLong: Message = { kind: 'wrong', id: null, code: -32600, words: 'This line is too long for a message.' };
