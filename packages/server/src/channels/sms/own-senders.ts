import type { Pool } from '../../db/transaction.ts';
import { ownNumbers } from '../../senders/store.ts';
import type { Sender } from './senders.ts';

/** Which of the numbers among these senders are the account's. */
export async function ownAmong(
  pool: Pool,
  accountId: number,
  senders: readonly (Sender | null)[],
): Promise<ReadonlySet<string>> {
  const numbers = new Set<string>();
  for (const sender of senders) if (sender?.kind === 'number') numbers.add(sender.sender);
  return numbers.size === 0 ? numbers : ownNumbers(pool, accountId, [...numbers]);
}
