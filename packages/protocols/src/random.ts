/** The one source of randomness, passed in like the clock so that a run can be replayed from its seed. */
export interface Random {
  /** A number in [0, 1). For jitter and sampling, never for secrets. */
  next(): number;
  /** Bytes fit for secrets and identifiers. */
  bytes(length: number): Uint8Array;
}
