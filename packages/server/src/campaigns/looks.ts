import type { Clock } from '@veredus/protocols/clock';

const FIRST_MS = 500;
const LONGEST_MS = 10_000;
/** Between two looks through the table, however often rounds come. */
const BETWEEN_MS = 400;

/**
 * When to look at a campaign again. A look reads its messages from the end, so one that waits for days for a few of them must
 * not be looked at each second: the wait doubles from look to look.
 */
export class Looks {
  readonly #clock: Clock;
  readonly #next = new Map<number, { at: number; waitMs: number }>();
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  mayLook(): boolean {
    const now = this.#clock.monotonic();
    if (now - this.#lastAt < BETWEEN_MS) return false;
    this.#lastAt = now;
    return true;
  }

  isDue(id: number): boolean {
    const next = this.#next.get(id);
    return next === undefined || this.#clock.monotonic() >= next.at;
  }

  again(id: number): void {
    const waitMs = Math.min(LONGEST_MS, (this.#next.get(id)?.waitMs ?? FIRST_MS / 2) * 2);
    this.#next.set(id, { at: this.#clock.monotonic() + waitMs, waitMs });
  }

  forget(id: number): void {
    this.#next.delete(id);
  }

  /** Something has happened: look at all of them. */
  clear(): void {
    this.#next.clear();
    this.#lastAt = Number.NEGATIVE_INFINITY;
  }
}
