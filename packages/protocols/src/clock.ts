/**
 * The one source of time. It is passed in everywhere, so a test, the fault rig and the sandbox's time travel can all
 * hold it still or move it.
 */
export interface Clock {
  /** Wall time, in milliseconds since 1970-01-01 UTC. May jump; for timestamps only. */
  now(): number;
  /** Milliseconds from an arbitrary start, never going back; for durations, leases and rates. */
  monotonic(): number;
  /** Calls `run` once after `milliseconds` of monotonic time; the answer cancels it. Never keeps the process alive by itself. */
  after(milliseconds: number, run: () => void): () => void;
}
