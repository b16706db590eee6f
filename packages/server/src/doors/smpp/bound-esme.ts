import { STATUS } from '@veredus/protocols/smpp/status';
import type { Caller } from '../../accounts/caller.ts';
import type { DueDelivery } from '../../esmes/delivery.ts';
import type { Esme } from '../../esmes/store.ts';
import { Backlog } from './backlog.ts';
import type { BoundSession } from './bound-session.ts';
import type { Piece } from './pieces.ts';
import { type TakeParts, takeSubmits } from './take-submits.ts';

/** A submit that waits for its turn, and who is to be answered. */
export interface Waiting {
  piece: Piece;
  session: BoundSession;
  sequence: number;
}

/** One commit of an ESME takes so many: with one under way at a time, none keeps the others from theirs. */
const BATCH = 500;
/** Of all its sessions together, those that left with their submits under way included: what a node holds for one ESME. */
const MOST_UNANSWERED = { pieces: 2_000, octets: 1_048_576 };

/** An ESME with all its sessions at this node. */
export class BoundEsme {
  readonly sessions = new Set<BoundSession>();
  /** Claimed for it and not yet sent. */
  readonly deliveries: DueDelivery[] = [];
  readonly backlog = new Backlog(MOST_UNANSWERED);
  esme: Esme;
  caller: Caller;
  readonly #parts: TakeParts;
  #waiting: Waiting[] = [];
  #running: Promise<void> | null = null;

  constructor(parts: TakeParts, esme: Esme, caller: Caller) {
    this.#parts = parts;
    this.esme = esme;
    this.caller = caller;
  }

  /** Takes submits in their turn; each is answered once what became of it is committed. */
  submit(waiting: readonly Waiting[]): void {
    for (const { piece } of waiting) this.backlog.add(piece);
    this.#waiting.push(...waiting);
    this.#hold();
    this.#running ??= this.#run();
  }

  /** Nobody is there to answer to: what of this session is not yet under way is forgotten, and so never stored. */
  leave(session: BoundSession): void {
    this.sessions.delete(session);
    for (const one of this.#waiting) if (one.session === session) this.backlog.remove(one.piece);
    this.#waiting = this.#waiting.filter((one) => one.session !== session);
    this.#hold();
  }

  /** Resolves when everything submitted so far has its answer. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      // Of each session in turn: one with a large window does not hold up another.
      const batch = nextBatch(this.#waiting);
      const taken = new Set(batch);
      this.#waiting = this.#waiting.filter((one) => !taken.has(one));
      await this.#take(batch);
    }
    this.#running = null;
  }

  async #take(batch: readonly Waiting[]): Promise<void> {
    const pieces = batch.map(({ piece }) => piece);
    try {
      await takeSubmits(this.#parts, { systemId: this.esme.systemId, caller: this.caller }, pieces);
    } catch (error) {
      this.#parts.log('smpp.fault', { system_id: this.esme.systemId, error: (error as Error).message });
    }
    for (const { piece, session, sequence } of batch) {
      this.backlog.remove(piece);
      session.answer(piece, sequence, piece.answer ?? { status: STATUS.ESME_RSYSERR, messageId: '' });
    }
    this.#hold();
  }

  #hold(): void {
    for (const session of this.sessions) session.hold();
  }
}

function nextBatch(waiting: readonly Waiting[]): Waiting[] {
  if (waiting.length <= BATCH) return [...waiting];
  const bySession = [...Map.groupBy(waiting, ({ session }) => session).values()];
  const batch: Waiting[] = [];
  for (let turn = 0; batch.length < BATCH; turn++) {
    for (const mine of bySession) if (turn < mine.length && batch.length < BATCH) batch.push(mine[turn]!);
  }
  return batch;
}
