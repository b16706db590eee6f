import type { Data } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import { showMessageId } from '../messages/ids.ts';
import { type Status, showStatus } from '../messages/status.ts';
import { toDecimal6 } from '../pricing/money.ts';
import { errorText } from './shown-states.ts';

export type HistoryRow = Data<Endpoints['smsHistory']>['data'][number];

/** The columns of a message that its history row is made of. Times in ms, money in micro-units. */
export interface StoredMessage {
  id: string;
  account_id: number;
  user_id: number;
  created_at: number;
  schedule_at: number | null;
  status: Status;
  attempts: number;
  error_code: number | null;
  refusal: string | null;
  recipient: string;
  sender: string;
  country: string;
  body: string;
  custom_string: string;
  parts: number;
  price_micro: number;
  from_email: string | null;
  list_id: number | null;
  contact_id: string | null;
  /** Of the contact it went to, as it is now; null where it went to a number. */
  first_name: string | null;
  last_name: string | null;
  username: string;
}

/**
 * A message as ClickSend's v3 history shows it, with the types its strict clients demand: `date` a number, `schedule`,
 * codes and ids text, the price with six decimals. On that wire our account is `user_id`, our user `subaccount_id`.
 * `carrier` is the recipient's network, which no receipt of ours names, so it is empty: never the operator's own route.
 *
 * @param now milliseconds; decides whether a queued message is still Scheduled.
 */
export function historyRow(message: StoredMessage, now: number): HistoryRow {
  const scheduled = message.schedule_at !== null && message.schedule_at > now;
  const shown = showStatus({
    status: message.status,
    attempts: message.attempts,
    scheduled,
    errorCode: message.error_code,
    refusal: message.refusal,
  });
  return {
    direction: 'out',
    date: seconds(message.created_at),
    to: message.recipient,
    body: message.body,
    status: shown.status as HistoryRow['status'],
    from: message.sender,
    schedule: String(seconds(message.schedule_at ?? message.created_at)),
    status_code: shown.status_code,
    status_text: shown.status_text,
    error_code: shown.error === null ? null : String(shown.error),
    error_text: shown.error === null ? null : errorText(shown.error),
    message_id: showMessageId(message.id),
    message_parts: message.parts,
    message_price: toDecimal6(message.price_micro),
    from_email: message.from_email,
    list_id: message.list_id === null ? null : String(message.list_id),
    custom_string: message.custom_string,
    contact_id: message.contact_id,
    user_id: message.account_id,
    subaccount_id: message.user_id,
    country: message.country,
    carrier: '',
    first_name: message.first_name,
    last_name: message.last_name,
    _api_username: message.username,
  };
}

const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000);
