import { type ChildProcess, spawn } from 'node:child_process';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@veredus/server/db/embedded/server';
import { endProcess } from './children.ts';
import { kannelConfig } from './kannel-config.ts';
import { runLoad } from './load-process.ts';
import { cpuSecondsOf } from './process-costs.ts';
import { untilBound } from './server.ts';
import { type SinkProcess, untilAcknowledged } from './sink-process.ts';

const BEARERBOX = '/usr/sbin/bearerbox';
const SMSBOX = '/usr/sbin/smsbox';

/** Rates from the first call to the last answer, submit and acknowledged receipt. */
export interface KannelRun {
  acceptedPerSecond: number;
  submittedPerSecond: number;
  fullPerSecond: number;
  micros: number;
}

/** Whether Debian's kannel is installed. */
export async function hasKannel(): Promise<boolean> {
  const found = await Promise.allSettled([access(BEARERBOX), access(SMSBOX)]);
  return found.every(({ status }) => status === 'fulfilled');
}

/** The load of single calls, sent through Kannel to the same pretend carrier; each receipt is also called back. */
export async function runKannel(
  load: { messages: number; connections: number },
  { sink, window }: { sink: SinkProcess; window: number },
): Promise<KannelRun> {
  const folder = await mkdtemp(join(tmpdir(), 'veredus-bench-kannel-'));
  const ports = { admin: await freePort(), box: await freePort(), sendSms: await freePort(), carrier: sink.port };
  await writeFile(join(folder, 'kannel.conf'), kannelConfig(folder, ports, window));
  const callBacks = await startCallBacks();
  const boxes: ChildProcess[] = [];
  const start = async (program: string, port: number) => {
    boxes.push(spawn(program, ['-v', '4', join(folder, 'kannel.conf')], { stdio: 'ignore' }));
    await untilListening(port);
  };
  try {
    await start(BEARERBOX, ports.box);
    await start(SMSBOX, ports.sendSms);
    await untilBound(async () => (await sink.counters()).links);
    // smsbox has told bearerbox of itself once its first message passes; before that messages are refused.
    await sleep(500);
    await sink.reset();
    const cpu = () => Promise.all(boxes.map((box) => cpuSecondsOf(box.pid!))).then(([a = 0, b = 0]) => a + b);
    const before = await cpu();
    const url = `http://127.0.0.1:${ports.sendSms}`;
    const report = await runLoad({ ...load, url, credential: callBacks.url, system: 'kannel', first: 0, batch: 1 });
    const seen = await untilAcknowledged(sink, load.messages);
    const perSecond = (until: number) => load.messages / ((until - report.startedAt) / 1_000);
    return {
      acceptedPerSecond: perSecond(report.lastAnswerAt),
      submittedPerSecond: perSecond(seen.lastSubmitAt),
      fullPerSecond: perSecond(seen.lastAckedAt),
      micros: (((await cpu()) - before) * 1e6) / load.messages,
    };
  } finally {
    for (const box of boxes.reverse()) await endProcess(box, 5_000);
    callBacks.server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Takes smsbox's calls about receipts. On bare sockets: an HTTP server would take CPU from what is measured. */
async function startCallBacks(): Promise<{ server: Server; url: string }> {
  const server = createServer((socket) => {
    let rest = '';
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      const calls = (rest + chunk.toString('latin1')).split('\r\n\r\n');
      rest = calls.pop() ?? '';
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'.repeat(calls.length));
    });
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${port}` };
}

async function untilListening(port: number): Promise<void> {
  for (let looks = 0; looks < 100; looks++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (open) return;
    await sleep(100);
  }
  throw new Error(`Kannel did not listen on ${port} within 10 s`);
}
