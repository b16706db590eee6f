import pg from 'pg';

/** One connection of its own, outside the pools and their roles, for as long as `run` takes. */
export async function withClient<T>(
  url: string,
  run: (client: pg.Client) => Promise<T>,
  options: pg.ClientConfig = {},
): Promise<T> {
  const client = new pg.Client({ connectionString: url, ...options });
  // A connection that breaks fails the statement after it; unheard, it would end the process.
  client.on('error', () => {});
  await client.connect();
  try {
    return await run(client);
  } finally {
    await client.end();
  }
}
