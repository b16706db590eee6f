import type { Socket } from 'node:net';
import type { IncomingMessage } from '@veredus/protocols/smpp/ending';
import type { BindMode } from '@veredus/protocols/smpp/pdu';
import type { ServerSession } from '@veredus/protocols/smpp/server-session';
import { STATUS } from '@veredus/protocols/smpp/status';
import { Backlog } from './backlog.ts';
import type { BoundEsme, Waiting } from './bound-esme.ts';
import type { Parcel } from './parcel.ts';
import type { Piece } from './pieces.ts';
import { readSubmit } from './read-submit.ts';

/** While so much of a session waits for its answer, we do not read on: TCP then slows the client down. */
const MOST_UNANSWERED = { pieces: 500, octets: 262_144 };

export interface SessionFacts {
  esme: BoundEsme;
  session: ServerSession<Parcel>;
  socket: Socket;
  mode: BindMode;
  /** What its password was proven against. */
  passwordHash: string;
  /** Below 0x34 a client knows no optional parameters. */
  version: number;
}

export interface ReadParts {
  clock: { now(): number };
  newId: () => string;
}

/** One bind, from a submit's bytes to its answer. */
export class BoundSession {
  readonly facts: SessionFacts;
  /** It has been asked to unbind: it gets nothing any more, and gives nothing. */
  leaving = false;
  readonly #backlog = new Backlog(MOST_UNANSWERED);
  #held = false;

  constructor(facts: SessionFacts) {
    this.facts = facts;
  }

  get receives(): boolean {
    return this.facts.mode !== 'transmitter' && !this.leaving;
  }

  /** Takes the submits of one socket chunk; what cannot be read is answered at once. */
  take(messages: readonly IncomingMessage[], { clock, newId }: ReadParts): void {
    const { esme, session } = this.facts;
    if (this.leaving) {
      for (const { sequence } of messages) session.respond(sequence, STATUS.ESME_RINVBNDSTS, '');
      return;
    }
    const waiting: Waiting[] = [];
    for (const message of messages) {
      const submit = readSubmit(message, esme.caller.account.country, clock.now());
      if (typeof submit === 'number') session.respond(message.sequence, submit, '');
      else waiting.push({ piece: { id: newId(), submit, answer: null }, session: this, sequence: message.sequence });
    }
    if (waiting.length === 0) return;
    for (const { piece } of waiting) this.#backlog.add(piece);
    esme.submit(waiting);
  }

  answer(piece: Piece, sequence: number, { status, messageId }: { status: number; messageId: string }): void {
    this.facts.session.respond(sequence, status, messageId);
    this.#backlog.remove(piece);
  }

  /** Reads on only while there is room, its own and its ESME's. */
  hold(): void {
    const full = this.#backlog.full || this.facts.esme.backlog.full;
    // Again while it is held: a connection reads on by itself when its answers have drained.
    if (full) this.facts.socket.pause();
    else if (this.#held) this.facts.socket.resume();
    this.#held = full;
  }
}
