import type { Runner } from '../../db/runner.ts';
import { receiptOf } from '../../esmes/receipts.ts';
import { insertDeliveries } from '../../esmes/store-queue.ts';
import { closeParts, insertSubmits, type Submit, type TextOf } from '../../esmes/store-submits.ts';
import type { NewMessage } from '../../messages/message.ts';
import type { Piece, Text } from './pieces.ts';

/** A part that this text was to be made of is another's meanwhile: nothing of it may be stored. */
export class PartsMoved extends Error {}

export interface KeepFacts extends TextOf {
  at: number;
  newId: () => string;
}

/**
 * Within the transaction that stores the messages of these texts: remembers what was submitted for each, and closes the parts
 * that waited for it. Those of a text that was refused were answered when they came; a receipt says what became of them.
 * @throws PartsMoved where a waiting part is no more, which undoes the message.
 */
export async function keepSubmits(
  run: Runner,
  texts: readonly Text[],
  rows: readonly NewMessage[],
  facts: KeepFacts,
): Promise<void> {
  const submits = texts.flatMap((text, i) => (rows[i]!.refusal === null ? submitsOf(text, rows[i]!.id, facts) : []));
  await insertSubmits(run, submits);
  const lost: Submit[] = [];
  for (const [i, text] of texts.entries()) {
    if (text.rows.length === 0 && text.superseded.length === 0) continue;
    const taken = rows[i]!.refusal === null;
    await closeAll(run, text.rows, taken ? rows[i]!.id : null);
    await closeAll(run, text.superseded, null);
    lost.push(...(taken ? [] : text.rows), ...text.superseded);
  }
  await insertDeliveries(run, refusals(lost, facts));
}

async function closeAll(run: Runner, parts: readonly Submit[], messageId: string | null): Promise<void> {
  const closed = await closeParts(
    run,
    parts.map(({ id }) => id),
    messageId,
  );
  if (closed !== parts.length) throw new PartsMoved('Parts of this text were joined or given up meanwhile.');
}

const refusals = (parts: readonly Submit[], { at, newId }: KeepFacts) =>
  parts.flatMap(
    (part) =>
      receiptOf(
        { ...part, submitId: part.id, submittedAt: part.at },
        { state: 'rejected', errorCode: null, at, messageId: null },
        newId,
      ) ?? [],
  );

function submitsOf(text: Text, messageId: string, facts: KeepFacts): Submit[] {
  return text.pieces.map((piece) => submitOf(piece, messageId, facts));
}

/** What is stored of a submit; without a message it is a part that waits, with its body. */
export function submitOf(piece: Piece, messageId: string | null, { accountId, systemId, at }: KeepFacts): Submit {
  const { submit } = piece;
  const { join } = submit;
  const waits = messageId === null;
  return {
    id: join === null && !waits ? messageId : piece.id,
    accountId,
    systemId,
    messageId,
    at,
    registered: submit.registered,
    source: submit.source,
    destination: submit.destination,
    part: join && { ...join, body: waits ? submit.body : null },
  };
}
