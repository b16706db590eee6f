import type { Clock } from '@veredus/protocols/clock';

export interface SandboxClock extends Clock {
  /** Both times jump ahead; timers that come due by it run at once, in their order. */
  advance(milliseconds: number): void;
}

/** A clock that runs like `base` and can be moved ahead, for trying out schedules and validity without waiting. */
export function sandboxClock(base: Clock): SandboxClock {
  let ahead = 0;
  const waiting = new Set<{ due: number; run: () => void; cancel: () => void }>();

  const monotonic = () => base.monotonic() + ahead;
  return {
    now: () => base.now() + ahead,
    monotonic,
    after(milliseconds, run) {
      const timer = {
        due: monotonic() + milliseconds,
        run: () => {
          waiting.delete(timer);
          run();
        },
        cancel: base.after(milliseconds, () => timer.run()),
      };
      waiting.add(timer);
      return () => {
        waiting.delete(timer);
        timer.cancel();
      };
    },
    advance(milliseconds) {
      ahead += milliseconds;
      const due = [...waiting].filter((timer) => timer.due <= monotonic()).sort((a, b) => a.due - b.due);
      for (const timer of due) {
        if (!waiting.has(timer)) continue;
        timer.cancel();
        timer.run();
      }
      // What is left comes due earlier by the machine's clock than it was told.
      for (const timer of waiting) {
        timer.cancel();
        timer.cancel = base.after(Math.max(0, timer.due - monotonic()), () => timer.run());
      }
    },
  };
}
