import { Refusal } from '../refusal.ts';

/** What is amiss: there is none, or none of that id; it waits for somebody, or is being tried; it is over; it, or the action over it, is switched off. */
export type Lack = 'none' | 'unknown' | 'invited' | 'being-tried' | 'over' | 'disabled' | 'not-allowed';

/** There is no connection to run over: none was made, it is another account's, or it is not ACTIVE. Brokers have a code of their own for it. */
export class NoConnection extends Refusal {
  /** True = nobody of that name has any, of whatever status. */
  readonly none: boolean;

  readonly lack: Lack;

  constructor(message: string, none = false, lack: Lack = 'none') {
    super('not-found', message);
    this.none = none;
    this.lack = lack;
  }
}
