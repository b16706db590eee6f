import type { Data } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import { type DeliveryStatus, deliveryStatuses } from '@veredus/contract/statuses';
import { errorText } from '../history/shown-states.ts';
import { showMessageId } from '../messages/ids.ts';
import { showStatus } from '../messages/status.ts';
import { toDecimal4 } from '../pricing/money.ts';
import type { StoredReceipt } from './store.ts';

export type Receipt = Data<Endpoints['smsReceipt']>;

/** Numbers all through, unlike history: the strict clients demand it. */
export function showReceipt(stored: StoredReceipt): Receipt {
  const { status, error_code: errorCode } = stored;
  const shown = showStatus({ status, attempts: 0, scheduled: false, errorCode, refusal: null });
  return {
    timestamp_send: seconds(stored.submitted_at ?? stored.created_at),
    timestamp: seconds(stored.received_at),
    message_id: showMessageId(stored.message_id),
    status_code: Number(shown.status_code),
    status_text: deliveryStatuses[Number(shown.status_code) as DeliveryStatus].receipt,
    error_code: shown.error,
    error_text: shown.error === null ? null : errorText(shown.error),
    custom_string: stored.custom_string,
    subaccount_id: stored.user_id,
    message_type: 'sms',
    digits: null,
    message_price: toDecimal4(stored.price_micro),
  };
}

const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000);
