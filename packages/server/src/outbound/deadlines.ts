import type { Clock } from '@veredus/protocols/clock';

const TOTAL_MS = 120_000;
const HEADERS_MS = 15_000;
const IDLE_MS = 15_000;

/** How long the whole of a fetch, its answer, and each silence within may last. */
export interface Deadlines {
  /** Fires when one of them has passed. */
  readonly signal: AbortSignal;
  /** Which one passed, as a sentence; null while none has. */
  late(): string | null;
  /** The same promise, given up when a deadline passes. */
  within<T>(work: Promise<T>): Promise<T>;
  expectHeaders(): void;
  /** From now on the time between two pieces counts; called with each piece. */
  expectBytes(): void;
  /** While whoever reads is busy, silence is not the other side's fault. */
  expectNothing(): void;
  /** Runs when a deadline passes or all is over. */
  onStop(run: () => void): void;
  stop(): void;
}

export function deadlines(clock: Clock, totalMs = TOTAL_MS): Deadlines {
  const abort = new AbortController();
  const endings: (() => void)[] = [];
  let late: string | null = null;
  const stop = () => {
    cancelTotal();
    cancelStep();
    for (const end of endings.splice(0)) end();
  };
  const pass = (words: string) => () => {
    late ??= words;
    abort.abort();
    stop();
  };
  let cancelStep = () => {};
  const cancelTotal = clock.after(totalMs, pass(`it took longer than ${totalMs / 1000} seconds in all.`));
  const step = (milliseconds: number, words: string) => {
    cancelStep();
    cancelStep = abort.signal.aborted ? () => {} : clock.after(milliseconds, pass(words));
  };
  return {
    signal: abort.signal,
    late: () => late,
    within: (work) => raceAbort(work, abort.signal),
    expectHeaders: () => step(HEADERS_MS, `no answer came within ${HEADERS_MS / 1000} seconds.`),
    expectBytes: () => step(IDLE_MS, `nothing more came for ${IDLE_MS / 1000} seconds.`),
    expectNothing: () => cancelStep(),
    onStop: (run) => endings.push(run),
    stop,
  };
}

function raceAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new Error('too late'));
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}
