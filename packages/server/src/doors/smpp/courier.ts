import type { Clock } from '@veredus/protocols/clock';
import type { Ending } from '@veredus/protocols/smpp/ending';
import { STATUS, statusName } from '@veredus/protocols/smpp/status';
import type { Pool } from '../../db/transaction.ts';
import type { DueDelivery } from '../../esmes/delivery.ts';
import { claimDeliveries, type Room, type Settled, settleDeliveries } from '../../esmes/store-deliveries.ts';
import type { BoundEsme } from './bound-esme.ts';
import type { BoundSession } from './bound-session.ts';
import { deliverPdus, type Parcel } from './parcel.ts';

export interface CourierParts {
  pool: Pool;
  clock: Clock;
  /** Who is bound at this node. */
  esmes(): Iterable<BoundEsme>;
  log(event: string, facts: Record<string, unknown>): void;
}

/** Other nodes queue too, and nobody tells this one. */
const LOOK_EVERY_MS = 500;
/** Longer than a deliver_sm may go without its answer. */
const LEASE_MS = 120_000;
const SETTLE_AGAIN_MS = 1_000;
/** Waits after the first try, the second …; then the last of them again and again. */
const RETRY_MS = [5_000, 15_000, 60_000, 300_000, 900_000];
/** What an ESME says of a message that it will never take. */
const NEVER: ReadonlySet<number> = new Set([STATUS.ESME_RX_P_APPN, STATUS.ESME_RX_R_APPN]);

/**
 * Brings queued texts and receipts to the ESMEs bound at this node, as far as their windows let it. Over only when the ESME
 * has answered: what a node dies with, its lease gives back.
 */
export class Courier {
  readonly #parts: CourierParts;
  #stopped = false;
  #looking: Promise<void> | null = null;
  #again = false;
  #cancelLook: () => void = () => {};
  #settled: Settled[] = [];
  #settling: Promise<void> | null = null;
  #reference = 0;

  constructor(parts: CourierParts) {
    this.#parts = parts;
  }

  /** Looks now, and from then on again and again. */
  wake(): void {
    if (this.#stopped) return;
    if (this.#looking !== null) {
      this.#again = true;
      return;
    }
    this.#cancelLook();
    this.#looking = this.#look().finally(() => {
      this.#looking = null;
      if (!this.#stopped) this.#cancelLook = this.#parts.clock.after(LOOK_EVERY_MS, () => this.wake());
    });
  }

