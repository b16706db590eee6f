import { type DeliveryStatus, deliveryStatuses } from '@veredus/contract/statuses';
import { errorText } from '../history/shown-states.ts';
import { showMessageId } from '../messages/ids.ts';
import { channelName } from '../messages/message.ts';
import { Status, showStatus } from '../messages/status.ts';
import type { ReceiptMessage } from './store-receipts.ts';

/** A message that came to its end, as an event says it. */
export interface Ended {
  accountId: number;
  messageId: string;
  status: Status;
  errorCode: number | null;
  at: number;
}

/** What a push of a receipt says: the fields of ClickSend's v3, in its order. */
export function receiptFields(ended: Ended, message: ReceiptMessage): Record<string, string | number | null> {
  const { status, errorCode } = ended;
  const shown = showStatus({ status, attempts: 0, scheduled: false, errorCode, refusal: null });
  return {
    timestamp_send: seconds(message.submitted_at ?? message.created_at),
    timestamp: seconds(ended.at),
    message_id: showMessageId(ended.messageId),
    status: status === Status.delivered ? 'Delivered' : 'Undelivered',
    status_code: shown.status_code,
    status_text: deliveryStatuses[Number(shown.status_code) as DeliveryStatus].receipt,
    error_code: shown.error,
    error_text: shown.error === null ? null : errorText(shown.error),
    custom_string: message.custom_string,
    user_id: ended.accountId,
    subaccount_id: message.user_id,
    message_type: channelName(message.channel),
  };
}

const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000);

/** Which receipts a rule is for. ClickSend documents 0 to 2; its samples also carry 3, for all. */
export function matchesReceipt(type: number, status: Status): boolean {
  if (status === Status.cancelled) return false;
  if (type === 1) return status !== Status.delivered;
  if (type === 2) return status === Status.delivered;
  return true;
}
