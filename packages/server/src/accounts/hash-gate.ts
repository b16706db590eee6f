/** In which order those that wait are served. */
type Rank = 'first' | 'second' | 'last';

/** So many others go before one that waits in the last line. Without an end to it a flood would keep it waiting for good. */
const OVERTAKEN = 16;

/**
 * Bounds how many password hashes run at once, and how many wait. Each costs 32 MiB and a core: without a bound a
 * thousand wrong tries would take the machine away from everybody who is signed in.
 *
 * Callers with `first` set (known from their address) wait in a line of their own that is served before the other, so a
 * crowd of strangers fills only the strangers' line. Work that no person waits for stands behind both.
 */
export class HashGate {
  readonly #limit: number;
  readonly #places: number;
  readonly #lines: Record<Rank, (() => void)[]> = { first: [], second: [], last: [] };
  #running = 0;
  #overtaken = 0;

  /** `limit` at once; `places` waiting in each of the lines. */
  constructor(limit: number, places: number) {
    this.#limit = limit;
    this.#places = places;
  }

  /** Runs the work in its turn; null = the line is full and nothing was run. */
  run<T>(first: boolean, work: () => Promise<T>): Promise<T> | null {
    return this.#enter(first ? 'first' : 'second', work);
  }

  /** As `run`, once nobody else waits. */
  runLast<T>(work: () => Promise<T>): Promise<T> | null {
    return this.#enter('last', work);
  }

  #enter<T>(rank: Rank, work: () => Promise<T>): Promise<T> | null {
    if (this.#running < this.#limit) return this.#start(work);
    const line = this.#lines[rank];
    if (line.length >= this.#places) return null;
    return new Promise<T>((resolve, reject) => {
      line.push(() => this.#start(work).then(resolve, reject));
    });
  }

  async #start<T>(work: () => Promise<T>): Promise<T> {
    this.#running += 1;
    try {
      return await work();
    } finally {
      this.#running -= 1;
      this.#next()?.();
    }
  }

  #next(): (() => void) | undefined {
    const { first, second, last } = this.#lines;
    const before = this.#overtaken < OVERTAKEN ? (first.shift() ?? second.shift()) : undefined;
    if (before && last.length > 0) this.#overtaken += 1;
    if (before) return before;
    this.#overtaken = 0;
    return last.shift() ?? first.shift() ?? second.shift();
  }
}
