import { setTimeout as sleep } from 'node:timers/promises';
import { endProcess, jsonLine, lineOf, startProgram } from './children.ts';
import type { SinkCounters } from './sink-link.ts';

/** The pretend carrier from outside. */
export interface SinkProcess {
  /** Its SMPP port. */
  readonly port: number;
  counters(): Promise<SinkCounters>;
  reset(): Promise<void>;
  /** From now on so many receipts a second; 0 = none, null = as fast as the window allows. */
  receipts(perSecond: number | null): Promise<void>;
  stop(): Promise<void>;
}

export async function startSink(window: number): Promise<SinkProcess> {
  const child = startProgram('sink.ts', ['--until-stdin-ends', '--window', String(window)]);
  const ports = await lineOf(child, jsonLine<{ smpp: number; control: number }>);
  const ask = async (path: string, method: string) => {
    const response = await fetch(`http://127.0.0.1:${ports.control}${path}`, { method });
    return (await response.json()) as SinkCounters;
  };
  return {
    port: ports.smpp,
    counters: () => ask('/', 'GET'),
    receipts: async (perSecond) =>
      void (await ask(perSecond === null ? '/receipts' : `/receipts?per_second=${perSecond}`, 'POST')),
    reset: async () => void (await ask('/reset', 'POST')),
    stop: () => endProcess(child),
  };
}

const LOOK_MS = 25;
/** So long without one more acknowledgement, and the rest will not come. */
const STALLED_MS = 15_000;

/**
 * Waits until `messages` receipts are acknowledged. An acknowledgement leaves only after its receipt's commit, so the last
 * one ends the last message's life.
 */
export async function untilAcknowledged(sink: SinkProcess, messages: number): Promise<SinkCounters> {
  for (let still = 0, last = -1; ; ) {
    const counters = await sink.counters();
    if (counters.receiptsAcked >= messages) return counters;
    still = counters.receiptsAcked + counters.submits === last ? still + LOOK_MS : 0;
    last = counters.receiptsAcked + counters.submits;
    if (still > STALLED_MS) {
      const { submits, receiptsSent, receiptsAcked } = counters;
      throw new Error(
        `stalled at ${submits} submitted, ${receiptsSent} receipts sent and ${receiptsAcked} acknowledged of ${messages}`,
      );
    }
    await sleep(LOOK_MS);
  }
}
