import type { Clock } from '@veredus/protocols/clock';

export interface FairTurnsRule {
  /** At once, of all. */
  places: number;
  /** Of these, kept for checks. */
  kept: number;
  /** At once, of one account; its checks are counted by themselves. */
  own: number;
  ownChecks: number;
  /** Waiting, of one account; the same for its checks. */
  ownWaiting: number;
  /** Waiting, of all accounts; the same for all checks. */
  waiting: number;
  /** Longer than this nobody waits. */
  waitMs: number;
}

export interface TurnWish {
  accountId: number;
  checks: boolean;
  signal?: AbortSignal | undefined;
}

/** A place, to be given back once; or in words why there is none. */
export type Turn = { release(): void } | { refused: string };

interface Line {
  readonly id: string;
  readonly kind: 'uses' | 'checks';
  running: number;
  readonly waiting: (() => void)[];
}

/** Shares places among accounts: what one account holds, or lets wait, leaves the others theirs. */
export class FairTurns {
  readonly #rule: FairTurnsRule;
  readonly #clock: Clock;
  /** By account and kind, the one longest without a new turn first. */
  readonly #lines = new Map<string, Line>();
  readonly #running = { uses: 0, checks: 0 };
  readonly #waiting = { uses: 0, checks: 0 };

  constructor(rule: FairTurnsRule, clock: Clock) {
    this.#rule = rule;
    this.#clock = clock;
  }

  /** A place at once or when one is free. */
  async take({ accountId, checks, signal }: TurnWish): Promise<Turn> {
    if (signal?.aborted) return { refused: 'it was given up' };
    const kind = checks ? 'checks' : 'uses';
    const id = `${kind} ${accountId}`;
    const line = this.#lines.get(id) ?? { id, kind, running: 0, waiting: [] };
    if (this.#isFree(line)) return this.#begin(line);
    if (line.waiting.length >= this.#rule.ownWaiting) return { refused: 'too many calls of this account wait for it' };
    if (this.#waiting[kind] >= this.#rule.waiting) return { refused: 'too many calls wait for it' };
    return this.#wait(line, signal);
  }

  #isFree({ kind, running }: Line): boolean {
    const { places, kept, own, ownChecks } = this.#rule;
    if (this.#running.uses + this.#running.checks >= places) return false;
    return kind === 'checks' ? running < ownChecks : running < own && this.#running.uses < places - kept;
  }

  #begin(line: Line): Turn {
    line.running += 1;
    this.#running[line.kind] += 1;
    this.#lines.delete(line.id);
    this.#lines.set(line.id, line);
    return {
      release: () => {
        line.running -= 1;
        this.#running[line.kind] -= 1;
        this.#serve();
        this.#forget(line);
      },
    };
  }

  /** One place is free: it goes to who holds the fewest. */
  #serve(): void {
    const able = [...this.#lines.values()].filter((line) => line.waiting.length > 0 && this.#isFree(line));
    const [next] = able.sort((a, b) => a.running - b.running);
    next?.waiting.shift()?.();
  }

  #wait(line: Line, signal: AbortSignal | undefined): Promise<Turn> {
    const { waitMs } = this.#rule;
    this.#lines.set(line.id, line);
    this.#waiting[line.kind] += 1;
    return new Promise((resolve) => {
      const leave = () => {
        cancel();
        signal?.removeEventListener('abort', giveUp);
        this.#waiting[line.kind] -= 1;
      };
      const start = () => {
        leave();
        resolve(this.#begin(line));
      };
      const refuse = (refused: string) => {
        line.waiting.splice(line.waiting.indexOf(start), 1);
        leave();
        this.#forget(line);
        resolve({ refused });
      };
      const giveUp = () => refuse('it was given up');
      const cancel = this.#clock.after(waitMs, () => refuse(`no connection was free within ${waitMs / 1_000} s`));
      signal?.addEventListener('abort', giveUp);
      line.waiting.push(start);
    });
  }

  #forget(line: Line): void {
    if (line.running === 0 && line.waiting.length === 0) this.#lines.delete(line.id);
  }
}
