import { inTransaction } from '../db/transaction.ts';
import { gate } from '../gate.ts';
import type { Task } from '../periodic.ts';
import { checkStored, recordState } from './check-stored.ts';
import type { ConnectionParts } from './parts.ts';
import { resealOldKeys } from './rotate-vault.ts';
import { dropLinks, dropNeverConnected, lockOverdue, takeDue } from './store-due.ts';
import { type StoredConnection, setState } from './store-state.ts';

/** Taken in one turn, and asked at once. */
const CHUNK = 40;
const AT_ONCE = 4;
/** Longer than a chunk takes even where every target is silent for its 45 s: 40 / 4 × 45 s, and some. */
const TAKEN_MS = 10 * 60_000;
const SWEEP_LIMIT = 1_000;
const LINKS_KEPT_MS = 86_400_000;
const NEVER_CONNECTED_KEPT_MS = 30 * 86_400_000;

export const UNUSED_REASON = 'Its link was not used in time: ask for a new one.';
const SILENT_REASON =
  'The target could not be reached for an hour, so nobody could say whether the credentials are right.';

/** What a node that works does for connections again and again. */
export function connectionTasks(parts: ConnectionParts): Task[] {
  const { pool, clock } = parts;
  return [
    { name: 'check connections', everyMs: 5_000, full: CHUNK, run: () => recheckDue(parts) },
    { name: 'expire connections', everyMs: 10_000, full: SWEEP_LIMIT, run: () => expireOverdue(parts) },
    {
      name: 'finish vault rotation',
      everyMs: 600_000,
      run: async () => {
        const { resealed, unreadable } = await resealOldKeys(parts);
        if (resealed + unreadable > 0) parts.log('vault.resealed', { resealed, unreadable });
      },
    },
    {
      name: 'drop old connect links',
      everyMs: 600_000,
      full: SWEEP_LIMIT,
      run: () => dropLinks(pool, clock.now() - LINKS_KEPT_MS, SWEEP_LIMIT),
    },
    {
      name: 'drop connections nobody made',
      everyMs: 3_600_000,
      full: SWEEP_LIMIT,
      run: () => dropNeverConnected(pool, clock.now() - NEVER_CONNECTED_KEPT_MS, SWEEP_LIMIT),
    },
  ];
}

/** Tries the credentials whose turn it is. Answers how many there were. */
export async function recheckDue(parts: ConnectionParts): Promise<number> {
  const now = parts.clock.now();
  const due = await takeDue(parts.pool, { now, until: now + TAKEN_MS, limit: CHUNK });
  const turn = gate(AT_ONCE);
  const checks = due.map((row) =>
    turn(() => checkStored(parts, row)).catch((error: Error) => {
      parts.log('connection.check_failed', { connection_id: row.connection_id, error: error.message });
    }),
  );
  await Promise.all(checks);
  return due.length;
}

/** Gives up on those that waited too long. Answers how many. */
export async function expireOverdue(parts: ConnectionParts): Promise<number> {
  const at = parts.clock.now();
  return inTransaction(parts.pool, async (run) => {
    const rows = await lockOverdue(run, at, SWEEP_LIMIT);
    for (const row of rows) {
      const { status, action, reason } = endOf(row);
      const erase = row.status === 'INITIALIZING';
      await setState(run, { accountId: row.account_id, id: row.connection_id, at }, { status, reason, erase });
      await recordState(run, row, { at, action, reason });
    }
    return rows.length;
  });
}

function endOf({ status }: StoredConnection) {
  return status === 'INITIATED'
    ? ({ status: 'EXPIRED', action: 'connection.expired', reason: UNUSED_REASON } as const)
    : ({ status: 'FAILED', action: 'connection.failed', reason: SILENT_REASON } as const);
}
