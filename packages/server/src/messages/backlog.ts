import type { Claimed } from './store-claims.ts';

/**
 * The claimed messages of one carrier that wait in memory for a free slot: lower priority numbers first, first come first
 * served within one. Taking is amortised O(1): arrays with a moving head, compacted when half of one is spent.
 */
export class Backlog {
  #lanes = new Map<number, { items: Claimed[]; head: number }>();
  #priorities: number[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** How many of one priority wait. */
  countOf(priority: number): number {
    const lane = this.#lanes.get(priority);
    return lane === undefined ? 0 : lane.items.length - lane.head;
  }

  add(messages: readonly Claimed[]): void {
    for (const message of messages) {
      let lane = this.#lanes.get(message.priority);
      if (!lane) {
        lane = { items: [], head: 0 };
        this.#lanes.set(message.priority, lane);
        this.#priorities = [...this.#lanes.keys()].sort((a, b) => a - b);
      }
      lane.items.push(message);
    }
    this.#count += messages.length;
  }

  /** Puts a chunk back where it came from: first in its lanes, in its order. */
  putBack(messages: readonly Claimed[]): void {
    for (const priority of this.#priorities) {
      const lane = this.#lanes.get(priority)!;
      const mine = messages.filter((message) => message.priority === priority);
      if (mine.length === 0) continue;
      lane.items = [...mine, ...lane.items.slice(lane.head)];
      lane.head = 0;
    }
    this.#count += messages.length;
  }

  /** The smallest id in it; null = it is empty. */
  oldest(): string | null {
    let oldest: string | null = null;
    for (const { items, head } of this.#lanes.values()) {
      for (let i = head; i < items.length; i++) if (oldest === null || items[i]!.id < oldest) oldest = items[i]!.id;
    }
    return oldest;
  }

  peek(): Claimed | undefined {
    for (const priority of this.#priorities) {
      const lane = this.#lanes.get(priority)!;
      if (lane.head < lane.items.length) return lane.items[lane.head];
    }
    return undefined;
  }

  take(): Claimed | undefined {
    for (const priority of this.#priorities) {
      const lane = this.#lanes.get(priority)!;
      if (lane.head >= lane.items.length) continue;
      const message = lane.items[lane.head++]!;
      if (lane.head > 1_000 && lane.head * 2 > lane.items.length) {
        lane.items = lane.items.slice(lane.head);
        lane.head = 0;
      }
      this.#count -= 1;
      return message;
    }
    return undefined;
  }

  clear(): void {
    this.#lanes.clear();
    this.#priorities = [];
    this.#count = 0;
  }
}
