import type { MessageStatus } from '@veredus/contract/codes';
import { STATUS, type StatusName } from '@veredus/protocols/smpp/status';
import { isUnavailable } from '../../db/patient-pool.ts';
import { Refusal, type RefusalKind } from '../../refusal.ts';

/**
 * What an ESME is answered where REST says a message's status: the one table of it, shown in docs/smpp-door.md. Clients try
 * again after ESME_RTHROTTLED and ESME_RMSGQFUL, and take the others for final.
 */
export const STATUS_ANSWERS: Partial<Readonly<Record<MessageStatus, StatusName>>> = {
  SUCCESS: 'ESME_ROK',
  INVALID_RECIPIENT: 'ESME_RINVDSTADR',
  COUNTRY_NOT_ENABLED: 'ESME_RINVDSTADR',
  INVALID_SENDER_ID: 'ESME_RINVSRCADR',
  REGISTRATION_NEEDED: 'ESME_RINVSRCADR',
  THROTTLED: 'ESME_RTHROTTLED',
  INSUFFICIENT_CREDIT: 'ESME_RSUBMITFAIL',
  EMPTY_MESSAGE: 'ESME_RINVMSGLEN',
  INVALID_SCHEDULE: 'ESME_RINVSCHED',
  SOMETHING_IS_WRONG: 'ESME_RSUBMITFAIL',
};

/** The answer to a message that was refused, or accepted (null). A status the table lacks is one that no SMS gets. */
export function answerOf(refusal: string | null): number {
  return STATUS[STATUS_ANSWERS[(refusal ?? 'SUCCESS') as MessageStatus] ?? 'ESME_RSUBMITFAIL'];
}

const BY_KIND: Partial<Readonly<Record<RefusalKind, StatusName>>> = {
  unavailable: 'ESME_RMSGQFUL',
  'in-progress': 'ESME_RMSGQFUL',
  'too-many-requests': 'ESME_RTHROTTLED',
};

/**
 * The answer where nothing was said about the single messages. `doubtful`: they may have been stored all the same, so the
 * client must not be asked to send them again; null = a bug, to be told to the operator.
 */
export function answerOfFailure(error: unknown, doubtful: boolean): number | null {
  const away = isUnavailable(error) || (error instanceof Refusal && error.kind === 'unavailable');
  if (away) return doubtful ? STATUS.ESME_RSYSERR : STATUS.ESME_RMSGQFUL;
  if (error instanceof Refusal) return STATUS[BY_KIND[error.kind] ?? 'ESME_RSUBMITFAIL'];
  return null;
}
