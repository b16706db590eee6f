import type { Body, Params } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import type { Clock } from '@veredus/protocols/clock';
import type { Answer } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import type { Database } from '../db/db.ts';
import { Refusal } from '../refusal.ts';
import { firstIdOf, parseMessageId } from './ids.ts';
import { Status, showStatus } from './status.ts';
import { CHUNK, cancelQueued, cancelScheduledChunk, findState } from './store-cancel.ts';

export interface CancelParts {
  db: Pick<Database, 'enginePool'>;
  clock: Clock;
}

/**
 * Takes one message out of the queue and releases its price: scheduled, waiting for a retry, or about to be claimed.
 *
 * @throws Refusal not-found for an id the account does not have, bad-request when the message has left the queue.
 */
export async function cancelMessage(
  { db, clock }: CancelParts,
  caller: Caller,
  { message_id }: Params<Endpoints['smsCancel']>,
): Promise<Answer<Endpoints['smsCancel']>> {
  const id = parseMessageId(message_id);
  if (id === null) throw unknown(message_id);
  const message = { accountId: caller.accountId, id };
  if (await cancelQueued(db.enginePool, { ...message, now: clock.now() })) {
    return { data: null, words: 'Cancelled.' };
  }
  const found = await findState(db.enginePool, message);
  if (found === null) throw unknown(message_id);
  throw new Refusal('bad-request', tooLate(found.status as Status), {
    fields: { message_id: tooLate(found.status as Status) },
  });
}

/**
 * Takes every message out of the queue that waits for a time its sender chose, all of the account's or those with a
 * custom_string. Those accepted after the call came in are left alone.
 */
export async function cancelAllScheduled(
  { db, clock }: CancelParts,
  caller: Caller,
  body: Body<Endpoints['smsCancelAll']>,
): Promise<Answer<Endpoints['smsCancelAll']>> {
  const now = clock.now();
  const which = {
    accountId: caller.accountId,
    now,
    beforeId: firstIdOf(now + 1),
    customString: body?.custom_string ?? null,
  };
  let count = 0;
  let cancelled: number;
  do {
    cancelled = await cancelScheduledChunk(db.enginePool, which);
    count += cancelled;
  } while (cancelled === CHUNK);
  return { data: { count }, words: `${count} cancelled.` };
}

const unknown = (id: string) => new Refusal('not-found', `There is no message ${id.slice(0, 40)}.`);

/** Why a message cannot be cancelled, in ClickSend's words for its state. */
function tooLate(status: Status): string {
  if (status === Status.cancelled) return 'This message was cancelled before.';
  if (status === Status.refused) return 'This message was not accepted, so there is nothing to cancel.';
  const { status_text } = showStatus({ status, attempts: 0, scheduled: false, errorCode: null, refusal: null });
  return `This message has left the queue and cannot be cancelled any more: ${status_text}`;
}
