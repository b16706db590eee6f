import type { CarrierReceipt, ReceiptState } from './carrier.ts';
import { Status } from './status.ts';

/** Stored numbers of receipt states (receipts.state, upstream_ids.state); never renumber. */
export const RECEIPT_STATES: Record<ReceiptState, number> = {
  delivered: 1,
  enroute: 2,
  accepted: 3,
  expired: 4,
  deleted: 5,
  undeliverable: 6,
  rejected: 7,
  unknown: 8,
};

export interface Verdict {
  /** Where the receipt moves its message; null for an intermediate report, which moves nothing. */
  status: Status | null;
  /** ClickSend's gateway error number (contract 4.1). */
  errorCode: number | null;
}

const VERDICTS: Record<ReceiptState, Verdict> = {
  delivered: { status: Status.delivered, errorCode: null },
  enroute: { status: null, errorCode: null },
  accepted: { status: null, errorCode: null },
  unknown: { status: null, errorCode: null },
  expired: { status: Status.expired, errorCode: 20 },
  deleted: { status: Status.failed, errorCode: 7 },
  undeliverable: { status: Status.failed, errorCode: 8 },
  rejected: { status: Status.failed, errorCode: 15 },
};

export const verdictOf = (receipt: CarrierReceipt): Verdict => VERDICTS[receipt.state];

/**
 * The form under which upstream ids are stored and looked up: lower case, no leading zeros. Carriers write the same id
 * with either (jasmin#375, #990).
 */
export function upstreamKey(id: string): string {
  const key = id
    .trim()
    .toLowerCase()
    .replace(/^0+(?=.)/, '');
  return key;
}

const DECIMAL = /^[0-9]{1,20}$/;
const HEX = /^[0-9a-f]{1,16}$/;

/** Whether an id could be a number in one base or the other; one that cannot is written in one way only. */
export const mayBeNumber = (id: string): boolean => {
  const key = upstreamKey(id);
  return DECIMAL.test(key) || HEX.test(key);
};

/** How a carrier's receipts write the ids of its responses. `auto` finds out by trying, and never guesses between two. */
export type ReceiptIds = 'auto' | 'same' | 'decimal-of-hex' | 'hex-of-decimal';

/**
 * Keys under which the message of a receipt may be stored, the likeliest first. Some carriers answer in hex and report in
 * decimal, others the other way round.
 */
export function candidateKeys(id: string, form: ReceiptIds): string[] {
  const same = upstreamKey(id);
  const keys = new Set<string>();
  if (form !== 'decimal-of-hex' && form !== 'hex-of-decimal') keys.add(same);
  if ((form === 'auto' || form === 'decimal-of-hex') && DECIMAL.test(same)) keys.add(BigInt(same).toString(16));
  if ((form === 'auto' || form === 'hex-of-decimal') && HEX.test(same)) keys.add(BigInt(`0x${same}`).toString(10));
  return [...keys];
}

/** Whether a receipt's handset and a message's recipient are the same number; a carrier may leave out `+` or the country. */
export function sameHandset(receiptRecipient: string | null, recipient: string): boolean {
  if (receiptRecipient === null) return true;
  const a = receiptRecipient.replace(/\D/g, '').replace(/^0+/, '');
  const b = recipient.replace(/\D/g, '');
  return a === b || (a.length >= 7 && (b.endsWith(a) || a.endsWith(b)));
}

/** What the receipts of all parts come to: null while one is missing. One failed part fails the message. */
export function combineParts(states: readonly (number | null)[]): Status | null {
  const final = states.map((state) => FINAL_BY_NUMBER.get(state ?? 0) ?? null);
  if (final.includes(Status.failed)) return Status.failed;
  if (final.includes(Status.expired)) return Status.expired;
  return final.every((status) => status === Status.delivered) ? Status.delivered : null;
}

const FINAL_BY_NUMBER = new Map<number, Status>(
  (Object.keys(RECEIPT_STATES) as ReceiptState[]).flatMap((state) => {
    const { status } = VERDICTS[state];
    return status === null ? [] : [[RECEIPT_STATES[state], status] as const];
  }),
);
