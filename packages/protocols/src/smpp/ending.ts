import type { DataPdu, MessagePdu } from './pdu.ts';
import { NO_TLVS, type Tlv } from './tlv.ts';

/**
 * What became of one request of ours. Each gets exactly one of `response`, `timed out`, `closed` (its bytes may have
 * left) or `unsent` (they did not); a `timed out` may be followed by one `late`, the answer after all.
 * `status`, `messageId` and `tlvs` mean something for `response` and `late` only.
 */
export interface Ending<T> {
  readonly kind: 'response' | 'late' | 'timed out' | 'closed' | 'unsent';
  readonly token: T;
  readonly status: number;
  readonly messageId: string;
  readonly tlvs: readonly Tlv[];
}

/** A message of the peer that waits for our answer. */
export type IncomingMessage = MessagePdu | DataPdu;

/** `taken` = it will get its ending; otherwise nothing was written and no ending comes. */
export type Taken = 'taken' | 'full' | 'closed' | 'unwritable';

/** An ending without an answer. */
export function bare<T>(kind: Ending<T>['kind'], token: T): Ending<T> {
  return { kind, token, status: 0, messageId: '', tlvs: NO_TLVS };
}
