import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { parseArgs } from 'node:util';
import { now } from './now.ts';
import { openSinkLink, type Sink, type SinkCounters } from './sink-link.ts';

/**
 * A pretend SMSC, as a process of its own so that it takes no turn of the loop under test. Prints its ports as one line
 * of JSON, then answers GET / with its counters, POST /reset by setting them to zero, and POST /receipts?per_second=n by
 * sending receipts at that rate and no faster (0 = none; without a number as fast as the window allows).
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    control: { type: 'string', default: '0' },
    window: { type: 'string', default: '500' },
    /** Its starter holds stdin open: a starter that was killed takes it along. */
    'until-stdin-ends': { type: 'boolean', default: false },
  },
});

const fresh = (links: number): SinkCounters => ({
  submits: 0,
  lastSubmitAt: 0,
  receiptsSent: 0,
  receiptsAcked: 0,
  receiptsRefused: 0,
  lastAckedAt: 0,
  links,
});

const sink: Sink = {
  counters: fresh(0),
  nextMessage: 1,
  window: Number(values.window),
  allowed: Number.POSITIVE_INFINITY,
  pumps: new Set(),
};

const TICK_MS = 10;
let ticking: NodeJS.Timeout | undefined;

function setReceiptRate(perSecond: number): void {
  clearInterval(ticking);
  sink.allowed = Number.isFinite(perSecond) ? 0 : perSecond;
  const startedAt = now();
  let given = 0;
  const tick = () => {
    const due = Math.floor(((now() - startedAt) / 1_000) * perSecond);
    sink.allowed += due - given;
    given = due;
    for (const pump of sink.pumps) pump();
  };
  if (perSecond > 0 && Number.isFinite(perSecond)) ticking = setInterval(tick, TICK_MS);
  else for (const pump of sink.pumps) pump();
}

const smpp = createServer((socket) => openSinkLink(socket, sink));
const control = createHttpServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://sink');
  if (url.pathname === '/receipts')
    setReceiptRate(Number(url.searchParams.get('per_second') ?? Number.POSITIVE_INFINITY));
  if (url.pathname === '/reset') sink.counters = fresh(sink.counters.links);
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(sink.counters));
});

const listen = (server: Server, port: string): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(Number(port), '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });

console.log(JSON.stringify({ smpp: await listen(smpp, values.port), control: await listen(control, values.control) }));

if (values['until-stdin-ends']) process.stdin.resume().once('end', () => process.exit());
