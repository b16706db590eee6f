import { addEsmeBeside, doorPort } from '../test/rig/esme-of-server.ts';
import { jsonLine, lineOf, startProgram } from './children.ts';
import type { RawSmppReport } from './raw-smpp.ts';
import { startBenchServer, untilBound } from './server.ts';
import { type SinkProcess, untilAcknowledged } from './sink-process.ts';

/** Texts a second of a customer's SMPP client: until the last was accepted, and until it has the last receipt. */
export type DoorRun = RawSmppReport;

const MESSAGES = 20_000;

/** One bind at a server just started on an empty database. In the end history must count every text as delivered. */
export async function runDoor(options: {
  sink: SinkProcess;
  window: number;
  profileFolder: string | null;
}): Promise<DoorRun> {
  const { sink, window } = options;
  const carrier = `smpp://u:p@127.0.0.1:${sink.port}?window=${window}`;
  const server = await startBenchServer(carrier, options.profileFolder, { VEREDUS_SMPP_LISTEN: '127.0.0.1:0' });
  try {
    await untilBound(async () => (await sink.counters()).links);
    const { systemId, password } = await addEsmeBeside(server.dataDir, server.username);
    await sink.reset();
    const args = { port: doorPort(server.log()), messages: MESSAGES, window, 'system-id': systemId, password };
    const client = startProgram(
      'raw-smpp.ts',
      Object.entries(args).flatMap(([name, value]) => [`--${name}`, String(value)]),
    );
    const report = await lineOf(client, jsonLine<RawSmppReport>);
    await untilAcknowledged(sink, MESSAGES);
    const delivered = await server.countMessages('status_code:201');
    if (delivered !== MESSAGES) throw new Error(`history shows ${delivered} of ${MESSAGES} as delivered`);
    return report;
  } finally {
    await server.stop();
  }
}
