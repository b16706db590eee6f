import { Refusal } from '../refusal.ts';

/** There is no connection to run over: none was made, it is another account's, or it is not ACTIVE. Brokers have a code of their own for it. */
export class NoConnection extends Refusal {
  /** True = nobody of that name has any, of whatever status. */
  readonly none: boolean;

  constructor(message: string, none = false) {
    super('not-found', message);
    this.none = none;
  }
}
