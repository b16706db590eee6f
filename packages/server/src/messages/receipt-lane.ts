import type { Clock } from '@veredus/protocols/clock';
import type { CarrierReceipt } from './carrier.ts';
import type { SettleLane } from './settle-lane.ts';

export interface ReceiptLaneParts {
  clock: Clock;
  lingerMs: number;
  settle: Pick<SettleLane, 'came' | 'through'>;
  /** Resolves when stored. */
  take(receipts: readonly CarrierReceipt[]): Promise<void>;
  trouble(where: string, error: unknown): void;
}

interface Call {
  list: CarrierReceipt[];
  /** Outcomes that came before it: they are committed first, so that it finds its message. */
  behind: number;
  stored(): void;
  failed(error: unknown): void;
}

const CHUNK = 1_000;
/** Calls are chunks of a socket; so many need not wait for more. */
const FULL = 50;

/** Stores receipts in chunks, one under way at a time. Answers a function that resolves when its receipts are committed. */
export function receiptLane(parts: ReceiptLaneParts): (list: CarrierReceipt[]) => Promise<void> {
  const calls: Call[] = [];
  let running = false;

  const run = async () => {
    running = true;
    while (calls.length > 0) {
      if (calls.length < FULL && parts.lingerMs > 0) {
        await new Promise<void>((resume) => void parts.clock.after(parts.lingerMs, resume));
      }
      const chunk: Call[] = [];
      for (let size = 0; calls.length > 0 && size < CHUNK; size += chunk.at(-1)!.list.length)
        chunk.push(calls.shift()!);
      await parts.settle.through(chunk.at(-1)!.behind);
      await store(chunk);
    }
    running = false;
  };

  const store = async (chunk: readonly Call[]) => {
    try {
      await parts.take(chunk.flatMap(({ list }) => list));
      for (const { stored } of chunk) stored();
    } catch (error) {
      parts.trouble('receipts', error);
      for (const { failed } of chunk) failed(error);
    }
  };

  return (list) =>
    new Promise((stored, failed) => {
      calls.push({ list, behind: parts.settle.came, stored, failed });
      if (!running) run();
    });
}
