import type { Pool } from '../db/transaction.ts';
import type { RateRow } from './rate-card.ts';

/** Every row of the rate card, of every channel, past and future ones too. */
export async function readRates(pool: Pool): Promise<RateRow[]> {
  const { rows } = await pool.query(
    'select rate_id, channel, country, prefix, price_micro, valid_from, valid_to from rates order by rate_id',
  );
  return rows;
}

/** Adds a row to the rate card: rows are never changed, so that the card of an earlier day can still be read. */
export async function addRate(pool: Pool, row: Omit<RateRow, 'rate_id' | 'valid_to'>): Promise<void> {
  await pool.query(
    'insert into rates (channel, country, prefix, price_micro, valid_from) values ($1, $2, $3, $4, $5)',
    [row.channel, row.country, row.prefix, row.price_micro, row.valid_from],
  );
}
