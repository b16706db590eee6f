import type { Socket } from 'node:net';
import type { IncomingMessage } from '@veredus/protocols/smpp/ending';
import type { BindMode } from '@veredus/protocols/smpp/pdu';
import type { ServerSession } from '@veredus/protocols/smpp/server-session';
import { STATUS } from '@veredus/protocols/smpp/status';
import type { BoundEsme, Waiting } from './bound-esme.ts';
import type { Parcel } from './parcel.ts';
import type { Piece } from './pieces.ts';
import { readSubmit } from './read-submit.ts';

/** While so much of a session waits for its answer, we do not read on: TCP then slows the client down. */
const MOST_UNANSWERED = 500;
const MOST_OCTETS = 262_144;
/** What a submit holds beside its text. */
const PIECE_OCTETS = 300;

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
  #unanswered = 0;
  #octets = 0;
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
    for (const { piece } of waiting) this.#count(1, piece);
    this.#hold();
    esme.submit(waiting);
  }

  answer(piece: Piece, sequence: number, { status, messageId }: { status: number; messageId: string }): void {
    this.facts.session.respond(sequence, status, messageId);
    this.#count(-1, piece);
    this.#hold();
  }

  #count(sign: 1 | -1, { submit }: Piece): void {
    this.#unanswered += sign;
    this.#octets += sign * (PIECE_OCTETS + 2 * submit.body.length);
  }

  #hold(): void {
    const full = this.#unanswered >= MOST_UNANSWERED || this.#octets >= MOST_OCTETS;
    if (full && !this.#held) this.facts.socket.pause();
    // Not at the first answer: reading in small pieces makes small commits.
    const roomy = this.#unanswered <= MOST_UNANSWERED / 2 && this.#octets <= MOST_OCTETS / 2;
    if (this.#held && roomy) this.facts.socket.resume();
    this.#held = full || (this.#held && !roomy);
  }
}
