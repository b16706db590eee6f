import type { Clock } from '@veredus/protocols/clock';
import type { Client, Pool } from '../db/transaction.ts';
import { inTransaction } from '../db/transaction.ts';
import type { CarrierReceipt, ReceiptState } from './carrier.ts';
import {
  candidateKeys,
  mayBeNumber,
  RECEIPT_STATES,
  type ReceiptIds,
  sameHandset,
  upstreamKey,
  verdictOf,
} from './receipt.ts';
import { Status } from './status.ts';
import { type Move, moveMessages } from './store-move.ts';
import {
  attachReceipts,
  findUpstream,
  type Orphan,
  orphans,
  recipientsOf,
  recordPart,
  type StoredReceipt,
  storeReceipts,
  type Unmoved,
  unknownMessages,
} from './store-receipts.ts';

export interface ReceiptParts {
  pool: Pool;
  clock: Clock;
  newId: () => string;
  carrierId: number;
  /** What the carrier's settings say; `auto` is found out. */
  receiptIds: ReceiptIds;
}

/** So many matches of one form, and none of another, before `auto` stops asking for all forms. */
const VOTES_TO_SETTLE = 20;
/** An orphan is tried against the UNKNOWN messages only after its response had this long to be written. */
const ORPHAN_PATIENCE_MS = 3_000;
const ORPHAN_WINDOW_MS = 600_000;
/** A carrier that reports what it never had must not cost a look through its orphans after every settled chunk. */
const ORPHAN_PAUSE_MS = 100;
const ORPHAN_CHUNK = 500;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

const handsetOf = (recipient: string | null): string | null => {
  const digits = recipient?.replace(/\D/g, '') ?? '';
  return digits === '' ? null : `+${digits}`;
};

const STATE_NAMES = new Map(Object.entries(RECEIPT_STATES).map(([name, number]) => [number, name as ReceiptState]));

