import { setTimeout as sleep } from 'node:timers/promises';
import { runLoad } from './load-process.ts';
import { startBenchServer, untilBound } from './server.ts';
import { type SinkProcess, untilAcknowledged } from './sink-process.ts';

/** Submits a second while no receipts come, and while receipts of earlier messages flood in. */
export interface FloodRun {
  quietPerSecond: number;
  floodedPerSecond: number;
  /** Receipts acknowledged a second in the meantime. */
  receiptsPerSecond: number;
}

export const FLOOD_PER_SECOND = 5_000;
const MESSAGES = 60_000;

/**
 * One server: messages whose receipts are kept back, then as many again in quiet, then as many again under the flood of
 * the first ones' receipts. In the end every receipt is acknowledged and every message counted as delivered.
 */
export async function runFlood({ sink, window }: { sink: SinkProcess; window: number }): Promise<FloodRun> {
  const server = await startBenchServer(`smpp://u:p@127.0.0.1:${sink.port}?window=${window}`, null);
  try {
    await untilBound(async () => (await sink.counters()).links);
    await sink.receipts(0);
    const base = { url: server.url, credential: server.authorization, system: 'veredus' } as const;
    const send = async (round: number) => {
      await sink.reset();
      const load = await runLoad({
        ...base,
        first: round * MESSAGES,
        messages: MESSAGES,
        batch: 1_000,
        connections: 4,
      });
      const seen = await untilSubmitted(sink);
      const seconds = (seen.lastSubmitAt - load.startedAt) / 1_000;
      return { perSecond: MESSAGES / seconds, receiptsPerSecond: seen.receiptsAcked / seconds };
    };
    await send(0);
    const quiet = await send(1);
    await sink.receipts(FLOOD_PER_SECOND);
    const flooded = await send(2);
    await sink.reset();
    const left = 3 * MESSAGES - (await server.countMessages('status_code:201'));
    await sink.receipts(null);
    await untilAcknowledged(sink, Math.max(0, left - window));
    await untilDelivered(server.countMessages, 3 * MESSAGES);
    return {
      quietPerSecond: quiet.perSecond,
      floodedPerSecond: flooded.perSecond,
      receiptsPerSecond: flooded.receiptsPerSecond,
    };
  } finally {
    await sink.receipts(null);
    await server.stop();
  }
}

async function untilSubmitted(sink: SinkProcess) {
  for (let looks = 0; ; looks++) {
    const counters = await sink.counters();
    if (counters.submits >= MESSAGES) return counters;
    if (looks > 4_000) throw new Error(`only ${counters.submits} of ${MESSAGES} were submitted`);
    await sleep(25);
  }
}

async function untilDelivered(count: (q: string) => Promise<number>, messages: number): Promise<void> {
  for (let looks = 0; ; looks++) {
    const delivered = await count('status_code:201');
    if (delivered === messages) return;
    if (looks > 400) throw new Error(`history shows ${delivered} of ${messages} messages as delivered`);
    await sleep(50);
  }
}
