import type { Pool } from '../db/transaction.ts';
import type { RateRow } from './rate-card.ts';

/** Every row of the rate card, of every channel, past and future ones too. */
export async function readRates(pool: Pool): Promise<RateRow[]> {
  const { rows } = await pool.query(
    'select rate_id, channel, country, prefix, price_micro, valid_from, valid_to from rates order by rate_id',
  );
  return rows;
}
