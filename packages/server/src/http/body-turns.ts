import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../refusal.ts';

const LARGE_BYTES = 1_048_576;
/** A body of 90 MB takes some 350 MB while it is parsed. */
const HELD_AT_ONCE = 2;

/**
 * Large JSON bodies are held in memory whole, so only so many are let in at once, and one of each account; whoever is turned
 * away hears so before his body is read. Forms are streamed and need no turn.
 */
export function bodyTurns(
  most = HELD_AT_ONCE,
): (request: FastifyRequest, reply: FastifyReply, accountId: number) => void {
  const held: number[] = [];
  return (request, reply, accountId) => {
    const { 'content-length': length, 'content-type': type = '' } = request.headers;
    if (/^multipart\//i.test(type) || Number(length) <= LARGE_BYTES) return;
    if (held.length >= most || held.includes(accountId)) {
      const words = 'Several large files are being uploaded already. Try again, or send a form (multipart/form-data).';
      throw new Refusal('unavailable', words, { retryAfter: 5 });
    }
    held.push(accountId);
    reply.raw.once('close', () => {
      held.splice(held.indexOf(accountId), 1);
    });
  };
}
