import type { Clock } from '@veredus/protocols/clock';

const EVERY_MS = 60_000;
const GATHER_MS = 1000;

/**
 * When each key was last used, kept lazily: a key is written at most once a minute, and keys that are due are gathered
 * for a second into one statement. So the figure is right to a minute and costs a request nothing.
 */
export class KeyUses {
  readonly #clock: Clock;
  readonly #write: (uses: { keyId: number; at: number }[]) => Promise<void>;
  readonly #written = new Map<number, number>();
  readonly #due = new Map<number, number>();
  #cancel: (() => void) | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(clock: Clock, write: (uses: { keyId: number; at: number }[]) => Promise<void>) {
    this.#clock = clock;
    this.#write = write;
  }

  /** Called with every request. */
  mark(keyId: number): void {
    const now = this.#clock.monotonic();
    const last = this.#written.get(keyId);
    if (last !== undefined && now - last < EVERY_MS) return;
    this.#written.set(keyId, now);
    this.#due.set(keyId, this.#clock.now());
    this.#cancel ??= this.#clock.after(GATHER_MS, () => void this.flush());
  }

  /** Writes what is gathered and waits until it is stored; at shutdown too. */
  flush(): Promise<void> {
    this.#cancel?.();
    this.#cancel = null;
    this.#forgetOld();
    const uses = [...this.#due].map(([keyId, at]) => ({ keyId, at }));
    this.#due.clear();
    if (uses.length > 0) this.#writing = this.#writing.then(() => this.#store(uses));
    return this.#writing;
  }

  /** A database that is away costs the figure its exactness and nothing else: the key is due again at its next use. */
  async #store(uses: { keyId: number; at: number }[]): Promise<void> {
    try {
      await this.#write(uses);
    } catch {
      for (const { keyId } of uses) this.#written.delete(keyId);
    }
  }

  #forgetOld(): void {
    const old = this.#clock.monotonic() - EVERY_MS;
    for (const [keyId, at] of this.#written) if (at <= old) this.#written.delete(keyId);
  }
}
