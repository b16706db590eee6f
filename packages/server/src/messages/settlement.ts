import type { Random } from '@veredus/protocols/random';
import type { Outcome } from './carrier.ts';
import { upstreamKey } from './receipt.ts';
import { Status } from './status.ts';
import type { Claimed } from './store-claims.ts';
import type { Settlement } from './store-settle.ts';

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 300_000;

/** Exponential back-off with full jitter's upper half: 0.5–1 × 1 s, 2 s, 4 s … 5 min. */
export function retryDelay(attempts: number, random: Random): number {
  const full = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempts, 20));
  return Math.round(full * (0.5 + random.next() / 2));
}

/** What the parts a carrier took cost, of a price for all of them. */
export const priceOfParts = (message: Pick<Claimed, 'priceMicro' | 'parts'>, accepted: number): number =>
  Math.round((message.priceMicro * accepted) / message.parts);

const settled = (message: Claimed, status: Status, words: string | null, errorCode: number | null): Settlement => ({
  message,
  status,
  acceptedParts: 0,
  chargedMicro: 0,
  errorCode,
  words,
  nextAttemptAt: null,
  upstreamIds: [],
  attempted: true,
});

/** Turns what a carrier said of a message into what is written of it. Times in ms. */
export function settlementOf(message: Claimed, outcome: Outcome, now: number, random: Random): Settlement {
  switch (outcome.kind) {
    case 'accepted': {
      const accepted = outcome.upstreamIds.filter((id) => id !== null).length;
      if (accepted === 0) return settled(message, Status.failed, outcome.words ?? null, 15);
      const whole = accepted === outcome.upstreamIds.length;
      return {
        ...settled(message, whole ? Status.submitted : Status.partial, outcome.words ?? null, whole ? null : 7),
        acceptedParts: accepted,
        chargedMicro: priceOfParts(message, accepted),
        upstreamIds: outcome.upstreamIds.map((id) => (id === null ? null : upstreamKey(id))),
      };
    }
    case 'refused':
      return settled(message, Status.failed, `${outcome.code}: ${outcome.words}`, 15);
    case 'deferred': {
      const at = now + Math.max(outcome.afterMs, retryDelay(message.attempts, random));
      const words = `${outcome.code}: ${outcome.words}`;
      if (at >= message.validUntil) return settled(message, Status.expired, words, 20);
      return { ...settled(message, Status.queued, words, null), nextAttemptAt: at };
    }
    case 'unknown':
      return settled(message, Status.unknown, outcome.words, null);
    case 'unsent':
      return { ...settled(message, Status.queued, null, null), nextAttemptAt: now, attempted: false };
  }
}

/** Its validity ran out before it left. */
export const expiredSettlement = (message: Claimed): Settlement => ({
  ...settled(message, Status.expired, 'Validity ran out before it could be sent.', 20),
  attempted: false,
});

/** Between accept and dispatch its recipient opted out, or a policy came to object. */
export const stoppedSettlement = (message: Claimed, words: string): Settlement => ({
  ...settled(message, Status.failed, words, 10),
  attempted: false,
});

/** A time that never comes: a message that waits for somebody to say when. It still counts as being in the queue. */
export const PARKED = Date.UTC(9999, 11, 31);

/** Its campaign was paused: back to the queue, until it goes on. */
export const parkedSettlement = (message: Claimed): Settlement => ({
  ...settled(message, Status.queued, null, null),
  nextAttemptAt: PARKED,
  attempted: false,
});

/** In the words of accept. */
export const OPTED_OUT = 'The recipient has opted out.';
