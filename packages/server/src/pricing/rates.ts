import type { Clock } from '@veredus/protocols/clock';
import type { Pool } from '../db/transaction.ts';
import { buildRateCard, type RateCard } from './rate-card.ts';
import { readRates } from './store.ts';

/** An edit of the rate card counts on every node within this time; prices are frozen per message at accept. */
const REFRESH_MS = 15_000;

/** The rate card of one channel as it stands now, kept in memory. */
export async function openRates(parts: {
  pool: Pool;
  clock: Clock;
  channel: string;
  log(event: string, facts: object): void;
}) {
  const { pool, clock, channel } = parts;
  let rows = await readRates(pool);
  let card = buildRateCard(rows, clock.now(), channel);
  let closed = false;

  const refresh = async () => {
    rows = await readRates(pool);
    card = buildRateCard(rows, clock.now(), channel);
  };
  const tick = async () => {
    await refresh().catch((error: Error) => parts.log('rates.not-refreshed', { error: error.message }));
    if (!closed) cancel = clock.after(REFRESH_MS, tick);
  };
  let cancel = clock.after(REFRESH_MS, tick);

  return {
    current(): RateCard {
      if (card.validUntil !== null && clock.now() >= card.validUntil) card = buildRateCard(rows, clock.now(), channel);
      return card;
    },
    refresh,
    close(): void {
      closed = true;
      cancel();
    },
  };
}

export type Rates = Awaited<ReturnType<typeof openRates>>;
