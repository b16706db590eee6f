import type { Client, Pool } from '../db/transaction.ts';
import type { RateRow } from './rate-card.ts';

/** Every row of the rate card, of every channel, past and future ones too. */
export async function readRates(pool: Pool): Promise<RateRow[]> {
  const { rows } = await pool.query(
    'select rate_id, channel, country, prefix, price_micro, valid_from, valid_to from rates order by rate_id',
  );
  return rows;
}

/** The rows that count at `at` (ms) or will later, as a person looks them up. `example` = came with the product. */
export async function listRates(pool: Pool, at: number): Promise<(RateRow & { example: boolean })[]> {
  const { rows } = await pool.query(
    `select rate_id, channel, country, prefix, price_micro, valid_from, valid_to, example from rates
     where valid_to is null or valid_to > $1 order by channel, country, prefix, valid_from, rate_id`,
    [at],
  );
  return rows;
}

/** Held to the end of the transaction: of two edits at once the second ends the row of the first. Readers do not wait. */
export async function lockRates(client: Client): Promise<void> {
  await client.query('lock table rates in share row exclusive mode');
}

/**
 * Ends what counts at `at` (ms) for exactly this country, or this prefix. Of a row with a prefix the country is only a
 * label, so one with another label ends too. Rows that begin later stay. Answers how many ended.
 */
export async function endRates(client: Client, rate: Pick<RateRow, 'channel' | 'country' | 'prefix'>, at: number) {
  const { rowCount } = await client.query(
    `update rates set valid_to = $4 where channel = $1 and prefix = $3 and (country = $2 or prefix <> '')
       and valid_from <= $4 and (valid_to is null or valid_to > $4)`,
    [rate.channel, rate.country, rate.prefix, at],
  );
  return rowCount ?? 0;
}

/** Stores a rate of the owner's own, which counts from `at` (ms) on. */
export async function insertRate(
  client: Client,
  rate: Pick<RateRow, 'channel' | 'country' | 'prefix' | 'price_micro'>,
  at: number,
): Promise<void> {
  await client.query(
    `insert into rates (channel, country, prefix, price_micro, valid_from, example) values ($1, $2, $3, $4, $5, false)`,
    [rate.channel, rate.country, rate.prefix, rate.price_micro, at],
  );
}
