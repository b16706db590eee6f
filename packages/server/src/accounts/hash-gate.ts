/**
 * Bounds how many password hashes run at once, and how many wait. Each costs 32 MiB and a core: without a bound a
 * thousand wrong tries would take the machine away from everybody who is signed in.
 *
 * Callers with `first` set (known from their address) wait in a line of their own that is served before the other, so a
 * crowd of strangers fills only the strangers' line.
 */
export class HashGate {
  readonly #limit: number;
  readonly #places: number;
  readonly #lines: Record<'first' | 'second', (() => void)[]> = { first: [], second: [] };
  #running = 0;

  /** `limit` at once; `places` waiting in each of the two lines. */
  constructor(limit: number, places: number) {
    this.#limit = limit;
    this.#places = places;
  }

  /** Runs the work in its turn; null = the line is full and nothing was run. */
  run<T>(first: boolean, work: () => Promise<T>): Promise<T> | null {
    if (this.#running < this.#limit) return this.#start(work);
    const line = first ? this.#lines.first : this.#lines.second;
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
      const next = this.#lines.first.shift() ?? this.#lines.second.shift();
      next?.();
    }
  }
}
