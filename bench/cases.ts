import { percentile, runLoad, startProbe } from './load-process.ts';
import { startBenchServer, untilBound } from './server.ts';
import { type SinkProcess, untilAcknowledged } from './sink-process.ts';

/** What one case sends, and how. */
export interface Case {
  readonly messages: number;
  readonly batch: number;
  readonly connections: number;
  /** Messages before the clock starts, at least: a tail is measured on a server that has run for a second. */
  readonly warmUp: number;
  /** Milliseconds between single calls of a second client that looks on; null = none does. */
  readonly probeEveryMs: number | null;
}

export const CASES = {
  life20k: { messages: 20_000, batch: 1_000, connections: 4, warmUp: 0, probeEveryMs: null },
  life100k: { messages: 100_000, batch: 1_000, connections: 4, warmUp: 0, probeEveryMs: null },
  single: { messages: 20_000, batch: 1, connections: 64, warmUp: 0, probeEveryMs: null },
  /** 100 single calls a second: enough of them for a 99th percentile, and no load to speak of. */
  latency: { messages: 100_000, batch: 1_000, connections: 4, warmUp: 5_000, probeEveryMs: 10 },
} as const satisfies Record<string, Case>;

export type CaseName = keyof typeof CASES;

/** Rates from the first call to the moment named; times in ms; CPU in µs a message. */
export interface CaseRun {
  acceptedPerSecond: number;
  submittedPerSecond: number;
  fullPerSecond: number;
  acceptP50: number;
  acceptP99: number;
  probeP99: number | null;
  nodeMicros: number;
  postgresMicros: number;
  peakMegabytes: number;
}

export interface CaseOptions {
  sink: SinkProcess;
  /** Submits without an answer on the one bind. */
  window: number;
  /** Messages sent and receipted before the clock starts. */
  warmUp: number;
  profileFolder: string | null;
}

/** Runs one case on a server just started on an empty database, and takes from history that every message was delivered. */
export async function runCase(one: Case, options: CaseOptions): Promise<CaseRun> {
  const { sink } = options;
  const carrier = `smpp://u:p@127.0.0.1:${sink.port}?window=${options.window}`;
  const server = await startBenchServer(carrier, options.profileFolder);
  try {
    await untilBound(async () => (await sink.counters()).links);
    const base = { url: server.url, credential: server.authorization, system: 'veredus' } as const;
    const order = { ...base, first: 0, messages: one.messages, batch: one.batch, connections: one.connections };
    const warm = Math.max(options.warmUp, one.warmUp);
    if (warm > 0) await warmUp(sink, { ...order, first: WARM_UP_FIRST, messages: warm });
    await sink.reset();

    const before = await server.cpu();
    const every = one.probeEveryMs;
    const probe =
      every === null
        ? null
        : startProbe({ ...base, first: PROBE_FIRST, messages: 0, batch: 1, connections: 256, everyMs: every });
    const load = await runLoad(order);
    const probed = probe === null ? null : await probe.end();
    const messages = load.accepted + (probed?.accepted ?? 0);
    const seen = await untilAcknowledged(sink, messages);
    const after = await server.cpu();
    await mustBeDelivered(server.countMessages, messages + warm);

    const perSecond = (count: number, until: number) => count / ((until - load.startedAt) / 1_000);
    const micros = (seconds: number) => (seconds * 1e6) / messages;
    return {
      acceptedPerSecond: perSecond(load.accepted, load.lastAnswerAt),
      submittedPerSecond: perSecond(messages, seen.lastSubmitAt),
      fullPerSecond: perSecond(messages, seen.lastAckedAt),
      acceptP50: percentile(load.latencies, 0.5),
      acceptP99: percentile(load.latencies, 0.99),
      probeP99: probed === null ? null : percentile(probed.latencies, 0.99),
      nodeMicros: micros(after.node - before.node),
      postgresMicros: micros(after.postgres - before.postgres),
      peakMegabytes: await server.peakMegabytes(),
    };
  } finally {
    await server.stop();
  }
}

/** Numbers far from the load's, so that no message repeats another. */
const PROBE_FIRST = 40_000_000;
const WARM_UP_FIRST = 50_000_000;

async function warmUp(sink: SinkProcess, order: Parameters<typeof runLoad>[0]): Promise<void> {
  await sink.reset();
  await runLoad(order);
  await untilAcknowledged(sink, order.messages);
}

/** A fast answer that lost messages would be no figure. */
async function mustBeDelivered(count: (q: string) => Promise<number>, messages: number): Promise<void> {
  const delivered = await count('status_code:201');
  if (delivered !== messages) throw new Error(`history shows ${delivered} of ${messages} messages as delivered`);
}
