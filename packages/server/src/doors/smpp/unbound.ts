import { addressScope } from '../../accounts/address-scope.ts';

/** Connections that have not bound, in all and from one address: whoever holds many must not keep others out. */
const MOST = 300;
const MOST_EACH = 20;

export class Unbound {
  readonly #byAddress = new Map<string, number>();
  #all = 0;

  /** Lets a connection in; answers what ends its being unbound (once, however often it is called). Null = too many. */
  enter(address: string): (() => void) | null {
    const scope = addressScope(address);
    const mine = this.#byAddress.get(scope) ?? 0;
    if (this.#all >= MOST || mine >= MOST_EACH) return null;
    this.#all += 1;
    this.#byAddress.set(scope, mine + 1);
    let over = false;
    return () => {
      if (over) return;
      over = true;
      this.#all -= 1;
      const left = (this.#byAddress.get(scope) ?? 1) - 1;
      if (left === 0) this.#byAddress.delete(scope);
      else this.#byAddress.set(scope, left);
    };
  }
}
