import type { Clock } from '@veredus/protocols/clock';

export interface Bucket {
  /** Whole tokens; may be below 0 after a message that was larger than what was left. Infinity without a rate. */
  left(): number;
  take(tokens: number): void;
}

/** A second's worth of tokens at most, filled evenly. `rate` in tokens a second; null = no limit. */
export function openBucket(rate: number | null, clock: Clock): Bucket {
  if (rate === null) return { left: () => Number.POSITIVE_INFINITY, take: () => undefined };
  let tokens = rate;
  let at = clock.monotonic();
  const fill = () => {
    const now = clock.monotonic();
    tokens = Math.min(rate, tokens + ((now - at) / 1_000) * rate);
    at = now;
  };
  return {
    left() {
      fill();
      // A clock in fractions of a millisecond leaves 0.999999 of a token.
      return Math.floor(tokens + 1e-9);
    },
    take(count) {
      fill();
      tokens -= count;
    },
  };
}
