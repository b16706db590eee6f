import type { Clock } from '@veredus/protocols/clock';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
/** A bucket holds a tenth of a second: enough to fill a chunk, too little for a burst that a carrier would mind. */
const BUCKET_S = 0.1;

/** How many parts may leave now: a token bucket of parts a second, and the pauses a carrier asks for. */
export class Pace {
  readonly #clock: Clock;
  readonly #tps: number;
  #tokens: number;
  #filledAt: number;
  #pauseMs = 0;
  #pausedUntil = 0;

  constructor(clock: Clock, tps: number) {
    this.#clock = clock;
    this.#tps = tps;
    this.#tokens = this.#most;
    this.#filledAt = clock.monotonic();
  }

  get #most(): number {
    return Math.max(1, this.#tps * BUCKET_S);
  }

  /** Parts that may leave now. */
  get allowance(): number {
    const now = this.#clock.monotonic();
    if (now < this.#pausedUntil) return 0;
    if (this.#tps === 0) return Number.POSITIVE_INFINITY;
    this.#tokens = Math.min(this.#most, this.#tokens + ((now - this.#filledAt) * this.#tps) / 1000);
    this.#filledAt = now;
    return Math.floor(this.#tokens);
  }

  spend(parts: number): void {
    if (this.#tps > 0) this.#tokens -= parts;
  }

  /** Time in ms until something may leave again; 0 = now. */
  get wait(): number {
    const paused = this.#pausedUntil - this.#clock.monotonic();
    if (paused > 0) return paused;
    return this.allowance >= 1 ? 0 : Math.ceil(((1 - this.#tokens) * 1000) / this.#tps);
  }

  /** The carrier said to slow down: each time in a row twice as long. Answers the pause in ms. */
  slowDown(): number {
    const now = this.#clock.monotonic();
    // Every submit of the window answers the same; that is one request to slow down, not a hundred.
    if (now < this.#pausedUntil) return this.#pausedUntil - now;
    this.#pauseMs = this.#pauseMs === 0 ? FIRST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
    this.#pausedUntil = now + this.#pauseMs;
    return this.#pauseMs;
  }

  /** It took something again. */
  wentWell(): void {
    if (this.#clock.monotonic() >= this.#pausedUntil) this.#pauseMs = 0;
  }
}
