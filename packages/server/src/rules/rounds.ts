/** Something that works off what there is, as often as it is asked to. */
export interface Rounds {
  /** There may be something to do: it begins at once, and nobody waits for it. */
  wake(): void;
  /** Resolves when nothing is left of what there was, and of what came meanwhile. Never two rounds at once. */
  run(): Promise<void>;
  /** Nothing new is begun; resolves when what is under way has ended. */
  stop(): Promise<void>;
}

/** Runs `round` once more for every time it is asked for while it runs, and one at a time. What fails is the next round's again. */
export function rounds(
  round: (stopping: () => boolean) => Promise<void>,
  failed: (error: Error) => void,
): Rounds & { readonly stopping: boolean } {
  let underWay: Promise<void> | null = null;
  let again = false;
  let stopping = false;
  const all = async () => {
    while (again && !stopping) {
      again = false;
      await round(() => stopping);
    }
  };
  const run = (): Promise<void> => {
    again = true;
    underWay ??= all().finally(() => {
      underWay = null;
      // Asked for between the last look and this moment.
      if (again && !stopping) wake();
    });
    return underWay;
  };
  const wake = () => void run().catch(failed);
  return {
    wake,
    run,
    async stop() {
      stopping = true;
      await underWay?.catch(() => {});
    },
    get stopping() {
      return stopping;
    },
  };
}
