import type { Clock } from '@veredus/protocols/clock';

/** A map that forgets: entries end `keepMs` after they were set, and the oldest goes when there are too many. */
export class RecentMap<V> {
  readonly #limit: { entries: number; keepMs: number };
  readonly #clock: Clock;
  readonly #map = new Map<string, { value: V; until: number }>();

  constructor(limit: { entries: number; keepMs: number }, clock: Clock) {
    this.#limit = limit;
    this.#clock = clock;
  }

  get size(): number {
    return this.#map.size;
  }

  get(key: string): V | undefined {
    const entry = this.#map.get(key);
    if (!entry) return undefined;
    if (this.#clock.monotonic() < entry.until) return entry.value;
    this.#map.delete(key);
    return undefined;
  }

  set(key: string, value: V): void {
    // Re-inserting keeps the map in order of age, so that the first key is always the oldest.
    this.#map.delete(key);
    this.#map.set(key, { value, until: this.#clock.monotonic() + this.#limit.keepMs });
    if (this.#map.size <= this.#limit.entries) return;
    for (const oldest of this.#map.keys()) {
      this.#map.delete(oldest);
      return;
    }
  }

  /** Drops every entry the test holds for. Walks the whole map: for rare events. */
  drop(test: (value: V) => boolean): void {
    for (const [key, entry] of this.#map) if (test(entry.value)) this.#map.delete(key);
  }
}
