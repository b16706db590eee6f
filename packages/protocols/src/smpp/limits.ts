export interface SessionLimits {
  /** Requests of ours that may be without an answer at once. */
  readonly window: number;
  /** After so long without an answer a request has timed out. */
  readonly responseTimeoutMs: number;
  /** How often enquire_link goes out; two silent intervals mean the peer is dead. */
  readonly enquireIntervalMs: number;
  /** Requests of the peer that may be without our answer at once; those above are answered ESME_RMSGQFUL. */
  readonly owedLimit: number;
}

export const LIMITS: SessionLimits = {
  window: 100,
  responseTimeoutMs: 60_000,
  enquireIntervalMs: 30_000,
  owedLimit: 10_000,
};
