import type { Database } from './db.ts';
import { type Client, inTransaction } from './transaction.ts';

/** What runs a statement written out by hand: a pool (its own transaction) or a client inside one. */
export type Runner = Pick<Client, 'query'>;

/** `asAccount` for statements written out by hand: one transaction in which the rows of this account, and no others, exist. */
export function asAccountClient<T>(
  db: Pick<Database, 'appPool'>,
  accountId: number,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  return inTransaction(db.appPool, async (client) => {
    await client.query(`select set_config('veredus.account_id', $1, true)`, [String(accountId)]);
    return work(client);
  });
}

/**
 * The same for reading only, in which nothing changes: a total and the rows counted off against it are of the same moment.
 * `timeLimitMs` is for each statement; PostgreSQL throws 57014 when it strikes.
 */
export function inSnapshotAs<T>(
  db: Pick<Database, 'appPool'>,
  accountId: number,
  timeLimitMs: number,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  return inTransaction(db.appPool, async (client) => {
    await client.query('set transaction isolation level repeatable read, read only');
    await client.query(`select set_config('veredus.account_id', $1, true), set_config('statement_timeout', $2, true)`, [
      String(accountId),
      String(timeLimitMs),
    ]);
    return work(client);
  });
}
