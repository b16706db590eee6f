import type { Outcome } from '../../messages/carrier.ts';
import type { Said } from './session.ts';

/** Greylisting wants some minutes (RFC 6647 §2.4); a full mailbox is not emptied at once either. */
const LATER_MS = 60_000;
const TOO_LARGE = 552;

export interface Verdict {
  outcome: Outcome;
  /** Why no other message should be tried at once; null = the next may go. */
  trouble: string | null;
}

/** What is to become of a message after what the server said of it. */
export function judge(said: Said, id: string, messageId: string): Verdict {
  if (said.kind === 'taken')
    return { outcome: { kind: 'accepted', id, upstreamIds: [messageId], words: said.words }, trouble: null };
  if (said.kind === 'lost') {
    const words = said.ended
      ? `The connection was lost before the server answered: ${said.words}`
      : `The connection was lost before the mail was out: ${said.words}`;
    const outcome: Outcome = said.ended
      ? { kind: 'unknown', id, words }
      : { kind: 'deferred', id, code: 'lost', words, afterMs: 0 };
    return { outcome, trouble: said.words };
  }
  return refused(said, id);
}

function refused({ stage, code, words }: Said & { kind: 'refused' }, id: string): Verdict {
  const later: Outcome = { kind: 'deferred', id, code: String(code), words: textOf(words), afterMs: LATER_MS };
  if (code === 421) return { outcome: later, trouble: words };
  // Our own address or our account is what is refused, and that would be so of every mail: they wait until it is mended.
  if (stage === 'sender' && code !== TOO_LARGE) return { outcome: later, trouble: words };
  if (code < 500) return { outcome: later, trouble: null };
  return { outcome: { kind: 'refused', id, code: String(code), words: textOf(words) }, trouble: null };
}

/** Without the number, which stands before it anyway. */
const textOf = (words: string): string => words.replace(/^\d{3}[ -]/, '');
