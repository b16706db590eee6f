import { STATUS, statusName } from '@veredus/protocols/smpp/status';

/** What a centre's status for a submit means for us. */
export type Verdict = 'taken' | 'slow-down' | 'later' | 'never';

/** Our traffic is too fast or its queue is full: the whole link waits. */
const SLOW_DOWN: ReadonlySet<number> = new Set([STATUS.ESME_RTHROTTLED, STATUS.ESME_RMSGQFUL]);
/** Its own trouble with this message, which may pass. */
const LATER: ReadonlySet<number> = new Set([
  STATUS.ESME_RSYSERR,
  STATUS.ESME_RX_T_APPN,
  STATUS.ESME_RUNKNOWNERR,
  STATUS.ESME_RSUBMITFAIL,
]);

export function verdictOf(status: number): Verdict {
  if (status === STATUS.ESME_ROK) return 'taken';
  if (SLOW_DOWN.has(status)) return 'slow-down';
  return LATER.has(status) ? 'later' : 'never';
}

/** For people: why a centre said no. */
export const wordsOf = (status: number): string => WORDS.get(status) ?? `the carrier answered ${statusName(status)}`;

const WORDS: ReadonlyMap<number, string> = new Map([
  [STATUS.ESME_RTHROTTLED, 'the carrier allows fewer messages a second'],
  [STATUS.ESME_RMSGQFUL, "the carrier's queue is full"],
  [STATUS.ESME_RINVDSTADR, 'the carrier does not know the recipient'],
  [STATUS.ESME_RINVSRCADR, 'the carrier does not accept the sender'],
  [STATUS.ESME_RINVMSGLEN, 'the text is too long for the carrier'],
  [STATUS.ESME_RSYSERR, 'the carrier has a fault of its own'],
]);
