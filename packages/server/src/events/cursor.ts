/**
 * A place among the events of an account. Events are in the order of (xact, eventId), and what lies below the oldest
 * transaction under way is final. Two sorts of places:
 *
 * - behind an event: `n` is which of the messages of its row, counted from 0;
 * - the present, with eventId 0: behind every transaction below `xact`; `n` is when that was said, in Unix seconds.
 */
export interface Cursor {
  /** A 64-bit transaction number: text, since a number could not hold all of them. */
  readonly xact: string;
  readonly eventId: number;
  readonly n: number;
}

/** The most that xid8 holds. */
const MOST_XACT = 2n ** 64n - 1n;
/** Beyond what any row holds messages. */
const MOST_IN_ROW = 100_000;

export const writeCursor = ({ xact, eventId, n }: Cursor): string => `${xact}-${eventId}-${n}`;

/** Null = none that we have written. */
export function parseCursor(text: string): Cursor | null {
  const parts = /^(\d{1,20})-(\d{1,16})-(\d{1,11})$/.exec(text.trim());
  if (parts === null) return null;
  const xact = BigInt(parts[1]!);
  const eventId = Number(parts[2]);
  const n = Number(parts[3]);
  if (xact > MOST_XACT || !Number.isSafeInteger(eventId) || (eventId > 0 && n > MOST_IN_ROW)) return null;
  return { xact: String(xact), eventId, n };
}

/** The place behind everything of the transactions up to `newest`; null = nothing has happened yet. */
export function presentCursor(newest: string | null, now: number): Cursor {
  return { xact: newest === null ? '0' : String(BigInt(newest) + 1n), eventId: 0, n: Math.floor(now / 1_000) };
}
