import type { FastifyReply } from 'fastify';

/** What one request still holds open. */
interface Open {
  closed: boolean;
  works: number;
  givesBack: (() => void)[];
}

const requests = new WeakMap<FastifyReply, Open>();

/**
 * Gives back what a request has taken, once: when its answer is out or its client gone, and what it began has ended too. A
 * client that hangs up again and again would else have any number of calls at work for him.
 */
export function atEnd(reply: FastifyReply, giveBack: () => void): void {
  const open = openOf(reply);
  open.givesBack.push(giveBack);
  settle(open);
}

/** Does some work of a request, which does not end before it. */
export async function holding<T>(reply: FastifyReply, work: () => Promise<T> | T): Promise<T> {
  const open = openOf(reply);
  open.works += 1;
  try {
    return await work();
  } finally {
    open.works -= 1;
    settle(open);
  }
}

function openOf(reply: FastifyReply): Open {
  const known = requests.get(reply);
  if (known) return known;
  // A client may have gone while he was still being looked up; that is not told again.
  const open: Open = { closed: reply.raw.destroyed, works: 0, givesBack: [] };
  requests.set(reply, open);
  reply.raw.once('close', () => {
    open.closed = true;
    settle(open);
  });
  return open;
}

function settle(open: Open): void {
  if (!open.closed || open.works > 0) return;
  for (const giveBack of open.givesBack.splice(0)) giveBack();
}
