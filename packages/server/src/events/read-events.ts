import { EVENTS_KEPT_DAYS, type EventReset } from '@veredus/contract/endpoints/events';
import type { Clock } from '@veredus/protocols/clock';
import type { Database } from '../db/db.ts';
import { asAccountClient, type Runner } from '../db/runner.ts';
import { type Cursor, parseCursor, presentCursor } from './cursor.ts';
import { type EventRow, findEvents, findPlace, type NamedMessage, nameMessages, readHorizon } from './store.ts';

export interface ReadParts {
  db: Pick<Database, 'appPool'>;
  clock: Clock;
}

/** One thing that happened: a message's new state, or anything else, whose facts go as they are. */
export type Happening = {
  /** The place behind it. */
  readonly cursor: Cursor;
  readonly kind: string;
  /** ms. */
  readonly at: number;
} & (
  | { readonly message: null; readonly facts: Record<string, unknown> }
  | { readonly message: { id: string; status: number; errorCode: number | null; named: NamedMessage | null } }
);

export interface EventPage {
  readonly happenings: readonly Happening[];
  /** Where to go on from. */
  readonly next: Cursor;
  /** Whether the page was full: the rest can be read at once. */
  readonly more: boolean;
}

export interface Start {
  readonly cursor: Cursor;
  /** Why the place that was named is not the one to start from: then it is the present. */
  readonly reset: EventReset | null;
}

export const EVENTS_KEPT_MS = EVENTS_KEPT_DAYS * 86_400_000;

/**
 * Where to begin: at the place a caller names, else in the present. A place is gone on from only where it can be shown that
 * nothing between it and now is missing; for every other the answer says why, and nothing is left out in silence.
 */
export function startAt({ db, clock }: ReadParts, accountId: number, named: string | null): Promise<Start> {
  return asAccountClient(db, accountId, async (client) => {
    const { xmin, newest } = await readHorizon(client, accountId);
    const present = presentCursor(newest, clock.now());
    if (named === null) return { cursor: present, reset: null };
    const cursor = parseCursor(named);
    const reset = cursor === null ? 'malformed' : await resetOf(client, accountId, cursor, xmin, clock.now());
    return { cursor: reset === null ? cursor! : present, reset };
  });
}

/**
 * A database that was restored has forgotten transactions, and counts their numbers again for others. So the event a cursor
 * stands behind must be there and be final; for the present it is the newest of the account at that time.
 */
async function resetOf(
  run: Runner,
  accountId: number,
  cursor: Cursor,
  xmin: string,
  now: number,
): Promise<EventReset | null> {
  const behindEvent = cursor.eventId > 0;
  const [own, oldest] = [BigInt(cursor.xact), BigInt(xmin)];
  if (behindEvent ? own >= oldest : own > oldest) return 'ahead';
  const since = now - EVENTS_KEPT_MS;
  if (!behindEvent && cursor.n * 1_000 < since) return 'expired';
  // Nothing had happened to the account, so whatever is there came behind.
  if (!behindEvent && own === 0n) return null;
  const at = await findPlace(run, accountId, cursor);
  return at === null || (behindEvent && at < since) ? 'expired' : null;
}

/**
 * The account's events behind a cursor, in their final order. Numbers are given out before commits are made, so a number
 * alone would hide what commits late behind what was read early; below the oldest transaction under way nothing can come.
 */
export function readEvents(
  { db, clock }: ReadParts,
  accountId: number,
  from: { cursor: Cursor; kinds: readonly string[] | null; most: number },
): Promise<EventPage> {
  const { cursor, most } = from;
  return asAccountClient(db, accountId, async (client) => {
    const { xmin, newest } = await readHorizon(client, accountId);
    const now = clock.now();
    const skip = cursor.eventId > 0 ? cursor.n + 1 : 0;
    const rows = await findEvents(client, accountId, { ...from, xmin, skip });
    const found = rows.flatMap((row) => {
      const seen = row.xact === cursor.xact && row.event_id === cursor.eventId ? skip : 0;
      return happeningsOf(row).slice(seen);
    });
    const happenings = await named(client, accountId, found.slice(0, most));
    const more = found.length >= most;
    return { happenings, more, next: more ? happenings.at(-1)!.cursor : presentCursor(newest, now) };
  });
}

function happeningsOf(row: EventRow): Happening[] {
  const { xact, event_id: eventId, kind, at, message_ids: ids } = row;
  if (ids === null) return [{ cursor: { xact, eventId, n: 0 }, kind, at, message: null, facts: row.facts ?? {} }];
  return ids.map((id, n) => ({
    cursor: { xact, eventId, n },
    kind,
    at,
    message: { id, status: row.statuses?.[n] ?? 0, errorCode: row.error_codes?.[n] ?? null, named: null },
  }));
}

/** With what else is shown of each message: one look-up for the page. */
async function named(run: Runner, accountId: number, found: readonly Happening[]): Promise<Happening[]> {
  const names = await nameMessages(
    run,
    accountId,
    found.flatMap(({ message }) => message?.id ?? []),
  );
  return found.map((one) =>
    one.message === null ? one : { ...one, message: { ...one.message, named: names.get(one.message.id) ?? null } },
  );
}
