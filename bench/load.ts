import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { now } from './now.ts';
import { kannelRequests, type Requests, veredusRequests } from './requests.ts';

/**
 * The load, as a process of its own: keep-alive connections that each send the next call when the last is answered, or,
 * with `everyMs`, calls at fixed times whatever the answers do. Takes one LoadOrder as JSON, prints one LoadReport.
 */
export interface LoadOrder {
  /** Origin of the system under load. */
  url: string;
  /** Authorization header of Veredus; with `kannel`, where it calls back. */
  credential: string;
  system: 'veredus' | 'kannel';
  /** The first message's number; numbers used once are not used again, so that no message is a repeat. */
  first: number;
  /** In all; ignored with `everyMs`, which goes on until stdin closes. */
  messages: number;
  batch: number;
  connections: number;
  everyMs?: number;
}

export interface LoadReport {
  /** When the first call left and when the last answer was whole, on the clock of `now`. */
  startedAt: number;
  lastAnswerAt: number;
  accepted: number;
  refused: number;
  /** The start of one answer that accepted less than it was asked to. */
  sample: string | null;
  /** Milliseconds from the moment each call was due to the end of its answer, ascending. */
  latencies: number[];
}

const ANSWER_HEAD = 600;

function openLoad(order: LoadOrder, requests: Requests) {
  const { hostname, port } = new URL(order.url);
  const agent = new Agent({ keepAlive: true, maxSockets: order.connections });
  const report: LoadReport = { startedAt: 0, lastAnswerAt: 0, accepted: 0, refused: 0, sample: null, latencies: [] };

  const send = (call: { path: string; body: string }) =>
    new Promise<{ status: number; head: string }>((resolve, reject) => {
      const headers = { ...requests.headers, 'content-length': Buffer.byteLength(call.body) };
      const options = { agent, hostname, port, path: call.path, method: requests.method, headers };
      const sent = request(options, (response) => {
        let head = '';
        response.on('data', (chunk: Buffer) => {
          if (head.length < ANSWER_HEAD) head += chunk.toString('latin1', 0, ANSWER_HEAD);
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, head }));
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(call.body);
    });

  const make = async (call: { path: string; body: string }, count: number, dueAt: number) => {
    if (report.startedAt === 0) report.startedAt = dueAt;
    const { status, head } = await send(call);
    report.lastAnswerAt = now();
    report.latencies.push(report.lastAnswerAt - dueAt);
    const accepted = requests.accepted(status, head, count);
    report.accepted += accepted;
    report.refused += count - accepted;
    if (accepted < count) report.sample ??= `${status} ${head}`;
  };

  /** All bodies are written before the clock starts: making them is not the server's work. */
  const pour = async () => {
    const calls: { call: { path: string; body: string }; count: number }[] = [];
    for (let done = 0; done < order.messages; done += order.batch) {
      const count = Math.min(order.batch, order.messages - done);
      calls.push({ call: requests.call(order.first + done, count), count });
    }
    let next = 0;
    const worker = async () => {
      while (next < calls.length) {
        const { call, count } = calls[next++]!;
        await make(call, count, now());
      }
    };
    await Promise.all(Array.from({ length: order.connections }, worker));
  };

  /** Calls leave when they are due, so that a slow answer delays no other and is not counted once for many. */
  const drip = async (everyMs: number) => {
    const made: Promise<void>[] = [];
    let ended = false;
    text(process.stdin).finally(() => {
      ended = true;
    });
    for (let dueAt = now(); !ended; dueAt += everyMs) {
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueAt - now())));
      made.push(make(requests.call(order.first + made.length, 1), 1, dueAt));
    }
    await Promise.all(made);
  };

  return async (): Promise<LoadReport> => {
    await (order.everyMs === undefined ? pour() : drip(order.everyMs));
    agent.destroy();
    return { ...report, latencies: report.latencies.sort((a, b) => a - b) };
  };
}

if (import.meta.main) {
  const order = JSON.parse(process.argv[2] ?? '') as LoadOrder;
  const requests = order.system === 'kannel' ? kannelRequests(order.credential) : veredusRequests(order.credential);
  process.stdout.write(`${JSON.stringify(await openLoad(order, requests)())}\n`);
  process.stdin.destroy();
}
