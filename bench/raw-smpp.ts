import { once } from 'node:events';
import { connect } from 'node:net';
import { parseArgs } from 'node:util';
import { now } from './now.ts';
import {
  COMMAND,
  commandOf,
  HEADER,
  nextSequence,
  PduWriter,
  pduReader,
  RESPONSE,
  sequenceOf,
  statusOf,
} from './pdu-stream.ts';

/**
 * Raw limit 1: an SMPP client that stores nothing. Submits `messages` texts of 100 characters with receipts, as fast as
 * the window lets it, and acknowledges each receipt at once. Prints one line of JSON, a RawSmppReport.
 */
export interface RawSmppReport {
  /** Texts a second until the last receipt. */
  perSecond: number;
  /** Until the last answer to a submit. */
  acceptedPerSecond: number;
}

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '2775' },
    'system-id': { type: 'string', default: 'u' },
    password: { type: 'string', default: 'p' },
    messages: { type: 'string', default: '500000' },
    window: { type: 'string', default: '500' },
  },
});
const messages = Number(values.messages);
const window = Number(values.window);
const body = 'x'.repeat(100);

const socket = connect(Number(values.port), '127.0.0.1');
socket.setNoDelay(true);
const writer = new PduWriter(socket);
/** What is out, by sequence number: a real client has to know whose answer came. */
const out = new Map<number, number>();
let sequence = 1;
let sent = 0;
let answered = 0;
let answeredAt = 0;
let acknowledged = 0;

function submit(): void {
  writer.begin(COMMAND.submit, sequence);
  writer.zeros(1);
  writer.byte(5);
  writer.byte(0);
  writer.text('SENDER');
  writer.byte(1);
  writer.byte(1);
  writer.text(`614${10_000_000 + sent}`);
  writer.zeros(5);
  writer.byte(1);
  writer.zeros(3);
  writer.message(body);
  writer.end();
  out.set(sequence, sent);
  sequence = nextSequence(sequence);
  sent += 1;
}

const read = pduReader((chunk, at, length) => {
  const command = commandOf(chunk, at);
  if (command === COMMAND.submit + RESPONSE) {
    chunk.toString('latin1', at + HEADER, at + length - 1);
    if (statusOf(chunk, at) !== 0) throw new Error(`a submit was refused with status ${statusOf(chunk, at)}`);
    if (out.delete(sequenceOf(chunk, at))) answered += 1;
    if (answered === messages) answeredAt ||= now();
  } else if (command === COMMAND.deliver) {
    writer.begin(COMMAND.deliver + RESPONSE, sequenceOf(chunk, at));
    writer.zeros(1);
    writer.end();
    acknowledged += 1;
  }
});

async function bind(): Promise<void> {
  writer.begin(COMMAND.bindTransceiver, sequence++);
  writer.text(values['system-id']);
  writer.text(values.password);
  writer.text('');
  writer.byte(0x34);
  writer.zeros(3);
  writer.end();
  writer.flush();
  const [answer] = (await once(socket, 'data')) as [Buffer];
  if (statusOf(answer, 0) !== 0) throw new Error(`the bind was refused with status ${statusOf(answer, 0)}`);
}

await bind();
const startedAt = now();
await new Promise<void>((resolve, reject) => {
  const fill = () => {
    while (sent < messages && out.size < window) submit();
    writer.flush();
    // A receipt may come twice.
    if (answered === messages && acknowledged >= messages) resolve();
  };
  socket.on('data', (chunk) => {
    read(chunk);
    fill();
  });
  socket.on('error', reject);
  fill();
});
const perSecond = (until: number) => messages / ((until - startedAt) / 1_000);
const report: RawSmppReport = { perSecond: perSecond(now()), acceptedPerSecond: perSecond(answeredAt) };
console.log(JSON.stringify(report));
socket.destroy();
