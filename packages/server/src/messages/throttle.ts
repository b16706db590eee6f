import type { Clock } from '@veredus/protocols/clock';

/** Enough for 10 s at 20,000 messages a second; an entry takes about 40 bytes. */
const LIMIT = 200_000;

/**
 * Tells a text that went to the same recipient a moment ago (ClickSend's THROTTLED): the guard against a client that loops.
 * Kept in this node's memory, bounded: it is a courtesy, not a promise; `Idempotency-Key` is the promise.
 */
export function duplicateGuard(clock: Clock) {
  // A Map keeps its insertion order, so the oldest entries come first.
  const seen = new Map<number, number>();

  const prune = (now: number, windowMs: number) => {
    for (const [key, at] of seen) {
      if (now - at < windowMs && seen.size <= LIMIT) break;
      seen.delete(key);
    }
  };

  return {
    /** True = the same went within `windowMs`. Otherwise it is remembered from now on. */
    isRepeat(accountId: number, recipient: string, body: string, windowMs: number): boolean {
      if (windowMs <= 0) return false;
      const now = clock.monotonic();
      const key = keyOf(accountId, recipient, body);
      const before = seen.get(key);
      if (before !== undefined && now - before < windowMs) return true;
      prune(now, windowMs);
      seen.delete(key);
      seen.set(key, now);
      return false;
    },

    /** It was not accepted after all: a retry is no repeat. */
    forget(accountId: number, recipient: string, body: string): void {
      seen.delete(keyOf(accountId, recipient, body));
    },
  };
}

export type DuplicateGuard = ReturnType<typeof duplicateGuard>;

/** 53 bits of two multiplicative hashes: among 200,000 entries two differ with a chance of 1 − 2·10⁻⁶. */
function keyOf(accountId: number, recipient: string, body: string): number {
  let a = 0x9e3779b9 ^ accountId;
  let b = 0x85ebca6b ^ accountId;
  for (const text of [recipient, body]) {
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      a = Math.imul(a ^ unit, 0x85ebca77);
      b = Math.imul(b ^ unit, 0xc2b2ae3d);
    }
    a ^= a >>> 15;
    b ^= b >>> 13;
  }
  return (b >>> 0) * 0x200000 + ((a >>> 0) & 0x1fffff);
}
