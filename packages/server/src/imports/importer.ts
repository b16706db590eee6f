import { Refusal } from '../refusal.ts';
import { type ImportParts, ImportStopped, LEASE_MS, runImport } from './run-import.ts';
import { ImportState } from './state.ts';
import { endImport, setLease, type TakenImport, takeImport } from './store-work.ts';
import { ImportLost } from './write-chunk.ts';

export interface Importer {
  /** Looks for imports at once; called when one was made here. */
  wake(): void;
  /** Takes up what nobody works on, as far as there is room. Resolves when it is taken, not when it is done. */
  takeUp(): Promise<void>;
  /** Resolves when nothing runs here. */
  idle(): Promise<void>;
  /** Gives everything back, within about so long. */
  stop(deadlineMs: number): Promise<void>;
}

/** Imports of one node at a time: each holds some ten megabytes and one connection. */
const AT_ONCE = 2;
/** An import that fails in a way that is not its file's is tried again so much later… */
const RETRY_MS = 5_000;
/** …until it has been taken so often. Each start of a node counts too, so this is generous. */
const MOST_TAKES = 10;

/** Works on imports, of any account, as long as it is not stopped. */
export function openImporter(parts: ImportParts): Importer {
  const { db, clock, log } = parts;
  const running = new Map<number, Promise<void>>();
  let stopping = false;
  let taking = Promise.resolve();

  const work = async (taken: TakenImport) => {
    try {
      await runImport(parts, taken, () => stopping);
    } catch (error) {
      await settle(parts, taken, error as Error).catch((failure: Error) =>
        log('import.unsettled', { import: taken.importId, error: failure.message }),
      );
    }
  };
  const take = async () => {
    while (!stopping && running.size < AT_ONCE) {
      const now = clock.now();
      const taken = await takeImport(db.enginePool, { now, leaseUntil: now + LEASE_MS, but: [...running.keys()] });
      if (!taken) return;
      const done = work(taken).finally(() => {
        running.delete(taken.importId);
        wake();
      });
      running.set(taken.importId, done);
    }
  };
  const takeUp = () => {
    taking = taking.catch(() => {}).then(take);
    return taking;
  };
  const wake = () => {
    if (stopping) return;
    takeUp().catch((error: Error) => log('task.failed', { task: 'run imports', error: error.message }));
  };
  const idle = async () => {
    for (;;) {
      await taking.catch(() => {});
      if (running.size === 0) return;
      await Promise.all(running.values());
    }
  };
  return {
    wake,
    takeUp,
    idle,
    async stop(deadlineMs) {
      stopping = true;
      const patience = new Promise<void>((resolve) => void clock.after(deadlineMs, resolve));
      await Promise.race([idle(), patience]);
    },
  };
}

/** What becomes of an import that did not come to its end. */
async function settle({ db, clock, log }: ImportParts, taken: TakenImport, error: Error): Promise<void> {
  const pool = db.enginePool;
  if (error instanceof ImportLost) return;
  if (error instanceof ImportStopped) return void (await setLease(pool, taken, 0));
  const end = { state: ImportState.failed, at: clock.now() };
  if (error instanceof Refusal) return void (await endImport(pool, taken, { ...end, words: error.message }));
  log('import.failed', { import: taken.importId, take: taken.token, error: error.message, stack: error.stack });
  if (taken.token < MOST_TAKES) return void (await setLease(pool, taken, clock.now() + RETRY_MS));
  const words = `A fault of the platform ended it after ${taken.token} attempts; its log says more, under import.failed.`;
  await endImport(pool, taken, { ...end, words });
}
