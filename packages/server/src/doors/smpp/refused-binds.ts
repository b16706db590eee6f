import type { Clock } from '@veredus/protocols/clock';
import { addressScope } from '../../accounts/address-scope.ts';

export interface RefusedBind {
  system_id: string;
  address: string;
  why: string;
}

const QUIET_MS = 60_000;
/** Addresses that are counted by themselves at once; further ones are counted together. */
const MOST_ADDRESSES = 1_000;
const OTHERS = 'others';

/**
 * Writes refused binds to the log: the first of an address at once, what follows within a minute in one line that says how
 * many they were and how the last of them was refused. Whoever tries a million passwords does not fill the disk.
 */
export class RefusedBinds {
  readonly #clock: Clock;
  readonly #log: (event: string, facts: Record<string, unknown>) => void;
  /** By address, what came since its last line. */
  readonly #since = new Map<string, { count: number; last: RefusedBind; cancel: () => void }>();

  constructor(clock: Clock, log: (event: string, facts: Record<string, unknown>) => void) {
    this.#clock = clock;
    this.#log = log;
  }

  add(bind: RefusedBind): void {
    const own = addressScope(bind.address);
    const key = this.#since.has(own) || this.#since.size < MOST_ADDRESSES ? own : OTHERS;
    const known = this.#since.get(key);
    if (known === undefined) {
      this.#write(bind, 1);
      this.#since.set(key, { count: 0, last: bind, cancel: this.#later(key) });
      return;
    }
    known.count += 1;
    known.last = bind;
  }

  /** Writes what has not been written. */
  stop(): void {
    for (const { count, last, cancel } of this.#since.values()) {
      cancel();
      if (count > 0) this.#write(last, count);
    }
    this.#since.clear();
  }

  #later(key: string): () => void {
    return this.#clock.after(QUIET_MS, () => {
      const { count, last } = this.#since.get(key)!;
      if (count === 0) {
        this.#since.delete(key);
        return;
      }
      this.#write(last, count);
      this.#since.set(key, { count: 0, last, cancel: this.#later(key) });
    });
  }

  #write(bind: RefusedBind, count: number): void {
    this.#log('smpp.bind-refused', { ...bind, count });
  }
}