  /** Sends what has been claimed for an ESME, as far as its sessions take it. */
  pump(esme: BoundEsme): void {
    while (esme.deliveries.length > 0) {
      const session = roomiest(esme);
      if (session === null) {
        if (![...esme.sessions].some(({ receives }) => receives)) this.#giveBack(esme.deliveries.splice(0));
        return;
      }
      if (!this.#send(session, esme.deliveries)) return;
    }
  }

  /** Endings of deliver_sm of one session. */
  answered(endings: readonly Ending<Parcel>[]): void {
    for (const ending of endings) this.#answered(ending);
    this.#settleSoon();
  }

  /** Stops claiming; what is claimed and unsent goes back. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelLook();
    await this.#looking;
    for (const esme of this.#parts.esmes()) this.#giveBack(esme.deliveries.splice(0));
    await this.settled();
  }

  /** Resolves when all that came to an end is written. */
  async settled(): Promise<void> {
    await this.#settling;
  }

  async #look(): Promise<void> {
    const { pool, clock, log } = this.#parts;
    try {
      do {
        this.#again = false;
        const rooms = [...this.#parts.esmes()].flatMap(roomOf);
        if (rooms.length === 0) return;
        const now = clock.now();
        const due = await claimDeliveries(pool, rooms, { now, until: now + LEASE_MS });
        if (due.length > 0) this.#again = true;
        this.#hand(due);
      } while (this.#again && !this.#stopped);
    } catch (error) {
      log('smpp.deliveries-not-read', { error: (error as Error).message });
    }
  }

  #hand(due: readonly DueDelivery[]): void {
    const bound = new Map([...this.#parts.esmes()].map((esme) => [keyOf(esme.esme), esme]));
    for (const [key, mine] of Map.groupBy(due, keyOf)) {
      const esme = bound.get(key);
      // Gone while we looked.
      if (esme === undefined || this.#stopped) this.#giveBack(mine);
      else {
        esme.deliveries.push(...mine);
        this.pump(esme);
      }
    }
  }

  /** Sends the first of the queue; false when no session has room for it. */
  #send(session: BoundSession, queue: DueDelivery[]): boolean {
    const { session: wire, version } = session.facts;
    const delivery = queue[0]!;
    this.#reference = (this.#reference % 255) + 1;
    const pdus = deliverPdus(delivery, version, this.#reference);
    if (wire.free < pdus.length) return false;
    queue.shift();
    const parcel: Parcel = { delivery, parts: pdus.length, left: pdus.length, against: null, tried: false };
    for (const pdu of pdus) {
      const taken = wire.deliver(pdu, parcel);
      if (taken === 'taken') continue;
      // An address that SMPP cannot write will not be written next time either.
      this.#end(parcel, { why: taken === 'unwritable' ? 'unwritable' : 'closed', forGood: taken === 'unwritable' });
    }
    this.#settleSoon();
    return true;
  }

  #answered({ kind, token: parcel, status }: Ending<Parcel>): void {
    if (kind === 'late') {
      // It was put off, and has been taken after all: at least it need not go again.
      if (status === 0 && parcel.parts === 1) this.#settle(parcel, null, 'delivered');
      return;
    }
    if (kind !== 'unsent') parcel.tried = true;
    if (kind !== 'response') this.#end(parcel, { why: kind, forGood: false });
    else if (status === 0) this.#end(parcel, null);
    else this.#end(parcel, { why: statusName(status), forGood: NEVER.has(status) });
  }

  /** One deliver_sm of a parcel has its end; with the last, the delivery has. */
  #end(parcel: Parcel, against: Parcel['against']): void {
    if (against !== null && !(parcel.against?.forGood ?? false)) parcel.against = against;
    parcel.left -= 1;
    if (parcel.left > 0) return;
    if (parcel.against === null) this.#settle(parcel, null, 'delivered');
    else if (parcel.against.forGood) this.#settle(parcel, null, parcel.against.why);
    else this.#settle(parcel, this.#nextTry(parcel), parcel.against.why);
  }

  #nextTry({ delivery, tried }: Parcel): number {
    const waitMs = tried ? RETRY_MS[Math.min(delivery.attempts, RETRY_MS.length) - 1]! : 0;
    return this.#parts.clock.now() + waitMs;
  }

  #settle(parcel: Parcel, nextAttemptAt: number | null, outcome: string): void {
    const { id, claimedUntil } = parcel.delivery;
    this.#settled.push({ id, claimedUntil, nextAttemptAt, outcome, tried: parcel.tried });
  }

  #giveBack(deliveries: readonly DueDelivery[]): void {
    const nextAttemptAt = this.#parts.clock.now();
    for (const { id, claimedUntil } of deliveries) {
      this.#settled.push({ id, claimedUntil, nextAttemptAt, outcome: 'not bound', tried: false });
    }
    this.#settleSoon();
  }

  #settleSoon(): void {
    if (this.#settled.length > 0) this.#settling ??= this.#settleAll();
  }

  async #settleAll(): Promise<void> {
    const { pool, clock, log } = this.#parts;
    while (this.#settled.length > 0) {
      const settled = this.#settled;
      this.#settled = [];
      try {
        await settleDeliveries(pool, settled, clock.now());
        // There is room again for what waits.
        this.wake();
      } catch (error) {
        log('smpp.deliveries-not-settled', { count: settled.length, error: (error as Error).message });
        // At a stop the lease does it.
        if (this.#stopped) break;
        this.#settled.unshift(...settled);
        await new Promise<void>((resolve) => void clock.after(SETTLE_AGAIN_MS, resolve));
      }
    }
    this.#settling = null;
  }
}

const keyOf = ({ accountId, systemId }: { accountId: number; systemId: string }): string => `${accountId}/${systemId}`;

function roomiest({ sessions }: BoundEsme): BoundSession | null {
  let best: BoundSession | null = null;
  for (const session of sessions) {
    const { free } = session.facts.session;
    if (session.receives && free > (best?.facts.session.free ?? 0)) best = session;
  }
  return best;
}

function roomOf({ esme, sessions, deliveries }: BoundEsme): Room[] {
  let room = -deliveries.length;
  for (const session of sessions) if (session.receives) room += session.facts.session.free;
  return room > 0 ? [{ accountId: esme.accountId, systemId: esme.systemId, room }] : [];
}
