import type { Claimed } from './store-claims.ts';

/** What is claimed ahead of its turn, for one endpoint and in all. */
const FOR_ONE = 64;
const IN_ALL = 1_024;
/** With fewer left more are fetched. */
const LOW = 16;
/** Claims that old are given back: an attempt must end within the lease. */
const STALE_MS = 20_000;

/**
 * Deliveries to endpoints that answer quickly, claimed by the chunk and sent as places on the wire come free: one claim a
 * delivery would cost more than sending it.
 */
export class Ahead {
  private readonly queues = new Map<number, { claimed: Claimed; at: number }[]>();
  private total = 0;

  put(claims: readonly Claimed[], at: number): void {
    for (const claimed of claims) {
      const queue = this.queues.get(claimed.endpoint_id) ?? [];
      queue.push({ claimed, at });
      this.queues.set(claimed.endpoint_id, queue);
    }
    this.total += claims.length;
  }

  /** How many more may be claimed for an endpoint. */
  room(endpointId: number): number {
    return Math.max(0, Math.min(FOR_ONE - this.count(endpointId), IN_ALL - this.total));
  }

  isLow(endpointId: number): boolean {
    return this.count(endpointId) < LOW;
  }

  /** The next for an endpoint; null = none, or they have waited too long. */
  next(endpointId: number, now: number): Claimed | null {
    const [first] = this.queues.get(endpointId) ?? [];
    if (first === undefined || now - first.at > STALE_MS) return null;
    this.remove(endpointId, 1);
    return first.claimed;
  }

  /** All that was to be sent to an endpoint, which is not any more. */
  drop(endpointId: number): Claimed[] {
    return this.remove(endpointId, this.count(endpointId));
  }

  dropAll(): Claimed[] {
    return [...this.queues.keys()].flatMap((endpointId) => this.drop(endpointId));
  }

  private count(endpointId: number): number {
    return this.queues.get(endpointId)?.length ?? 0;
  }

  private remove(endpointId: number, count: number): Claimed[] {
    const queue = this.queues.get(endpointId);
    if (queue === undefined) return [];
    const removed = queue.splice(0, count).map(({ claimed }) => claimed);
    this.total -= removed.length;
    if (queue.length === 0) this.queues.delete(endpointId);
    return removed;
  }
}
