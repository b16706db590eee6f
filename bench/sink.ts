import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { parseArgs } from 'node:util';
import { openSinkLink, type Sink, type SinkCounters } from './sink-link.ts';

/**
 * A pretend SMSC, as a process of its own so that it takes no turn of the loop under test. Prints its ports as one line
 * of JSON, then answers GET / with its counters and POST /reset by setting them to zero.
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

const sink: Sink = { counters: fresh(0), nextMessage: 1, window: Number(values.window) };

const smpp = createServer((socket) => openSinkLink(socket, sink));
const control = createHttpServer((request, response) => {
  if (request.url === '/reset') sink.counters = fresh(sink.counters.links);
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
