import type { Clock } from '@veredus/protocols/clock';

export interface BackoffRule {
  /** Wrong tries that cost nothing. */
  free: number;
  /** The wait after the first one beyond; it doubles with each further. */
  baseMs: number;
  capMs: number;
  /** A key without a wrong try for so long starts anew. */
  forgetMs: number;
  /** How many keys are remembered; beyond, the one longest without a wrong try is forgotten. */
  keys: number;
}

/**
 * How long each key must wait after its wrong tries. What is done under one key never lengthens another key's wait, and
 * no wait is longer than `capMs`: nothing here is ever a lock.
 */
export class Backoff {
  readonly #rule: BackoffRule;
  readonly #clock: Clock;
  readonly #tries = new Map<string, { wrong: number; last: number }>();

  constructor(rule: BackoffRule, clock: Clock) {
    this.#rule = rule;
    this.#clock = clock;
  }

  /** Milliseconds until the next try under this key is looked at; 0 = now. */
  waitMs(key: string): number {
    const tries = this.#tries.get(key);
    if (!tries) return 0;
    return Math.max(0, tries.last + this.#delay(tries.wrong) - this.#clock.monotonic());
  }

  /** Counts a try as wrong. Done before it is looked at, so that parallel tries cannot all slip in as the first. */
  charge(key: string): void {
    const now = this.#clock.monotonic();
    const before = this.#tries.get(key);
    const fresh = !before || now - before.last > this.#rule.forgetMs;
    this.#tries.delete(key);
    this.#tries.set(key, { wrong: fresh ? 1 : before.wrong + 1, last: now });
    if (this.#tries.size > this.#rule.keys) this.#forgetOldest();
  }

  /** Takes one charge back: that try was right, or nobody looked at it. */
  forgive(key: string): void {
    const tries = this.#tries.get(key);
    if (!tries) return;
    tries.wrong -= 1;
    if (tries.wrong <= 0) this.#tries.delete(key);
  }

  clear(key: string): void {
    this.#tries.delete(key);
  }

  #delay(wrong: number): number {
    const { free, baseMs, capMs } = this.#rule;
    if (wrong <= free) return 0;
    return Math.min(capMs, baseMs * 2 ** Math.min(wrong - free - 1, 30));
  }

  #forgetOldest(): void {
    for (const key of this.#tries.keys()) {
      this.#tries.delete(key);
      return;
    }
  }
}
