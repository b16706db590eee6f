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

/** Lets the account send from `number` (E.164). `at` in ms. False = it could before. */
export async function addNumber(pool: Pool, accountId: number, number: string, at: number): Promise<boolean> {
  const { rowCount } = await pool.query(
    `insert into sender_numbers (account_id, number, created_at) values ($1, $2, $3) on conflict do nothing`,
    [accountId, number, at],
  );
  return rowCount === 1;
}

/** The numbers an account may send from, with when (ms) each was added, in the order of their digits. */
export async function listNumbers(pool: Pool, accountId: number): Promise<{ number: string; created_at: number }[]> {
  const { rows } = await pool.query(
    'select number, created_at from sender_numbers where account_id = $1 order by number',
    [accountId],
  );
  return rows;
}

/** False = it was none of the account's numbers. */
export async function removeNumber(pool: Pool, accountId: number, number: string): Promise<boolean> {
  const { rowCount } = await pool.query('delete from sender_numbers where account_id = $1 and number = $2', [
    accountId,
    number,
  ]);
  return rowCount === 1;
}
