import { Channel } from './message.ts';
import { RECEIPT_STATES } from './receipt.ts';
import { Status } from './status.ts';

/**
 * The text of a statement's part that records the new states of messages: what the event stream shows and the rules for
 * receipts wait for. `moved` has account_id, id, status and error_code; `at` is the parameter with the time. One row for each
 * account, but final states, those that were cancelled and all others go apart: rules ask about the first only, customers'
 * SMPP clients about the first two.
 */
export const recordStatuses = (moved: string, at: string): string => `
  insert into events (account_id, at, kind, message_ids, statuses, error_codes, rules_due)
  select e.account_id, ${at}::bigint, 'message.status', array_agg(e.id order by e.id), array_agg(e.status order by e.id),
    array_agg(e.error_code order by e.id),
    e.ending = 'final' and exists (select from receipt_rules r where r.account_id = e.account_id and r.enabled and upper(r.action) <> 'POLL')
      or e.ending <> 'none' and exists (select from esmes c where c.account_id = e.account_id)
  from (
    select account_id, id, status, error_code,
      case when status in (3, 4, 5, 9) then 'final' when status = 6 then 'cancelled' else 'none' end as ending
    from ${moved} m where status <> 0
  ) e
  group by e.account_id, e.ending`;

/**
 * The text of a part that writes the receipt of messages that fail without one from the carrier, so that whoever polls
 * receipts hears of them as well. `failed` has receipt_id (null = none), account_id, id, channel, status, error_code and words.
 * SMS only: the others have no list of receipts yet, and would be counted into this one.
 */
export const reportFailures = (failed: string, carrierId: string, at: string): string => `
  insert into receipts (id, received_at, message_id, account_id, carrier_id, state, status, error_code, upstream_id, error, raw)
  select f.receipt_id, ${at}::bigint, f.id, f.account_id, ${carrierId}::smallint,
    case when f.status = ${Status.expired} then ${RECEIPT_STATES.expired} else ${RECEIPT_STATES.rejected} end, f.status, f.error_code, '', null, coalesce(f.words, '')
  from ${failed} f where f.receipt_id is not null and f.channel = ${Channel.sms}`;

const REPORTED: readonly Status[] = [Status.failed, Status.expired, Status.partial];

/** Whether the sender must hear of this state by a receipt, though no carrier sends one. */
export const isReported = (status: Status): boolean => REPORTED.includes(status);
