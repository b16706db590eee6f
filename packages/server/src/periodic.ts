import type { Clock } from '@veredus/protocols/clock';

export interface Task {
  name: string;
  everyMs: number;
  /** A turn that answers so many has more to do: the next one follows soon. For clean-ups that do a bit at a time. */
  full?: number;
  run(): Promise<unknown>;
}

/** Between two turns of a task that has more to do: others get in between. */
const SOON_MS = 100;

/**
 * Runs tasks again and again, each by itself and never twice at once. A failure is logged and tried again at the next
 * turn. The answer stops them and waits for those under way.
 */
export function runPeriodically(
  clock: Clock,
  tasks: readonly Task[],
  log: (event: string, facts: Record<string, unknown>) => void,
): () => Promise<void> {
  let stopped = false;
  const cancels = new Map<Task, () => void>();
  const underWay = new Set<Promise<void>>();

  const turn = (task: Task) => {
    let pauseMs = task.everyMs;
    const work = task
      .run()
      .then((done) => {
        if (typeof done === 'number' && task.full !== undefined && done >= task.full) pauseMs = SOON_MS;
      })
      .catch((error: Error) => log('task.failed', { task: task.name, error: error.message }))
      .finally(() => {
        underWay.delete(work);
        schedule(task, pauseMs);
      });
    underWay.add(work);
  };
  const schedule = (task: Task, pauseMs: number) => {
    if (!stopped)
      cancels.set(
        task,
        clock.after(Math.min(pauseMs, task.everyMs), () => turn(task)),
      );
  };
  for (const task of tasks) schedule(task, task.everyMs);

  return async () => {
    stopped = true;
    for (const cancel of cancels.values()) cancel();
    await Promise.all(underWay);
  };
}
