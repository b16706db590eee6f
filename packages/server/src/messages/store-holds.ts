import type { Runner } from '../db/runner.ts';

/** How long after its validity the money of an UNKNOWN message stays on hold. */
export const HOLD_MS = 72 * 3_600_000;

/**
 * Releases the money of UNKNOWN messages whose hold is over. They stay UNKNOWN and listed; a receipt that comes later
 * captures the price after all. At most `limit` at once; answers how many.
 */
export async function releaseOldHolds(run: Runner, now: number, limit: number): Promise<number> {
  const { rows } = await run.query(
    `with old as (
      select m.account_id, m.id from message_exceptions e join messages m on m.account_id = e.account_id and m.id = e.id
      where e.status = 7 and m.status = 7 and m.money = 1 and m.valid_until < $1::bigint - ${HOLD_MS}
      limit $2 for update of m skip locked
    ), released as (
      update messages m set money = 3 from old where m.account_id = old.account_id and m.id = old.id
      returning m.account_id, m.price_micro
    ), sums as (
      select account_id, sum(price_micro)::bigint as amount, count(*)::integer as messages from released group by account_id
    ), entry as (
      insert into ledger_entries (account_id, at, kind, debit, credit, amount_micro, messages)
      select account_id, $1, 'release', 'held', 'available', amount, messages from sums where amount > 0
    ), balance as (
      update ledger_balances b set held_micro = b.held_micro - s.amount, available_micro = b.available_micro + s.amount
      from sums s where b.account_id = s.account_id
    )
    select count(*)::integer as released from released`,
    [now, limit],
  );
  return rows[0].released;
}
