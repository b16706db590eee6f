/**
 * The states of a message, the moves between them, and how ClickSend's clients see each: the one table of it.
 * The numbers are stored (messages.status); never renumber.
 */
export const Status = {
  /** Waiting for its time in next_attempt_at. */
  queued: 0,
  /** Taken by a node; its bytes may be about to leave. */
  claimed: 1,
  /** The carrier took every part. */
  submitted: 2,
  /** A receipt says that the handset has it. */
  delivered: 3,
  /** The carrier or the network refused it for good. */
  failed: 4,
  /** Its validity ran out. */
  expired: 5,
  cancelled: 6,
  /** Bytes may have left and no answer came: shown, never sent again by itself. */
  unknown: 7,
  /** Not accepted: the row keeps why (refusal). */
  refused: 8,
  /** Some parts were taken, some refused: the handset cannot show it. */
  partial: 9,
} as const;

export type Status = (typeof Status)[keyof typeof Status];

/**
 * The states of messages that did not simply go. Few are in them, so each such message has a row in message_exceptions by
 * which it is found; messages in the other states are found as they lie.
 */
export const EXCEPTIONS: readonly Status[] = [
  Status.failed,
  Status.expired,
  Status.cancelled,
  Status.unknown,
  Status.refused,
  Status.partial,
];

/** From where each state may be entered (I6: nothing replaces delivered; a late delivery may replace expired and unknown). */
export const ENTERED_FROM: Record<Status, readonly Status[]> = {
  [Status.queued]: [Status.claimed],
  [Status.claimed]: [Status.queued],
  [Status.submitted]: [Status.claimed, Status.unknown],
  [Status.delivered]: [Status.submitted, Status.unknown, Status.expired],
  [Status.failed]: [Status.claimed, Status.submitted, Status.unknown],
  [Status.expired]: [Status.queued, Status.claimed, Status.submitted, Status.unknown],
  [Status.cancelled]: [Status.queued],
  [Status.unknown]: [Status.claimed],
  [Status.refused]: [],
  [Status.partial]: [Status.claimed, Status.unknown],
};

export const mayMove = (from: Status, to: Status): boolean => ENTERED_FROM[to].includes(from);

/** What becomes of the money of a message. Stored (messages.money); never renumber. */
export const Money = { none: 0, held: 1, captured: 2, released: 3 } as const;
export type Money = (typeof Money)[keyof typeof Money];

/** ClickSend's words for a state (contract 4.1, 4.2). error is the gateway error number, null where there is none. */
export interface Shown {
  status: string;
  status_code: string;
  status_text: string;
  error: number | null;
}

const SHOWN: Record<Status, Shown> = {
  [Status.queued]: { status: 'Queued', status_code: '200', status_text: 'Queued for sending.', error: null },
  [Status.claimed]: { status: 'Completed', status_code: '200', status_text: 'In the delivery queue.', error: null },
  [Status.submitted]: { status: 'Sent', status_code: '200', status_text: 'Handed to the network.', error: null },
  [Status.delivered]: {
    status: 'Sent',
    status_code: '201',
    status_text: 'Success: Message received on handset.',
    error: null,
  },
  [Status.failed]: { status: 'Failed', status_code: '301', status_text: 'Delivery failure.', error: 7 },
  [Status.expired]: { status: 'Failed', status_code: '301', status_text: 'Expired before delivery.', error: 20 },
  [Status.cancelled]: { status: 'Cancelled', status_code: '301', status_text: 'Cancelled.', error: 5 },
  [Status.unknown]: {
    status: 'Completed',
    status_code: '300',
    status_text: 'Unknown: handed to the network, which has not answered. Not sent again by itself.',
    error: null,
  },
  [Status.refused]: { status: 'Failed', status_code: '301', status_text: 'Not accepted.', error: null },
  [Status.partial]: {
    status: 'Failed',
    status_code: '301',
    status_text: 'Only some parts were accepted by the network.',
    error: 7,
  },
};

/** A queued message whose time has not come is called Scheduled. */
const SCHEDULED: Shown = { status: 'Scheduled', status_code: '200', status_text: 'Scheduled.', error: null };
const RETRYING: Shown = {
  status: 'Queued',
  status_code: '300',
  status_text: 'Temporary network error; will be tried again.',
  error: 16,
};

export interface ShownFrom {
  status: Status;
  attempts: number;
  scheduled: boolean;
  errorCode: number | null;
  refusal: string | null;
}

/** How a message looks to ClickSend's clients. `scheduled`: queued for a time still ahead that its sender chose. */
export function showStatus(message: ShownFrom): Shown {
  if (message.status === Status.queued && message.scheduled) return SCHEDULED;
  if (message.status === Status.queued && message.attempts > 0) return RETRYING;
  const shown = SHOWN[message.status];
  if (message.refusal !== null) return { ...shown, status_text: `Not accepted: ${message.refusal}.` };
  return message.errorCode === null ? shown : { ...shown, error: message.errorCode };
}

/** The states a ClickSend `status` word stands for, for searching; unknown words stand for none. */
export function statesShownAs(word: string): Status[] {
  const wanted = word.toLowerCase();
  const states = (Object.values(Status) as Status[]).filter((s) => SHOWN[s].status.toLowerCase() === wanted);
  return wanted === 'scheduled' ? [Status.queued] : states;
}
