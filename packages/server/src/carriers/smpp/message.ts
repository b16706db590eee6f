import type { ShortMessage } from '@veredus/protocols/smpp/pdu';
import { statusName } from '@veredus/protocols/smpp/status';
import type { Outcome, Outgoing } from '../../messages/carrier.ts';
import { verdictOf, wordsOf } from './answers.ts';

/** What became of one part. `id` where it was taken. */
export type PartEnd =
  | { kind: 'taken'; id: string }
  | { kind: 'refused'; status: number; temporary: boolean }
  | { kind: 'unwritable' }
  | { kind: 'unknown'; why: string }
  | { kind: 'unsent' };

/** One part on its way: what a submit is known by. */
export interface Part {
  readonly message: MessageOut;
  readonly index: number;
  readonly submit: ShortMessage;
  tries: number;
}

/** One message between `send` and its outcome. */
export interface MessageOut {
  readonly outgoing: Outgoing;
  readonly parts: Part[];
  readonly ends: (PartEnd | null)[];
  left: number;
}

/** A part that was put off is tried again by itself, so that a long text is not broken: so many times. */
export const PART_TRIES = 6;

/** Whether this end should be tried again: its siblings are with the carrier, so the message cannot simply go back. */
export function worthRetrying(part: Part, end: PartEnd): boolean {
  const { ends } = part.message;
  return (
    end.kind === 'refused' &&
    end.temporary &&
    ends.length > 1 &&
    part.tries < PART_TRIES &&
    ends.some((e) => e?.kind === 'taken')
  );
}

/** The end of a part by the status of its response. */
export function endOfResponse(status: number, messageId: string, part: Part): PartEnd {
  const verdict = verdictOf(status);
  if (verdict !== 'taken') return { kind: 'refused', status, temporary: verdict !== 'never' };
  // A centre that gives no id gets one of ours, so that the part counts as taken; no receipt can find it.
  return { kind: 'taken', id: messageId === '' ? `none-${part.message.outgoing.id}-${part.index}` : messageId };
}

/** What all the ends of a message come to. `afterMs`: how long the link waits by itself. */
export function outcomeOf({ outgoing: { id }, ends }: MessageOut, afterMs: number): Outcome {
  const all = ends as PartEnd[];
  const unknown = all.find((end) => end.kind === 'unknown');
  if (unknown?.kind === 'unknown') return { kind: 'unknown', id, words: unknown.why };
  const refusal =
    all.find((end) => end.kind === 'refused' && !end.temporary) ?? all.find((end) => end.kind === 'refused');
  const said =
    refusal?.kind === 'refused' ? { code: statusName(refusal.status), words: wordsOf(refusal.status) } : null;
  if (all.some((end) => end.kind === 'taken')) {
    const upstreamIds = all.map((end) => (end.kind === 'taken' ? end.id : null));
    return { kind: 'accepted', id, upstreamIds, ...(said ?? {}) };
  }
  if (all.some((end) => end.kind === 'unwritable')) {
    return { kind: 'refused', id, code: 'UNWRITABLE', words: 'an address or the text does not fit an SMPP message' };
  }
  if (said === null) return { kind: 'unsent', id };
  const temporary = refusal?.kind === 'refused' && refusal.temporary;
  return temporary ? { kind: 'deferred', id, ...said, afterMs } : { kind: 'refused', id, ...said };
}
