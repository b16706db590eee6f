/** A request of ours and what its owner knows it by. `writtenAt` is monotonic; below 0 until its bytes have left. */
export interface Waiting<T> {
  readonly token: T;
  writtenAt: number;
}

/** So many timed-out requests are remembered for a late answer; the oldest are forgotten first. */
const MOST_LATE = 10_000;

/**
 * The requests without an answer, by sequence number. A Map keeps the order of insertion, which is the order of
 * writing, so the oldest stands first and a sweep stops at the first that is young enough.
 */
export class Pending<T> {
  private readonly waiting = new Map<number, Waiting<T>>();
  private readonly late = new Map<number, T>();
  private unwritten: Waiting<T>[] = [];

  get size(): number {
    return this.waiting.size;
  }

  add(sequence: number, token: T): void {
    const request = { token, writtenAt: -1 };
    this.waiting.set(sequence, request);
    this.unwritten.push(request);
  }

  /** All that was added has been handed to the socket: from here on nobody can say that it did not leave. */
  written(now: number): void {
    if (this.unwritten.length === 0) return;
    for (const request of this.unwritten) request.writtenAt = now;
    this.unwritten = [];
  }

  /** The request that this sequence answers; undefined when none waits. */
  answered(sequence: number): Waiting<T> | undefined {
    const request = this.waiting.get(sequence);
    if (request !== undefined) this.waiting.delete(sequence);
    return request;
  }

  /** The token of a request that had timed out; undefined when there was none. Answers once. */
  answeredLate(sequence: number): { token: T } | undefined {
    if (!this.late.has(sequence)) return undefined;
    const token = this.late.get(sequence) as T;
    this.late.delete(sequence);
    return { token };
  }

  /** When the oldest written request was written; null when nothing that left is waiting. */
  oldest(): number | null {
    for (const request of this.waiting.values()) return request.writtenAt < 0 ? null : request.writtenAt;
    return null;
  }

  /** Takes out what was written at or before `then`, and remembers it for a late answer. */
  expire(then: number): T[] {
    const expired: T[] = [];
    for (const [sequence, request] of this.waiting) {
      if (request.writtenAt < 0 || request.writtenAt > then) break;
      this.waiting.delete(sequence);
      this.late.set(sequence, request.token);
      expired.push(request.token);
    }
    for (const sequence of this.late.keys()) {
      if (this.late.size <= MOST_LATE) break;
      this.late.delete(sequence);
    }
    return expired;
  }

  /** Takes out everything: the connection is gone. */
  clear(): Waiting<T>[] {
    const all = [...this.waiting.values()];
    this.waiting.clear();
    this.late.clear();
    this.unwritten = [];
    return all;
  }
}
