import { LEAST_LENGTH, MOST_LENGTH } from './pdu.ts';

/** The stream is lost: a length that no PDU has. Nothing behind it can be found again. */
export interface FrameFault {
  /** Of the broken header; 0 where it had not come yet. */
  readonly sequence: number;
  readonly why: string;
}

/**
 * Cuts a byte stream into PDUs. A whole PDU is handed over as a view of its chunk, without a copy; one that straddles
 * chunks is gathered once into a buffer of exactly its length. Holds at most one PDU, so at most 64 KiB.
 */
export class Framer {
  private gathered: Buffer = Buffer.allocUnsafe(LEAST_LENGTH);
  private held = 0;

  /** How many bytes of an unfinished PDU are kept. */
  get holding(): number {
    return this.held;
  }

  /**
   * Takes the next chunk and calls `frame` for each PDU it completes, as `bytes[start, end)`. `frame` answers false to
   * stop (the session was closed from inside). A fault ends the stream: the framer must not be used afterwards.
   */
  push(chunk: Buffer, frame: (bytes: Buffer, start: number, end: number) => boolean): FrameFault | null {
    let at = 0;
    if (this.held > 0) {
      const next = this.gather(chunk);
      if (typeof next !== 'number') return next;
      if (next < 0) return null;
      const whole = this.gathered;
      this.forget();
      if (!frame(whole, 0, whole.readUInt32BE(0))) return null;
      at = next;
    }
    const size = chunk.length;
    while (size - at >= LEAST_LENGTH) {
      const length = chunk.readUInt32BE(at);
      if (length < LEAST_LENGTH || length > MOST_LENGTH) return fault(length, chunk.readUInt32BE(at + 12));
      if (size - at < length) break;
      if (!frame(chunk, at, at + length)) return null;
      at += length;
    }
    return at < size ? this.keep(chunk.subarray(at)) : null;
  }

  /** The tail of a chunk, copied so that the chunk itself can go. */
  private keep(tail: Buffer): FrameFault | null {
    if (tail.length >= 4) {
      const length = tail.readUInt32BE(0);
      if (length < LEAST_LENGTH || length > MOST_LENGTH) return fault(length, 0);
      if (length > LEAST_LENGTH) this.gathered = Buffer.allocUnsafe(length);
    }
    tail.copy(this.gathered, 0);
    this.held = tail.length;
    return null;
  }

  /** Completes the kept PDU: where to go on in the chunk, or -1 when the chunk was not enough. */
  private gather(chunk: Buffer): number | FrameFault {
    let at = 0;
    if (this.held < 4) {
      at = this.fill(chunk, 0, 4);
      if (this.held < 4) return -1;
      const length = this.gathered.readUInt32BE(0);
      if (length < LEAST_LENGTH || length > MOST_LENGTH) return fault(length, 0);
      const larger = Buffer.allocUnsafe(length);
      this.gathered.copy(larger, 0, 0, 4);
      this.gathered = larger;
    }
    const length = this.gathered.readUInt32BE(0);
    at = this.fill(chunk, at, length);
    return this.held < length ? -1 : at;
  }

  private fill(chunk: Buffer, at: number, until: number): number {
    const take = Math.min(until - this.held, chunk.length - at);
    chunk.copy(this.gathered, this.held, at, at + take);
    this.held += take;
    return at + take;
  }

  private forget(): void {
    this.gathered = Buffer.allocUnsafe(LEAST_LENGTH);
    this.held = 0;
  }
}

function fault(length: number, sequence: number): FrameFault {
  return { sequence, why: `a length of ${length} octets is none of a PDU` };
}
