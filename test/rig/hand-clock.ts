import type { Clock } from '@veredus/protocols/clock';

export interface HandClock extends Clock {
  /** Moves both times on and runs what has come due, in the order of its time. */
  advance(milliseconds: number): void;
}

/** A clock that stands still until a test moves it. */
export function handClock(start = Date.UTC(2026, 0, 1)): HandClock {
  let passed = 0;
  let waiting: { due: number; run: () => void }[] = [];
  return {
    now: () => start + passed,
    monotonic: () => passed,
    after(milliseconds, run) {
      const entry = { due: passed + milliseconds, run };
      waiting.push(entry);
      return () => {
        waiting = waiting.filter((other) => other !== entry);
      };
    },
    advance(milliseconds) {
      const end = passed + milliseconds;
      for (;;) {
        const next = waiting.filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)[0];
        if (!next) break;
        waiting = waiting.filter((other) => other !== next);
        passed = Math.max(passed, next.due);
        next.run();
      }
      passed = end;
    },
  };
}
