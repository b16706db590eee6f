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
  /** Which call an entry belongs to, where the call has an Idempotency-Key: its retries are no repeats. */
  const owners = new Map<number, string>();

  const forgetKey = (key: number) => {
    seen.delete(key);
    owners.delete(key);
  };
  const prune = (now: number, windowMs: number) => {
    for (const [key, at] of seen) {
      if (now - at < windowMs && seen.size <= LIMIT) break;
      forgetKey(key);
    }
  };

  return {
    /**
     * Judges the messages of one call, by position: true = the same went within `windowMs`, before or earlier in this
     * call. The others are remembered from now on. `owner` names the call by its Idempotency-Key; null = it has none.
     */
    judge(accountId: number, messages: readonly Written[], windowMs: number, owner: string | null): boolean[] {
      const mine = new Set<number>();
      const now = clock.monotonic();
      if (windowMs > 0) prune(now, windowMs);
      return messages.map((message) => {
        if (windowMs <= 0) return false;
        const key = keyOf(accountId, message);
        const before = seen.get(key);
        const again = owner !== null && owners.get(key) === owner && !mine.has(key);
        if (before !== undefined && now - before < windowMs && !again) return true;
        mine.add(key);
        forgetKey(key);
        seen.set(key, now);
        if (owner !== null) owners.set(key, owner);
        return false;
      });
    },

    /** They were not accepted after all: a retry is no repeat. */
    forget(accountId: number, messages: readonly Written[]): void {
      for (const message of messages) forgetKey(keyOf(accountId, message));
    },
  };
}

export interface Written {
  recipient: string;
  body: string;
}

export type DuplicateGuard = ReturnType<typeof duplicateGuard>;

/** 53 bits of two multiplicative hashes: among 200,000 entries two differ with a chance of 1 − 2·10⁻⁶. */
function keyOf(accountId: number, { recipient, body }: Written): number {
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
