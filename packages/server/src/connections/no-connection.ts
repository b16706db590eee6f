import { Refusal } from '../refusal.ts';

/** There is no connection to run over: none was made, it is another account's, or it is not ACTIVE. Brokers have a code of their own for it. */
export class NoConnection extends Refusal {
  constructor(message: string) {
    super('not-found', message);
  }
}
