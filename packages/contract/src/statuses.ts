/**
 * What becomes of an accepted message, in ClickSend's words: the history's `status`, the `status_code` with its label,
 * and the gateway's `error_code`. The platform's own states are mapped onto these in one place of the server.
 */

/** History `status`. `Completed` = in the delivery queue, `Sent` = handed to the network. */
export const historyStatuses = [
  'Queued',
  'Completed',
  'Scheduled',
  'WaitApproval',
  'Failed',
  'Cancelled',
  'CancelledAfterReview',
  'Received',
  'Sent',
] as const;

export type HistoryStatus = (typeof historyStatuses)[number];

/**
 * `status_code` with its two texts: history carries the label, receipts the longer text. 201's receipt text is the one
 * real clients compare. Sources disagree whether 300 is final; here it is a failure that is tried again.
 */
export const deliveryStatuses = {
  200: { label: 'Sent by network', receipt: 'Success: Message sent by network.', final: false, good: true },
  201: { label: 'Received on handset', receipt: 'Success: Message received on handset.', final: true, good: true },
  300: { label: 'Delivery failure', receipt: 'Error: Delivery failure, to be tried again.', final: false, good: false },
  301: { label: 'Delivery failure', receipt: 'Error: Delivery failure.', final: true, good: false },
  302: {
    label: 'Delivery failure, supplier routing',
    receipt: 'Error: Delivery failure, supplier routing.',
    final: false,
    good: false,
  },
} as const satisfies Record<number, { label: string; receipt: string; final: boolean; good: boolean }>;

export type DeliveryStatus = keyof typeof deliveryStatuses;

interface ErrorCode {
  status: HistoryStatus;
  status_code: DeliveryStatus;
  text: string;
}

/** The gateway's `error_code`: a number in receipts, the same number as text in history. Numbering of the older list. */
export const errorCodes = {
  1: { status: 'Queued', status_code: 200, text: 'Queued' },
  2: { status: 'Scheduled', status_code: 200, text: 'Scheduled' },
  3: { status: 'Sent', status_code: 200, text: 'Handed to the network' },
  4: { status: 'Sent', status_code: 201, text: 'Received on handset' },
  5: { status: 'Cancelled', status_code: 301, text: 'Cancelled' },
  6: { status: 'WaitApproval', status_code: 200, text: 'Waiting for a manual review' },
  7: { status: 'Failed', status_code: 301, text: 'Unknown failure' },
  8: { status: 'Failed', status_code: 301, text: 'Subscriber unknown or inactive' },
  9: { status: 'Failed', status_code: 301, text: 'Subscriber unidentified, or a routing fault' },
  10: { status: 'Failed', status_code: 301, text: 'Illegal subscriber, or filtered' },
  11: { status: 'Failed', status_code: 301, text: 'SMS not supported by subscription, handset or network' },
  12: { status: 'Failed', status_code: 301, text: 'Subscriber absent for 12 hours or more' },
  13: { status: 'Failed', status_code: 301, text: 'Handset memory full' },
  14: { status: 'Failed', status_code: 301, text: "Fault or congestion in the recipient's network" },
  15: { status: 'Failed', status_code: 301, text: "Rejected by the recipient's network" },
  16: { status: 'Failed', status_code: 300, text: 'Temporary failure, will be tried again' },
  17: { status: 'Failed', status_code: 301, text: 'Network time-out' },
  18: { status: 'Failed', status_code: 301, text: 'Routing error' },
  19: { status: 'Failed', status_code: 301, text: 'Rejected as spam' },
  20: { status: 'Failed', status_code: 301, text: 'Receipt expired' },
} as const satisfies Record<number, ErrorCode>;

export type DeliveryError = keyof typeof errorCodes;
