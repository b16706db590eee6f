import type { Database } from '@veredus/server/db/db';
import { verifyLedger } from '@veredus/server/ledger/verify';
import { Status } from '@veredus/server/messages/status';
import { expect } from 'vitest';
import type { Sent } from './fake-carrier.ts';

export interface StoredRow {
  id: string;
  status: Status;
  money: number;
  price_micro: number;
  charged_micro: number;
  attempts: number;
  next_attempt_at: number | null;
  body: string;
  words: string | null;
}

/** The messages of an account, in the order they were accepted. */
export async function rowsOf(db: Database, accountId: number): Promise<StoredRow[]> {
  const { rows } = await db.enginePool.query(
    `select id, status, money, price_micro, charged_micro, attempts, next_attempt_at, body, words
     from messages where account_id = $1 order by id`,
    [accountId],
  );
  return rows;
}

/** How many messages are in each state, by its name; states of none are left out. */
export type Counts = Partial<Record<keyof typeof Status, number>>;

export async function tally(db: Database, accountId: number): Promise<Counts> {
  const counts: Counts = {};
  for (const { status } of await rowsOf(db, accountId)) {
    const name = NAMES.get(status)!;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

const NAMES = new Map(Object.entries(Status).map(([name, status]) => [status, name as keyof typeof Status]));

/** The four legs of an account. */
export async function balanceOf(
  db: Database,
  accountId: number,
): Promise<{ available: number; held: number; spent: number }> {
  const { rows } = await db.enginePool.query(
    `select available_micro as available, held_micro as held, spent_micro as spent from ledger_balances where account_id = $1`,
    [accountId],
  );
  return rows[0];
}

/** What every fault must leave behind: books that add up, statistics that agree with the rows, nothing sent twice. */
export async function expectSound(db: Database, log: readonly Sent[] = []): Promise<void> {
  expect((await verifyLedger(db.engine)).faults).toEqual([]);
  const { rows } = await db.enginePool.query(
    `with counted as (
       select account_id, status, sum(messages)::integer as n, sum(price_micro)::bigint as price from (
         select account_id, status, messages, price_micro from statistics_deltas
         union all select account_id, status, messages, price_micro from statistics_hours
       ) s group by 1, 2
     ), stored as (
       select account_id, case status when 1 then 0 else status end as status, count(*)::integer as n from messages group by 1, 2
     )
     select coalesce(c.account_id, s.account_id) as account, coalesce(c.status, s.status) as status, c.n as counted, s.n as stored
     from counted c full join stored s using (account_id, status) where coalesce(c.n, 0) <> coalesce(s.n, 0)`,
  );
  expect(rows, 'statistics against rows').toEqual([]);
  const submits = log.map(({ message }) => message.id);
  expect(
    submits.filter((id, at) => submits.indexOf(id) !== at),
    'sent twice',
  ).toEqual([]);
}
