import { type MessageState, stateNumber, writeReceipt } from '@veredus/protocols/smpp/receipts';
import type { Runner } from '../db/runner.ts';
import { DeliveryKind, type NewDelivery } from './delivery.ts';
import { findAskedReceipts, insertDeliveries } from './store-queue.ts';

/** A message that has come to its end. `status` as in messages/status.ts, which is a floor above. */
export interface MovedMessage {
  accountId: number;
  messageId: string;
  status: number;
  errorCode: number | null;
  at: number;
}

/** Ends of a message in SMPP's words; a state that is none has no receipt. */
const STATES: Readonly<Record<number, MessageState>> = {
  3: 'delivered',
  4: 'undeliverable',
  5: 'expired',
  6: 'deleted',
  8: 'rejected',
  9: 'undeliverable',
};

/** The two lowest bits of registered_delivery (SMPP 3.4 §5.2.17; 3 is success only since 5.0). */
const wants = (registered: number, state: MessageState): boolean =>
  registered === 1 || registered === (state === 'delivered' ? 3 : 2);

/** The form an id has in answers and receipts: that of REST's message_id. */
export const showSubmitId = (id: string): string => id.toUpperCase();

/** The delivery that tells an ESME what became of one of its submits; null where it did not ask for that. */
export function receiptOf(
  submit: {
    submitId: string;
    accountId: number;
    systemId: string;
    source: string;
    destination: string;
    submittedAt: number;
    registered: number;
  },
  end: { state: MessageState; errorCode: number | null; at: number; messageId: string | null },
  newId: () => string,
): NewDelivery | null {
  if (!wants(submit.registered, end.state)) return null;
  const messageId = showSubmitId(submit.submitId);
  const error = String((end.errorCode ?? 0) % 1000).padStart(3, '0');
  return {
    id: newId(),
    accountId: submit.accountId,
    systemId: submit.systemId,
    kind: DeliveryKind.receipt,
    subjectId: end.messageId,
    // It comes from the handset and goes to whoever wrote to it.
    source: submit.destination,
    destination: submit.source,
    body: writeReceipt({
      messageId,
      state: end.state,
      error,
      submittedAt: submit.submittedAt,
      doneAt: end.at,
      text: '',
    }),
    facts: { receipted_message_id: messageId, message_state: stateNumber(end.state) },
    createdAt: end.at,
  };
}

/**
 * Queues a receipt for each submit of an ESME whose message is among these and that asked for one; how many. Messages that no
 * ESME submitted are skipped. A text that was submitted in parts has a receipt for each of them.
 */
export async function receiptsForEsmes(
  run: Runner,
  moved: readonly MovedMessage[],
  newId: () => string,
): Promise<number> {
  const ended = moved.filter(({ status }) => status in STATES);
  if (ended.length === 0) return 0;
  const asked = await findAskedReceipts(run, ended);
  const queued = asked.flatMap((submit) => {
    const { accountId, messageId, status, errorCode, at } = ended[submit.position]!;
    const end = { state: STATES[status]!, errorCode, at, messageId };
    return receiptOf({ ...submit, accountId }, end, newId) ?? [];
  });
  await insertDeliveries(run, queued);
  return queued.length;
}
