import type { Runner } from '../db/runner.ts';
import { DeliveryKind } from './delivery.ts';
import { esmeExists, insertDeliveries } from './store-queue.ts';

/** A text from a handset that an ESME is to have. */
export interface ForwardedText {
  accountId: number;
  systemId: string;
  from: string;
  to: string;
  body: string;
  /** The inbound text's id. */
  subjectId: string;
}

/**
 * Queues a text for an ESME of the account, in the caller's transaction; it goes out by whichever node the ESME is bound to.
 * One that is disabled keeps its place in the queue, as one that is not bound does: 72 hours.
 */
export async function forwardToEsme(
  run: Runner,
  text: ForwardedText,
  facts: { at: number; newId: () => string },
): Promise<'queued' | 'no-such-esme'> {
  if (!(await esmeExists(run, text.accountId, text.systemId))) return 'no-such-esme';
  await insertDeliveries(run, [
    {
      id: facts.newId(),
      accountId: text.accountId,
      systemId: text.systemId,
      kind: DeliveryKind.text,
      subjectId: text.subjectId,
      source: text.from,
      destination: text.to,
      body: text.body,
      facts: {},
      createdAt: facts.at,
    },
  ]);
  return 'queued';
}
