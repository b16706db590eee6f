import type { Clock } from '@veredus/protocols/clock';

export interface Task {
  name: string;
  everyMs: number;
  run(): Promise<unknown>;
}

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
    const work = task
      .run()
      .then(() => {})
      .catch((error: Error) => log('task.failed', { task: task.name, error: error.message }))
      .finally(() => {
        underWay.delete(work);
        schedule(task);
      });
    underWay.add(work);
  };
  const schedule = (task: Task) => {
    if (!stopped)
      cancels.set(
        task,
        clock.after(task.everyMs, () => turn(task)),
      );
  };
  for (const task of tasks) schedule(task);

  return async () => {
    stopped = true;
    for (const cancel of cancels.values()) cancel();
    await Promise.all(underWay);
  };
}
