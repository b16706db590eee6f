import type { Piece } from './pieces.ts';

/** What a submit holds beside its text. */
const PIECE_OCTETS = 300;

/** The submits that wait for their answers, of one session or of a whole ESME, and whether they are too many to read on. */
export class Backlog {
  readonly #most: { pieces: number; octets: number };
  #pieces = 0;
  #octets = 0;
  #full = false;

  constructor(most: { pieces: number; octets: number }) {
    this.#most = most;
  }

  get pieces(): number {
    return this.#pieces;
  }

  /** Once full until half of it has gone, not until the first answer: reading in small pieces makes small commits. */
  get full(): boolean {
    return this.#full;
  }

  add(piece: Piece): void {
    this.#count(1, piece);
  }

  remove(piece: Piece): void {
    this.#count(-1, piece);
  }

  #count(sign: 1 | -1, { submit }: Piece): void {
    this.#pieces += sign;
    this.#octets += sign * (PIECE_OCTETS + 2 * submit.body.length);
    const { pieces, octets } = this.#most;
    if (this.#pieces >= pieces || this.#octets >= octets) this.#full = true;
    else if (this.#pieces <= pieces / 2 && this.#octets <= octets / 2) this.#full = false;
  }
}
