import type { Clock } from '@veredus/protocols/clock';
import type { Ending } from '@veredus/protocols/smpp/ending';
import type { ShortMessage } from '@veredus/protocols/smpp/pdu';
import type { ServerSession } from '@veredus/protocols/smpp/server-session';

/** A receipt or a handset's text, until somebody has taken it. `session` is the one it should leave by. */
export interface Delivery {
  readonly message: ShortMessage;
  readonly session: Session;
  readonly tries: number;
}
type Session = ServerSession<Delivery>;

/** Deliveries come due in bundles of this time, so that 20,000 a second need no timer each. */
export const TICK_MS = 20;
/** One that was not taken comes again after so long, as from a real centre, so many times. */
const AGAIN_MS = 5_000;
const MOST_TRIES = 20;
/** When so many wait, the centre takes no more submits: its queue is full. */
const MOST_WAITING = 100_000;

/** The centre's queue towards those who are bound: everything waits for its time, then for a free slot of a window. */
export class Deliveries {
  readonly #clock: Clock;
  readonly #sessions = new Set<Session>();
  /** By the tick at which they come due. */
  readonly #later = new Map<number, Delivery[]>();
  #ripe: Delivery[] = [];
  #next = 0;
  #waiting = 0;
  #ticking = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get full(): boolean {
    return this.#waiting >= MOST_WAITING;
  }

  /** Somebody is bound. */
  join(session: Session): void {
    this.#sessions.add(session);
    this.pump();
  }

  leave(session: Session): void {
    this.#sessions.delete(session);
  }

  /** A session that takes deliveries right now. */
  get taker(): Session | null {
    for (const session of this.#sessions) if (session.free > 0) return session;
    return null;
  }

  add(delivery: Delivery, afterMs: number): void {
    this.#waiting += 1;
    if (afterMs <= 0) {
      this.#ripe.push(delivery);
      this.pump();
      return;
    }
    const tick = Math.ceil((this.#clock.monotonic() + afterMs) / TICK_MS);
    const others = this.#later.get(tick);
    if (others) others.push(delivery);
    else this.#later.set(tick, [delivery]);
    this.#tickLater();
  }

  /** A window may have room. */
  pump(): void {
    while (this.#next < this.#ripe.length) {
      const delivery = this.#ripe[this.#next]!;
      // By its own session, or where that is gone, full or only a transmitter, by any other.
      const own = this.#sessions.has(delivery.session) && delivery.session.free > 0;
      const session = own ? delivery.session : this.taker;
      if (session?.deliver(delivery.message, delivery) !== 'taken') break;
      this.#next += 1;
      this.#waiting -= 1;
    }
    if (this.#next < this.#ripe.length && this.#next < 10_000) return;
    this.#ripe = this.#ripe.slice(this.#next);
    this.#next = 0;
  }

  /** Not taken, or nobody knows: it comes again. So a receipt may come twice, but none is lost. */
  answered(endings: readonly Ending<Delivery>[]): void {
    for (const { kind, status, token } of endings) {
      const taken = (kind === 'response' && status === 0) || kind === 'late';
      if (!taken && token.tries + 1 < MOST_TRIES) this.add({ ...token, tries: token.tries + 1 }, AGAIN_MS);
    }
  }

  #tickLater(): void {
    if (this.#ticking || this.#later.size === 0) return;
    this.#ticking = true;
    this.#clock.after(TICK_MS, () => {
      this.#ticking = false;
      const now = this.#clock.monotonic() / TICK_MS;
      for (const [tick, deliveries] of this.#later) {
        if (tick > now) continue;
        this.#later.delete(tick);
        for (const delivery of deliveries) this.#ripe.push(delivery);
      }
      this.pump();
      this.#tickLater();
    });
  }
}
