import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../refusal.ts';
import { atEnd } from './request-end.ts';

export interface TurnRules {
  /** Bodies up to so many bytes need no turn. */
  small: number;
  /** Large ones held at once, one of each account among them. */
  most: number;
  /** For who is turned away. */
  words: string;
}

/** A body of 90 MB takes some 350 MB while it is parsed. */
const UPLOADS: TurnRules = {
  small: 1_048_576,
  most: 2,
  words: 'Several large files are being uploaded already. Try again, or send a form (multipart/form-data).',
};

/** For doors of programs: a body of 4 MB can be written so that it takes 100 MB and more once it is parsed. */
export const PROGRAMS: TurnRules = {
  small: 256 * 1024,
  most: 2,
  words:
    'Several large requests are under way already, and this one was not read. Send it again later, or in smaller parts.',
};

/**
 * Large JSON bodies are held in memory whole, so only so many are let in at once, and one of each account; whoever is turned
 * away hears so before his body is read. One that does not tell its length counts as large. Forms are streamed and need no turn.
 */
export function bodyTurns({ small, most, words }: TurnRules = UPLOADS) {
  const held: number[] = [];
  return (request: FastifyRequest, reply: FastifyReply, accountId: number): void => {
    const { 'content-length': length, 'content-type': type = '' } = request.headers;
    if (/^multipart\//i.test(type) || Number(length) <= small) return;
    if (held.length >= most || held.includes(accountId)) throw new Refusal('unavailable', words, { retryAfter: 5 });
    held.push(accountId);
    atEnd(reply, () => void held.splice(held.indexOf(accountId), 1));
  };
}
