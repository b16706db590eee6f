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
  readonly checks: boolean;
  running: number;
  readonly waiting: (() => void)[];
}

/** Shares places among accounts: what one account holds, or lets wait, leaves the others theirs. */
export function fairTurns(rule: FairTurnsRule, clock: Clock): (wish: TurnWish) => Promise<Turn> {
  /** By account and kind, the one longest without a new turn first. */
  const lines = new Map<string, Line>();
  const running = { all: 0, uses: 0 };
  const waiting = { uses: 0, checks: 0 };

  const isFree = ({ checks, running: own }: Line) =>
    running.all < rule.places &&
    own < (checks ? rule.ownChecks : rule.own) &&
    (checks || running.uses < rule.places - rule.kept);

  const begin = (id: string, line: Line): Turn => {
    const uses = line.checks ? 0 : 1;
    line.running += 1;
    running.all += 1;
    running.uses += uses;
    lines.delete(id);
    lines.set(id, line);
    return {
      release() {
        line.running -= 1;
        running.all -= 1;
        running.uses -= uses;
        serve();
        forget(id, line);
      },
    };
  };
  const serve = () => {
    for (const line of [...lines.values()]) if (line.waiting.length > 0 && isFree(line)) line.waiting.shift()!();
  };
  const forget = (id: string, line: Line) => {
    if (line.running === 0 && line.waiting.length === 0) lines.delete(id);
  };

  const wait = (id: string, line: Line, signal: AbortSignal | undefined) =>
    new Promise<Turn>((resolve) => {
      const kind = line.checks ? 'checks' : 'uses';
      const leave = () => {
        cancel();
        signal?.removeEventListener('abort', giveUp);
        waiting[kind] -= 1;
      };
      const refuse = (refused: string) => {
        line.waiting.splice(line.waiting.indexOf(start), 1);
        leave();
        forget(id, line);
        resolve({ refused });
      };
      const start = () => {
        leave();
        resolve(begin(id, line));
      };
      const giveUp = () => refuse('it was given up');
      const cancel = clock.after(rule.waitMs, () => refuse(`no connection was free within ${rule.waitMs / 1_000} s`));
      signal?.addEventListener('abort', giveUp);
      waiting[kind] += 1;
      line.waiting.push(start);
    });

  return async ({ accountId, checks, signal }) => {
    if (signal?.aborted) return { refused: 'it was given up' };
    const id = `${accountId} ${checks}`;
    const line = lines.get(id) ?? { checks, running: 0, waiting: [] };
    if (isFree(line)) return begin(id, line);
    if (line.waiting.length >= rule.ownWaiting) return { refused: 'too many calls of this account wait for it' };
    if (waiting[checks ? 'checks' : 'uses'] >= rule.waiting) return { refused: 'too many calls wait for it' };
    lines.set(id, line);
    return wait(id, line, signal);
  };
}
