import { isUnavailable } from '../db/patient-pool.ts';
import type { JobParts } from './actions/job.ts';
import { type Asked, askAbout, askChunk } from './ask-rules.ts';
import { actionDoer } from './do-actions.ts';
import { rounds } from './rounds.ts';
import { unaskedIds } from './store-asking.ts';

export interface RunnerParts extends JobParts {
  /** Pushes were queued, or texts for customers' SMPP clients. */
  pushed(): void;
  forwarded(): void;
}

export interface RuleRunner {
  /** Texts were stored: their rules are asked at once, without anybody waiting for it. */
  wake(): void;
  /** Looks for texts and actions that are due; resolves when all of them are done with. */
  run(): Promise<void>;
  /** The same, without waiting for the actions: what a node does again and again. */
  tick(): Promise<void>;
  /** There may be an action that is due. */
  wakeActions(): void;
  stop(): Promise<void>;
}

/** Texts of one transaction. */
const CHUNK = 100;
/** A text that could not be asked about is left alone so long: it may keep no others waiting. */
const REST_MS = 60_000;
const MOST_RESTING = 1_000;

/**
 * What rules for inbound texts do, on every node that works. All it knows is in the tables: a text is asked about in one
 * transaction with what its rules want, an action is done in one transaction with its effect. So it may be killed anywhere,
 * and several nodes may do it at once.
 */
export function ruleRunner(parts: RunnerParts): RuleRunner {
  const doer = actionDoer(parts);
  const resting = new Map<string, number>();

  const restingNow = (): string[] => {
    const now = parts.clock.monotonic();
    for (const [id, until] of resting) if (until <= now) resting.delete(id);
    return [...resting.keys()];
  };

  const tell = ({ waiting, pushed, forwarded }: Asked) => {
    if (waiting > 0) doer.wake();
    if (pushed > 0) parts.pushed();
    if (forwarded > 0) parts.forwarded();
  };

  const askAll = async (stopping: () => boolean) => {
    while (!stopping()) {
      const asked = await askChunk(parts, restingNow(), CHUNK).catch((error: Error) => {
        if (isUnavailable(error)) throw error;
        parts.log('rules.chunk-failed', { error: error.message });
        return null;
      });
      if (asked === null) return askSingly(stopping);
      tell(asked);
      if (asked.ids.length < CHUNK) return;
    }
  };

  /** One of a chunk could not be asked about: the others are, each alone. */
  const askSingly = async (stopping: () => boolean) => {
    for (const id of await unaskedIds(parts.pool, restingNow(), CHUNK)) {
      if (stopping()) return;
      try {
        tell(await askAbout(parts, id));
      } catch (error) {
        if (isUnavailable(error)) throw error;
        parts.log('rules.text-failed', { inbound: id, error: (error as Error).message });
        if (resting.size < MOST_RESTING) resting.set(id, parts.clock.monotonic() + REST_MS);
      }
    }
  };

  const asking = rounds(askAll, (error) => parts.log('rules.round-failed', { error: error.message }));
  return {
    wake: asking.wake,
    wakeActions: doer.wake,
    async tick() {
      await asking.run();
      await doer.takeUp();
    },
    async run() {
      await asking.run();
      await doer.run();
    },
    async stop() {
      await asking.stop();
      await doer.stop();
    },
  };
}
