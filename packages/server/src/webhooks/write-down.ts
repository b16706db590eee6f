import type { Outcome } from './attempt.ts';
import { type SettleParts, settle } from './settle.ts';

const AT_ONCE = 256;

/** Writes outcomes down as they come: those that come while others are being written share the next transaction. */
export function outcomeWriter(parts: SettleParts) {
  const waiting: { outcome: Outcome; done: () => void }[] = [];
  let writing = false;
  let closed = false;

  const writeAll = async () => {
    writing = true;
    for (let part = waiting.splice(0, AT_ONCE); part.length > 0; part = waiting.splice(0, AT_ONCE)) {
      if (!closed) await settleAll(part.map(({ outcome }) => outcome));
      for (const { done } of part) done();
    }
    writing = false;
  };

  /** Together; if that fails each alone, so that what is wrong with one is no other's trouble. */
  const settleAll = async (outcomes: readonly Outcome[]): Promise<void> => {
    try {
      await settle(parts, outcomes);
    } catch (error) {
      if (outcomes.length > 1) for (const one of outcomes) await settleAll([one]);
      // Its lease runs out, and it is tried again.
      else if (!closed)
        parts.log('webhook.settle-failed', { delivery: outcomes[0]?.claimed.id, error: (error as Error).message });
    }
  };

  return {
    /** Resolves when it is written down, or cannot be. */
    write: (outcome: Outcome): Promise<void> =>
      new Promise((done) => {
        waiting.push({ outcome, done });
        if (!writing) void writeAll();
      }),
    waiting: (): number => waiting.length,
    /** What comes now is not written any more: the database is about to go. */
    close(): void {
      closed = true;
    },
  };
}
