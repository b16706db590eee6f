import type { Socket } from 'node:net';
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

/** What the pretend carrier has seen since its last reset. Times are of `now`; 0 = not yet. */
export interface SinkCounters {
  submits: number;
  lastSubmitAt: number;
  receiptsSent: number;
  receiptsAcked: number;
  receiptsRefused: number;
  /** When the last deliver_sm_resp came in. */
  lastAckedAt: number;
  links: number;
}

export interface Sink {
  counters: SinkCounters;
  nextMessage: number;
  /** Receipts of one link that may be without an answer. */
  window: number;
  /** How many more receipts may leave for now; Infinity = as fast as the window allows. */
  allowed: number;
  /** Sends what has become allowed, for each open link. */
  readonly pumps: Set<() => void>;
}

interface Owed {
  id: string;
  from: string;
  to: string;
}

/** One bind of the pretend carrier: every submit is taken at once, and its receipt follows as the window allows. */
export function openSinkLink(socket: Socket, sink: Sink): void {
  const writer = new PduWriter(socket);
  let owed: Owed[] = [];
  let nextOwed = 0;
  let unanswered = 0;
  let sequence = 1;
  let seenAt = 0;

  const reply = (command: number, to: number, text?: string) => {
    writer.begin(command + RESPONSE, to);
    if (text !== undefined) writer.text(text);
    writer.end();
  };

  const take = (chunk: Buffer, at: number) => {
    const { counters } = sink;
    counters.submits += 1;
    counters.lastSubmitAt = seenAt;
    const id = messageId(sink.nextMessage++);
    reply(COMMAND.submit, sequenceOf(chunk, at), id);
    const { from, to, wantsReceipt } = readSubmit(chunk, at);
    if (wantsReceipt) owed.push({ id, from, to });
  };

  const sendReceipts = () => {
    for (; nextOwed < owed.length && unanswered < sink.window && sink.allowed > 0; nextOwed++, unanswered++) {
      sink.allowed -= 1;
      writeReceipt(writer, owed[nextOwed]!, sequence);
      sequence = nextSequence(sequence);
      sink.counters.receiptsSent += 1;
    }
    // Cut off what is done now and then: a shift() each would cost more than the receipt.
    if (nextOwed === owed.length || nextOwed > 100_000) {
      owed = owed.slice(nextOwed);
      nextOwed = 0;
    }
  };

  const read = pduReader((chunk, at) => {
    const command = commandOf(chunk, at);
    if (command === COMMAND.submit) take(chunk, at);
    else if (command === COMMAND.deliver + RESPONSE) {
      unanswered -= 1;
      sink.counters.receiptsAcked += 1;
      sink.counters.lastAckedAt = seenAt;
      if (statusOf(chunk, at) !== 0) sink.counters.receiptsRefused += 1;
    } else if (command === COMMAND.enquireLink || command === COMMAND.unbind) reply(command, sequenceOf(chunk, at));
    else if (command < RESPONSE) reply(command, sequenceOf(chunk, at), 'sink');
  });

  const pump = () => {
    sendReceipts();
    writer.flush();
  };
  sink.pumps.add(pump);
  sink.counters.links += 1;
  socket.setNoDelay(true);
  socket.on('data', (chunk) => {
    seenAt = now();
    read(chunk);
    sendReceipts();
    writer.flush();
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    sink.pumps.delete(pump);
    sink.counters.links -= 1;
  });
}

/** Eight hex digits, as most message centres give them. */
const messageId = (number: number): string => number.toString(16).padStart(8, '0');

/** Walks the mandatory fields of a submit_sm (SMPP 3.4 §4.4.1) as far as registered_delivery. */
function readSubmit(chunk: Buffer, at: number): { from: string; to: string; wantsReceipt: boolean } {
  const fromAt = chunk.indexOf(0, at + HEADER) + 3;
  const fromEnd = chunk.indexOf(0, fromAt);
  const toAt = fromEnd + 3;
  const toEnd = chunk.indexOf(0, toAt);
  const scheduleEnd = chunk.indexOf(0, toEnd + 4);
  const validityEnd = chunk.indexOf(0, scheduleEnd + 1);
  return {
    from: chunk.toString('latin1', fromAt, fromEnd),
    to: chunk.toString('latin1', toAt, toEnd),
    wantsReceipt: (chunk[validityEnd + 1]! & 1) === 1,
  };
}

/** A deliver_sm with esm_class 4 and the text of SMPP 3.4 appendix B, from the handset to the sender. */
function writeReceipt(writer: PduWriter, owed: Owed, sequence: number): void {
  writer.begin(COMMAND.deliver, sequence);
  writer.zeros(1);
  writer.byte(1);
  writer.byte(1);
  writer.text(owed.to);
  writer.byte(5);
  writer.byte(0);
  writer.text(owed.from);
  writer.byte(4);
  writer.zeros(8);
  writer.message(
    `id:${owed.id} sub:001 dlvrd:001 submit date:2601010000 done date:2601010000 stat:DELIVRD err:000 text:`,
  );
  writer.end();
}
