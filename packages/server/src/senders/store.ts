import { texts } from '../db/arrays.ts';
import type { Pool } from '../db/transaction.ts';

/** Which of these numbers the account may use as senders. */
export async function ownNumbers(pool: Pool, accountId: number, numbers: readonly string[]): Promise<Set<string>> {
  const { rows } = await pool.query(
    'select number from sender_numbers where account_id = $1 and number = any($2::text[])',
    [accountId, texts(numbers)],
  );
  return new Set(rows.map((row) => row.number));
}