/** Takes the receipts of one carrier: stores each as it came, finds its message, moves it. */
export function receiptTaker(parts: ReceiptParts) {
  const { pool, clock, carrierId } = parts;
  let form = parts.receiptIds;
  let votes: ReceiptIds = 'auto';
  let count = 0;
  let orphansSeen = true;
  /** Where the next look begins. They are gone through in turn: some never find a message, and must not hide the others. */
  let lookedAt = BEFORE_ALL;
  let lastLook = Number.NEGATIVE_INFINITY;

  /** Learns from a match that only one form explains. A contradiction starts the count again. */
  const vote = (upstreamId: string, matched: string) => {
    if (form !== 'auto' || (candidateKeys(upstreamId, 'auto').length < 2 && mayBeNumber(upstreamId))) return;
    const seen = (['same', 'decimal-of-hex', 'hex-of-decimal'] as const).filter(
      (f) => candidateKeys(upstreamId, f).includes(matched) && (f === 'same' || matched !== upstreamKey(upstreamId)),
    )[0];
    if (!seen) return;
    count = seen === votes ? count + 1 : 1;
    votes = seen;
    if (count >= VOTES_TO_SETTLE) form = seen;
  };

  /** The keys to look up. While the form is open every form is tried, and only an unambiguous match counts. */
  const chooseKeys = async (receipts: readonly CarrierReceipt[]): Promise<(string | null)[]> => {
    if (form !== 'auto') return receipts.map((r) => candidateKeys(r.upstreamId, form)[0] ?? null);
    const candidates = receipts.map((r) => candidateKeys(r.upstreamId, 'auto'));
    const found = await findUpstream(pool, carrierId, [...new Set(candidates.flat())]);
    const byKey = new Map(found.map((match) => [match.key, match]));
    return receipts.map((receipt, i) => {
      const known = candidates[i]!.flatMap((key) => byKey.get(key) ?? []);
      const matches = known.filter((match) => sameHandset(receipt.recipient, match.recipient));
      if (matches.length !== 1) return null;
      vote(receipt.upstreamId, matches[0]!.key);
      return matches[0]!.key;
    });
  };

  /** Stores a chunk; resolves when everything is committed. */
  const take = async (receipts: readonly CarrierReceipt[]): Promise<void> => {
    const keys = await chooseKeys(receipts);
    const best = new Map<string, number>();
    receipts.forEach((receipt, i) => {
      const held = best.get(receipt.upstreamId);
      if (held === undefined || rankOf(receipt) > rankOf(receipts[held]!)) best.set(receipt.upstreamId, i);
    });
    const stored = receipts.map((receipt, i): StoredReceipt => {
      const verdict = verdictOf(receipt);
      return {
        id: parts.newId(),
        key: keys[i]!,
        upstreamId: receipt.upstreamId,
        state: RECEIPT_STATES[receipt.state],
        target: verdict.status,
        errorCode: verdict.errorCode,
        error: receipt.error,
        handset: handsetOf(receipt.recipient),
        raw: receipt.raw.replaceAll('\u0000', ''),
        first: best.get(receipt.upstreamId) === i,
      };
    });
    const { unmoved, orphans: lost } = await storeReceipts(pool, stored, { carrierId, at: clock.now() });
    if (lost > 0) orphansSeen = true;
    if (unmoved.length > 0) await moveCarefully(unmoved, new Map(stored.map((s) => [s.id, s])));
  };

  /** Several parts, unusual states, a handset written differently: one row at a time, in one transaction. */
  const moveCarefully = (
    unmoved: readonly Unmoved[],
    byId: Map<string, Pick<StoredReceipt, 'state' | 'handset' | 'raw'>>,
  ) =>
    inTransaction(pool, async (run) => {
      const recipients = await recipientsOf(run, unmoved);
      for (const found of unmoved) {
        const receipt = byId.get(found.receiptId)!;
        const recipient = recipients.get(found.messageId);
        if (recipient === undefined || !sameHandset(receipt.handset, recipient)) {
          await attachReceipts(run, [{ receiptId: found.receiptId, accountId: null, messageId: null, status: null }]);
          continue;
        }
        await moveByReceipt(run, found, receipt.state);
      }
    });

  const moveByReceipt = async (run: Client, found: Unmoved, state: number) => {
    const verdict = verdictOf({ state: STATE_NAMES.get(state)! } as CarrierReceipt);
    const to =
      found.of > 1
        ? await recordPart(run, { carrierId, messageId: found.messageId, part: found.part, state })
        : verdict.status;
    if (to === null) return;
    const moved = await moveMessages(run, [receiptMove(found, to, verdict.errorCode)], {
      at: clock.now(),
      newId: parts.newId,
    });
    if (moved.size === 0) return;
    await attachReceipts(run, [
      { receiptId: found.receiptId, accountId: found.accountId, messageId: found.messageId, status: to },
    ]);
  };

  /** Tries again what found no message: its response may have been written since, or its id died with a node. */
  const matchOrphans = async (): Promise<number> => {
    if (!orphansSeen || clock.monotonic() - lastLook < ORPHAN_PAUSE_MS) return 0;
    lastLook = clock.monotonic();
    // Before looking, not after: what is stored meanwhile raises it again.
    orphansSeen = false;
    try {
      return await inTransaction(pool, matchWaiting);
    } catch (error) {
      orphansSeen = true;
      throw error;
    }
  };

  const matchWaiting = async (run: Client): Promise<number> => {
    const page = { since: clock.now() - ORPHAN_WINDOW_MS, after: lookedAt, limit: ORPHAN_CHUNK };
    const waiting = await orphans(run, carrierId, page);
    lookedAt = waiting.length < ORPHAN_CHUNK ? BEFORE_ALL : waiting.at(-1)!.id;
    if (waiting.length === 0 && page.after === BEFORE_ALL) return 0;
    orphansSeen = true;
    const candidates = waiting.map((o) => candidateKeys(o.upstreamId, form));
    const known = await findUpstream(run, carrierId, [...new Set(candidates.flat())]);
    const unknown = await unknownMessages(run, carrierId, [...new Set(waiting.flatMap((o) => o.handset ?? []))]);
    let matched = 0;
    for (const [i, orphan] of waiting.entries()) {
      const byId = known.filter((m) => candidates[i]!.includes(m.key) && sameHandset(orphan.handset, m.recipient));
      const found = byId.length === 1 ? byId[0]! : byId.length === 0 ? byContent(orphan, unknown, clock.now()) : null;
      if (!found) continue;
      const tie = { receiptId: orphan.id, accountId: found.accountId, messageId: found.messageId };
      await attachReceipts(run, [{ ...tie, status: null }]);
      await moveByReceipt(run, { ...tie, part: found.part, of: found.of }, orphan.state);
      matched += 1;
    }
    return matched;
  };

  return {
    take,
    matchOrphans,
    /** After a restart there may be orphans of an earlier life. */
    lookAgain: () => {
      orphansSeen = true;
    },
  };
}

export type ReceiptTaker = ReturnType<typeof receiptTaker>;

const rankOf = (receipt: CarrierReceipt): number => {
  const { status } = verdictOf(receipt);
  return status === null ? 0 : status === Status.delivered ? 2 : 1;
};

const receiptMove = (found: Unmoved, to: Status, errorCode: number | null): Move => ({
  id: found.messageId,
  accountId: found.accountId,
  to,
  proven: true,
  errorCode,
  words: null,
  acceptedParts: null,
  upstreamIds: [],
  carrierId: null,
  claimToken: null,
});

type Unknown = Awaited<ReturnType<typeof unknownMessages>>[number];

/**
 * The one UNKNOWN message a receipt with a lost id can speak of: same handset, sent before the receipt came, and the text
 * prefix that receipts carry agrees. Two that fit are none.
 */
function byContent(orphan: Orphan, unknown: Unknown[], now: number) {
  if (orphan.handset === null || now - orphan.receivedAt < ORPHAN_PATIENCE_MS) return null;
  const prefix = /text:(.*)$/is.exec(orphan.raw)?.[1]?.trim().slice(0, 20) ?? '';
  const fits = unknown.filter(
    (m) =>
      sameHandset(orphan.handset, m.recipient) &&
      m.createdAt <= orphan.receivedAt &&
      (prefix === '' || !/^[\x20-\x7e]+$/.test(prefix) || m.body.startsWith(prefix)),
  );
  if (fits.length !== 1) return null;
  return { accountId: fits[0]!.accountId, messageId: fits[0]!.id, part: 1, of: 1 };
}
