import type { EventKind as AnyEventKind } from '@veredus/contract/endpoints/events';
import type { Runner } from '../db/runner.ts';
import { insertEvents } from './store-insert.ts';

/** What can happen to an account beside the states of its messages, which messages/ records itself in chunks. */
export type EventKind = Exclude<AnyEventKind, 'message.status'>;

/** One thing that happened. `facts` go to the account's own people and agents as they are: snake_case, no secrets. */
export interface NewEvent {
  accountId: number;
  /** ms. */
  at: number;
  kind: EventKind;
  facts: Record<string, unknown>;
  /** Somebody must look at it: the account's address gets a mail. `facts` then hold `subject` and `text`. */
  alert?: boolean;
}

/** Records what happened, in the transaction it happens in: the event is seen when, and only when, that commits. */
export async function recordEvent(run: Runner, event: NewEvent): Promise<void> {
  await insertEvents(run, [event]);
}
