import type { Clock } from '@veredus/protocols/clock';
import type { Answer, Call, Calls } from './calls.ts';
import { count, type PageRead, type Row, readEnvelope, readPage, retryAfterMs, summary } from './envelopes.ts';

/** A list of unread things: it shows them until they are marked as read by date. */
export interface UnreadList {
  name: 'receipts' | 'inbound';
  /** What tells two rows apart. */
  keyOf(row: Row): string;
  /** Resolves once they are stored; a rejection leaves them unread. */
  store(rows: readonly Row[]): Promise<void>;
}

export interface PollerParts {
  calls: Calls;
  clock: Clock;
  pollMs: number;
  log(event: string, facts: Record<string, unknown>): void;
}

const PAGE = 100;
/**
 * Rows younger than this stay unread for another round. Marking is by date, not by row, and a row may enter the list
 * seconds after the moment it bears; one marked before we saw it would be lost.
 */
const MARGIN_S = 60;
/** Rows stored and not yet marked, by key: listed again, they are not stored again. About 150 B each. */
const REMEMBERED = 100_000;
const LONGEST_REST_MS = 600_000;

/** Looks at an unread list every `pollMs`, stores what is new, and marks as read only what is stored. */
export class Poller {
  readonly #list: UnreadList;
  readonly #parts: PollerParts;
  readonly #stored = new Map<string, number>();
  #failures = 0;
  #closed = false;
  #cancel: () => void;

  constructor(list: UnreadList, parts: PollerParts) {
    this.#list = list;
    this.#parts = parts;
    this.#cancel = parts.clock.after(0, () => this.#turn());
  }

  /** No further call is made; one under way is its owner's to end. */
  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  async #turn(): Promise<void> {
    const { clock, pollMs, log } = this.#parts;
    let restMs = pollMs;
    try {
      await this.#round();
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      const asked = error instanceof PollFailed ? error.restMs : 0;
      restMs = Math.max(asked, Math.min(pollMs * 2 ** this.#failures, Math.max(pollMs, LONGEST_REST_MS)));
      if (!this.#closed) log('clicksend.poll-failed', { list: this.#list.name, why: (error as Error).message, restMs });
    }
    if (!this.#closed) this.#cancel = clock.after(restMs, () => this.#turn());
  }

  async #round(): Promise<void> {
    let since: number | null = null;
    let oldest = Number.POSITIVE_INFINITY;
    let seen = 0;
    let announced = 0;
    for (let number = 1; ; number++) {
      const { page, at } = await this.#page(number);
      since ??= at;
      await this.#keep(page.rows);
      for (const row of page.rows) oldest = Math.min(oldest, momentOf(row));
      seen += page.rows.length;
      announced = Math.max(announced, page.total);
      const last = number >= page.lastPage || page.rows.length === 0;
      // Fewer rows than announced: somebody marked rows meanwhile, so pages shifted and one may have slipped past us.
      if (last && seen < announced) throw new PollFailed(`the list moved: ${seen} of ${announced} rows seen`);
      if (last) break;
    }
    const before = Math.floor(since / 1_000) - MARGIN_S;
    if (oldest < before) await this.#mark(before);
  }

  async #page(number: number): Promise<{ page: PageRead; at: number }> {
    const answer = await this.#call({
      method: 'GET',
      path: `/v3/sms/${this.#list.name}?page=${number}&limit=${PAGE}`,
    });
    const page = readPage(readEnvelope(answer)?.data);
    if (page === null) throw new PollFailed('the answer is unreadable');
    // The moments of the rows are the cloud's, so is the time they are compared with.
    const date = Date.parse(String(answer.headers.date ?? ''));
    return { page, at: Number.isNaN(date) ? this.#parts.clock.now() : date };
  }

  async #keep(rows: readonly Row[]): Promise<void> {
    const fresh = new Map<string, Row>();
    for (const row of rows) {
      const key = this.#list.keyOf(row);
      if (!this.#stored.has(key)) fresh.set(key, row);
    }
    if (fresh.size === 0) return;
    await this.#list.store([...fresh.values()]);
    for (const [key, row] of fresh) this.#stored.set(key, momentOf(row));
    for (const key of this.#stored.keys()) {
      if (this.#stored.size <= REMEMBERED) break;
      this.#stored.delete(key);
    }
  }

  async #mark(before: number): Promise<void> {
    const body = JSON.stringify({ date_before: before });
    await this.#call({ method: 'PUT', path: `/v3/sms/${this.#list.name}-read`, body });
    for (const [key, moment] of this.#stored) if (moment < before) this.#stored.delete(key);
  }

  async #call(call: Call): Promise<Extract<Answer, { kind: 'answer' }>> {
    if (this.#closed) throw new PollFailed('closed');
    const answer = await this.#parts.calls.make(call);
    if (answer.kind !== 'answer') throw new PollFailed(answer.words);
    if (answer.status === 200) return answer;
    throw new PollFailed(summary(answer), retryAfterMs(answer, this.#parts.clock.now()) ?? 0);
  }
}

/** This round ends here; the next may do better. */
class PollFailed extends Error {
  readonly restMs: number;

  constructor(words: string, restMs = 0) {
    super(words);
    this.restMs = restMs;
  }
}

/** Unix seconds of a row; 0 where it has none. */
function momentOf(row: Row): number {
  return count(row.timestamp) ?? 0;
}
