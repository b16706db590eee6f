import type pg from 'pg';

/** The driver's types by our names, for those who only hand them on. */
export type Pool = pg.Pool;
export type Client = pg.PoolClient;

/** Runs `work` within the transaction of `run`: when it throws, only what it did is undone, and the transaction goes on. */
export async function undoable<T>(run: Pick<Client, 'query'>, work: () => Promise<T>): Promise<T> {
  await run.query('savepoint undoable');
  try {
    return await work();
  } catch (error) {
    await run.query('rollback to savepoint undoable');
    throw error;
  }
}

/** Runs `work` in one transaction on a client of the pool: committed when it resolves, rolled back when it throws. */
export async function inTransaction<T>(pool: Pool, work: (client: Client) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((failure: Error) => {
      broken = failure;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
