import { STATUS } from '@veredus/protocols/smpp/status';
import type { Caller } from '../../accounts/caller.ts';
import { SMS_VALIDITY_MS, type SmsParts, sendSms } from '../../channels/sms/send.ts';
import { inTransaction } from '../../db/transaction.ts';
import { showSubmitId } from '../../esmes/receipts.ts';
import { countWaitingParts, findWaitingParts, insertSubmits, lockTexts } from '../../esmes/store-submits.ts';
import { answerOf, answerOfFailure } from './answer-codes.ts';
import { type KeepFacts, keepSubmits, PartsMoved, submitOf } from './keep-submits.ts';
import { gather, messageOf, type Piece, type Run, sortPieces, type Text } from './pieces.ts';

export interface TakeParts extends SmsParts {
  log(event: string, facts: Record<string, unknown>): void;
}

export interface Submitter {
  systemId: string;
  caller: Caller;
}

/** Parts of one text come close together; those that wait longer are given up (esmes/expire-parts.ts). */
export const PARTS_WAIT_MS = 60_000;
/** So many parts of one ESME may wait: they cost nothing until their text is whole. */
export const MOST_PARTS_WAITING = 1_000;
/** How often parts may be found to have gone elsewhere before the client is asked to come again. */
const TRIES = 3;

/**
 * Takes submits of one ESME and answers each (`answer` of the piece): whole texts become messages in one call of the common way
 * in; parts of longer ones are stored, and become a message with the last of them.
 */
export async function takeSubmits(parts: TakeParts, from: Submitter, pieces: readonly Piece[]): Promise<void> {
  for (let tries = 1; ; tries++) {
    const open = pieces.filter(({ answer }) => answer === null);
    if (open.length === 0) return;
    if (tries > TRIES) return answerAll(open, STATUS.ESME_RMSGQFUL);
    await takeOnce(parts, from, open);
  }
}

async function takeOnce(parts: TakeParts, from: Submitter, pieces: readonly Piece[]): Promise<void> {
  const sorted = sortPieces(pieces);
  // Another said the same place of the same text differently in the same breath: one of them is a mistake.
  answerAll(sorted.odd, STATUS.ESME_RSUBMITFAIL);
  const joined = sorted.runs.length === 0 ? [] : await storeRuns(parts, from, sorted.runs);
  const groups = Map.groupBy([...sorted.texts, ...joined], ({ last }) => last.validityMs);
  // At the same time, so that they share a commit.
  await Promise.all([...groups].map(([validityMs, texts]) => sendTexts(parts, from, texts, validityMs)));
}

/**
 * Stores parts that wait for others, and answers them; gives the texts that are whole with what waits in the table. Two
 * sessions with the last two parts look one after the other, so that the second finds the text whole.
 */
async function storeRuns(parts: TakeParts, from: Submitter, runs: readonly Run[]): Promise<Text[]> {
  const facts = factsOf(parts, from);
  try {
    return await inTransaction(parts.pool, async (client) => {
      await lockTexts(
        client,
        facts,
        runs.map(({ name }) => name),
      );
      const since = facts.at - PARTS_WAIT_MS;
      const keys = runs.map(({ key }) => key);
      const waiting = await findWaitingParts(client, facts, keys, since);
      const gathered = runs.map((run) =>
        gather(
          run,
          waiting.filter((row) => isOf(row, run)),
        ),
      );
      const parted = gathered.flatMap(({ rest }) => rest);
      const room = parted.length === 0 ? 0 : MOST_PARTS_WAITING - (await countWaitingParts(client, facts, since));
      const stored = parted.slice(0, Math.max(0, room));
      await insertSubmits(
        client,
        stored.map((piece) => submitOf(piece, null, facts)),
      );
      return { gathered, stored, tooMany: parted.slice(stored.length) };
    }).then(({ gathered, stored, tooMany }) => {
      for (const piece of stored) piece.answer = { status: STATUS.ESME_ROK, messageId: showSubmitId(piece.id) };
      answerAll(tooMany, STATUS.ESME_RMSGQFUL);
      for (const { odd } of gathered) answerAll(odd, STATUS.ESME_RSUBMITFAIL);
      return gathered.flatMap(({ texts }) => texts);
    });
  } catch (error) {
    fail(
      parts,
      from,
      runs.flatMap(({ pieces }) => pieces),
      { error, doubtful: false },
    );
    return [];
  }
}

const isOf = (
  row: { source: string; destination: string; part: { reference: number; of: number } | null },
  { key }: Run,
): boolean =>
  row.source === key.source &&
  row.destination === key.destination &&
  row.part?.reference === key.reference &&
  row.part.of === key.of;

/** One call of the common way in. Answers are set only once it is known what was committed. */
async function sendTexts(
  parts: TakeParts,
  from: Submitter,
  texts: readonly Text[],
  validityMs: number | null,
): Promise<void> {
  const facts = factsOf(parts, from);
  /** Whether the messages were in the transaction when it failed: then its commit may have gone through all the same. */
  let stored = false;
  try {
    const { rows } = await sendSms(parts, from.caller, {
      messages: texts.map(messageOf),
      key: null,
      ...validityOf(validityMs),
      async within(run, rows) {
        stored = false;
        await keepSubmits(run, texts, rows, facts);
        stored = true;
      },
    });
    for (const [i, text] of texts.entries()) {
      const row = rows[i]!;
      for (const piece of text.pieces) {
        const id = piece.submit.join === null ? row.id : piece.id;
        const status = answerOf(row.refusal);
        piece.answer = { status, messageId: status === 0 ? showSubmitId(id) : '' };
      }
    }
  } catch (error) {
    // Left without an answer they are looked at anew.
    if (error instanceof PartsMoved) return;
    fail(
      parts,
      from,
      texts.flatMap(({ pieces }) => pieces),
      { error, doubtful: stored },
    );
  }
}

/** A validity only shortens. */
const validityOf = (validityMs: number | null) =>
  validityMs === null ? {} : { validityMs: Math.min(validityMs, SMS_VALIDITY_MS) };

function fail(
  parts: TakeParts,
  { systemId }: Submitter,
  pieces: readonly Piece[],
  { error, doubtful }: { error: unknown; doubtful: boolean },
): void {
  const status = answerOfFailure(error, doubtful);
  if (status === null) parts.log('smpp.fault', { system_id: systemId, error: (error as Error).message });
  answerAll(pieces, status ?? STATUS.ESME_RSYSERR);
}

function answerAll(pieces: readonly Piece[], status: number): void {
  for (const piece of pieces) piece.answer ??= { status, messageId: '' };
}

const factsOf = ({ clock, newId }: TakeParts, { systemId, caller }: Submitter): KeepFacts => ({
  accountId: caller.accountId,
  systemId,
  at: clock.now(),
  newId,
});
