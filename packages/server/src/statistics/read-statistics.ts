import type { Endpoints } from '@veredus/contract/endpoints';
import type { Clock } from '@veredus/protocols/clock';
import type { Answer } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import { asAccount, type Database } from '../db/db.ts';
import { Status } from '../messages/status.ts';
import { currencyOf } from '../pricing/currencies.ts';
import { toNumber } from '../pricing/money.ts';
import { type CountedDay, readDays, readInboundDays } from './store.ts';

export interface StatisticsParts {
  db: Database;
  clock: Clock;
}

const DAYS = 30;
const DAY_SECONDS = 86_400;

/** States of messages that went out, or were tried and failed on the way. */
const OUTBOUND = new Set<Status>([Status.submitted, Status.delivered, Status.failed, Status.expired, Status.partial]);
/** Of these, the states of messages that no handset has and none will. */
const BOUNCED = new Set<Status>([Status.failed, Status.expired, Status.partial]);

interface Sums {
  outbound: number;
  priceMicro: number;
  inbound: number;
  bounced: number;
}

/**
 * The account's SMS of today and the 29 UTC days before it, oldest first, days without traffic included. A message counts
 * on the day it was accepted, once it has left the queue; waiting, cancelled, refused and unknown ones do not. Its price is
 * what was charged, as the statistics have it.
 *
 * The days come as `stats` and, for older readers of ClickSend's v3, as `stat`; the currency likewise under both its names.
 */
export async function readSmsStatistics(
  { db, clock }: StatisticsParts,
  caller: Caller,
): Promise<Answer<Endpoints['smsStatistics']>> {
  const today = Math.floor(clock.now() / 1000 / DAY_SECONDS);
  const first = today - DAYS + 1;
  const days = new Map(Array.from({ length: DAYS }, (_, i) => [first + i, empty()]));
  await asAccount(db, caller.accountId, async (tx) => {
    for (const counted of await readDays(tx, caller.accountId, first)) add(days.get(counted.day), counted);
    for (const { day, messages } of await readInboundDays(tx, caller.accountId, first)) {
      const sums = days.get(day);
      if (sums) sums.inbound += messages;
    }
  });
  const stats = [...days].map(([day, sums]) => ({ date: day * DAY_SECONDS, ...shown(sums) }));
  const currency = currencyOf(caller.account.currency);
  const data = { total: shown(total([...days.values()])), stats, stat: stats, _currency: currency, currency };
  return { data, words: 'Statistics.' };
}

const empty = (): Sums => ({ outbound: 0, priceMicro: 0, inbound: 0, bounced: 0 });

function add(sums: Sums | undefined, { status, messages, price_micro }: CountedDay): void {
  if (!sums || !OUTBOUND.has(status)) return;
  sums.outbound += messages;
  sums.priceMicro += price_micro;
  if (BOUNCED.has(status)) sums.bounced += messages;
}

function total(days: readonly Sums[]): Sums {
  return days.reduce(
    (sum, day) => ({
      outbound: sum.outbound + day.outbound,
      priceMicro: sum.priceMicro + day.priceMicro,
      inbound: sum.inbound + day.inbound,
      bounced: sum.bounced + day.bounced,
    }),
    empty(),
  );
}

const shown = ({ outbound, priceMicro, inbound, bounced }: Sums) => ({
  outbound: { count: outbound, price: toNumber(priceMicro) },
  inbound: { count: inbound },
  bounced: { count: bounced },
});
