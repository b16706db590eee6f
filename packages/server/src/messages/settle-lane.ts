import type { Clock } from '@veredus/protocols/clock';
import { inTransaction, type Pool } from '../db/transaction.ts';
import { Status } from './status.ts';
import type { Claimed } from './store-claims.ts';
import { moveMessages } from './store-move.ts';
import { type Settlement, settleChunk } from './store-settle.ts';

export interface SettleParts {
  pool: Pool;
  clock: Clock;
  newId: () => string;
  carrierId: number;
  /** The most outcomes in one statement. */
  chunk: number;
  /** How long a small chunk waits for more, while nobody waits for it. */
  lingerMs: number;
  /** The token that what comes now was sent under. */
  token(): number;
  /** Whether something could still be sent, so that nobody waits for these outcomes to free a slot. */
  hasRoom(): boolean;
  /** These are committed: their slots are free. */
  settled(chunk: readonly Settlement[]): void;
  /** A late answer was written: a receipt may have waited for it. */
  resolved(): void;
  trouble(where: string, error: unknown): void;
  log(event: string, facts: Record<string, unknown>): void;
}

/** A chunk that need not wait for more: from here on a statement costs little beside its rows. */
const FULL_CHUNK = 200;
const DATABASE_RETRY_MS = 250;
const LATE_LIMIT = 10_000;

/** Writes outcomes in chunks, one under way at a time; keeps what is UNKNOWN in mind for an answer that comes too late. */
export class SettleLane {
  readonly #parts: SettleParts;
  readonly #late = new Map<string, { message: Claimed; token: number }>();
  #waiting: Settlement[] = [];
  #came = 0;
  #done = 0;
  #running: Promise<void> | null = null;
  #watchers: { count: number; resume: () => void }[] = [];
  #stopping = false;

  constructor(parts: SettleParts) {
    this.#parts = parts;
  }

  /** How many outcomes ever came. */
  get came(): number {
    return this.#came;
  }

  /** Resolves when the first `count` outcomes that ever came are committed (or were given to late answers). */
  through(count: number): Promise<void> {
    if (this.#done >= count) return Promise.resolve();
    return new Promise((resume) => this.#watchers.push({ count, resume }));
  }

  /** Resolves when nothing waits any more. From here on nothing lingers. */
  async drain(): Promise<void> {
    this.#stopping = true;
    while (this.#running !== null) await this.#running;
  }

  add(settlements: readonly Settlement[]): void {
    this.#waiting.push(...settlements);
    this.#came += settlements.length;
    this.#run();
  }

  /** The lease is lost: what waits was sent under `token` and is written with care, each by itself. */
  giveUp(token: number): void {
    const given = this.#waiting.splice(0);
    for (const settlement of given) this.resolveLate(settlement, token);
    this.#count(given.length);
  }

  /** The message and token of an UNKNOWN one that is still remembered. */
  late(id: string): { message: Claimed; token: number } | undefined {
    return this.#late.get(id);
  }

  remember(message: Claimed, token: number): void {
    this.#late.set(message.id, { message, token });
    if (this.#late.size > LATE_LIMIT) this.#late.delete(this.#late.keys().next().value!);
  }

  /** An answer after the time-out, or after the lease was lost: better late than UNKNOWN. */
  resolveLate(settlement: Settlement, token: number): void {
    const { message } = settlement;
    this.#late.delete(message.id);
    if (settlement.status === Status.queued || settlement.status === Status.unknown) return;
    const { pool, clock, carrierId, newId } = this.#parts;
    const move = {
      id: message.id,
      accountId: message.accountId,
      to: settlement.status,
      proven: false,
      errorCode: settlement.errorCode,
      words: settlement.words,
      acceptedParts: settlement.acceptedParts,
      upstreamIds: settlement.upstreamIds,
      carrierId,
      claimToken: token,
    };
    inTransaction(pool, (run) => moveMessages(run, [move], { at: clock.now(), newId }))
      .then(() => this.#parts.resolved())
      .catch((error) => {
        this.remember(message, token);
        this.#parts.trouble('late answer', error);
      });
  }

  #run(): void {
    if (this.#running !== null || this.#waiting.length === 0) return;
    this.#running = this.#settleAll().finally(() => {
      this.#running = null;
      this.#run();
    });
  }

  async #settleAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      if (this.#waiting.length < FULL_CHUNK && this.#parts.hasRoom()) await this.#linger();
      const chunk = this.#waiting.splice(0, this.#parts.chunk);
      if (chunk.length > 0) await this.#settle(chunk);
    }
  }

  async #settle(chunk: Settlement[]): Promise<void> {
    const { pool, clock, carrierId, newId } = this.#parts;
    // The lease may be lost while this is on its way; these outcomes belong to the one they were sent under.
    const token = this.#parts.token();
    try {
      const written = await settleChunk(pool, { settlements: chunk, carrierId, token, at: clock.now(), newId });
      if (written < chunk.length) this.#takenOver(chunk, token, chunk.length - written);
    } catch (error) {
      this.#parts.trouble('settle', error);
      if (this.#parts.token() === token) this.#waiting.unshift(...chunk);
      else {
        for (const settlement of chunk) this.resolveLate(settlement, token);
        this.#count(chunk.length);
      }
      await this.#pause(DATABASE_RETRY_MS);
      return;
    }
    for (const { status, message } of chunk) if (status === Status.unknown) this.remember(message, token);
    this.#count(chunk.length);
    this.#parts.settled(chunk);
  }

  /** Some rows were given up for UNKNOWN by another node while the carrier answered: the answer still counts. */
  #takenOver(chunk: readonly Settlement[], token: number, messages: number): void {
    this.#parts.log('dispatch.taken-over', { messages });
    for (const settlement of chunk) this.resolveLate(settlement, token);
  }

  #count(committed: number): void {
    this.#done += committed;
    const ready = this.#watchers.filter(({ count }) => count <= this.#done);
    if (ready.length === 0) return;
    this.#watchers = this.#watchers.filter(({ count }) => count > this.#done);
    for (const { resume } of ready) resume();
  }

  /** A pause in which a chunk grows; at one message a call it halves what PostgreSQL spends on it. */
  #linger(): Promise<void> {
    const { lingerMs } = this.#parts;
    return lingerMs === 0 || this.#stopping ? Promise.resolve() : this.#pause(lingerMs);
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resume) => void this.#parts.clock.after(milliseconds, resume));
  }
}
