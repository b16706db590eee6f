import type { Clock } from '@veredus/protocols/clock';
import { inTransaction, type Pool } from '../db/transaction.ts';
import { receiptOf } from './receipts.ts';
import { insertDeliveries } from './store-queue.ts';
import { takeStaleParts } from './store-submits.ts';

export interface ExpireParts {
  pool: Pool;
  clock: Clock;
  newId: () => string;
  log(event: string, facts: Record<string, unknown>): void;
}

/**
 * Gives up parts of long texts whose other parts have not come in time: each is told as undeliverable, where that was asked
 * for, and its text is forgotten. How many.
 */
export async function expireParts(parts: ExpireParts, waitMs: number, limit: number): Promise<number> {
  const at = parts.clock.now();
  const stale = await inTransaction(parts.pool, async (client) => {
    const taken = await takeStaleParts(client, at - waitMs, limit);
    const end = { state: 'undeliverable' as const, errorCode: null, at, messageId: null };
    const receipts = taken.flatMap(
      (part) => receiptOf({ ...part, submitId: part.id, submittedAt: part.at }, end, parts.newId) ?? [],
    );
    await insertDeliveries(client, receipts);
    return taken;
  });
  for (const [system_id, mine] of Map.groupBy(stale, (part) => part.systemId)) {
    parts.log('smpp.parts-incomplete', { system_id, parts: mine.length });
  }
  return stale.length;
}
