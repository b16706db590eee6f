import type { Duplex } from 'node:stream';
import type { Clock } from '../clock.ts';
import type { Random } from '../random.ts';
import { COMMAND, isResponse } from './command.ts';
import { decode } from './decode.ts';
import { encode, encodeMessage, encodeResponse } from './encode.ts';
import { bare, type Ending, type IncomingMessage, type Taken } from './ending.ts';
import { Framer } from './framer.ts';
import type { SessionLimits } from './limits.ts';
import { Liveness } from './liveness.ts';
import { Outbox } from './outbox.ts';
import type { MalformedPdu, MessageResponsePdu, Pdu, PlainPdu, ShortMessage } from './pdu.ts';
import { Pending } from './pending.ts';
import { STATUS, statusName } from './status.ts';
import { NO_TLVS } from './tlv.ts';
import { unwritableMessage } from './unwritable.ts';

export interface SessionParts {
  clock: Clock;
  random: Random;
}

/** The side that sits on a connection: client or server. Calls may throw; the connection survives and reports `fault`. */
export interface Side<T> {
  /** The status to refuse this message with, 0 to take it. */
  admits(message: IncomingMessage): number;
  messages(messages: IncomingMessage[]): void;
  endings(endings: Ending<T>[]): void;
  /** Binds, their answers, unbind_resp, and a generic_nack that belongs to no message. */
  other(pdu: Pdu): void;
  ready(): void;
  closed(why: string): void;
  fault(error: unknown): void;
}

/** More than this waiting for a peer that does not read, and we stop reading from it too. */
const MOST_WAITING = 262_144;
/** Unreadable PDUs in a row before we believe that the peer speaks something else. */
const MOST_MALFORMED = 3;
/** A last word (nack, unbind_resp) gets so long to leave before the stream is destroyed. */
const LINGER_MS = 1_000;

/**
 * What both sides of a session share: PDUs in and out over any duplex stream, the window, time-outs, liveness and the
 * end. Everything that came in one chunk is handed up in one call, and everything said in one turn leaves in one write.
 */
export class Connection<T> {
  readonly limits: SessionLimits;
  private readonly stream: Duplex;
  private readonly clock: Clock;
  private readonly side: Side<T>;
  private readonly framer = new Framer();
  private readonly outbox = new Outbox();
  private readonly pending = new Pending<T>();
  private readonly liveness: Liveness;
  /** Requests of the peer we have not answered, with the command that answers them. */
  private readonly owed = new Map<number, number>();
  private endings: Ending<T>[] = [];
  private messages: IncomingMessage[] = [];
  private open = true;
  private reading = false;
  private flushDue = false;
  private sweeping = false;
  private malformed = 0;
  private sequence = 0;
  private last: string | null = null;

  constructor(stream: Duplex, parts: SessionParts, limits: SessionLimits, side: Side<T>) {
    this.stream = stream;
    this.clock = parts.clock;
    this.limits = limits;
    this.side = side;
    const ask = () => this.send({ command: 'enquire_link', sequence: this.nextSequence(), status: 0 });
    this.liveness = new Liveness(parts, limits.enquireIntervalMs, ask, () =>
      this.close('the peer is silent: two enquire_link intervals without a PDU'),
    );
    stream.on('data', (chunk: Buffer) => this.read(chunk));
    stream.on('drain', () => this.drained());
    stream.on('end', () => this.close('the peer hung up'));
    stream.on('close', () => this.close('the connection is closed'));
    stream.on('error', (error: NodeJS.ErrnoException) =>
      this.close(`the connection failed: ${error.code ?? error.message}`),
    );
    this.liveness.start();
  }

  /** Requests that may be sent right now; 0 when closed or while the peer does not read. */
  get free(): number {
    if (!this.open || this.blocked) return 0;
    return Math.max(0, this.limits.window - this.pending.size);
  }

  get outstanding(): number {
    return this.pending.size;
  }

  get unanswered(): number {
    return this.owed.size;
  }

  nextSequence(): number {
    this.sequence = this.sequence === 0x7fffffff ? 1 : this.sequence + 1;
    return this.sequence;
  }

  /** Puts a submit_sm or deliver_sm of ours on its way; its ending comes with `token`. */
  request(command: 'submit_sm' | 'deliver_sm', message: ShortMessage, token: T): Taken {
    if (!this.open) return 'closed';
    if (this.free === 0) return 'full';
    if (unwritableMessage(message) !== null) return 'unwritable';
    const sequence = this.nextSequence();
    encodeMessage(this.outbox, COMMAND[command], sequence, message);
    this.pending.add(sequence, token);
    this.flushSoon();
    return 'taken';
  }

  /** Answers a message of the peer; false when no answer is owed under this sequence (answered before, or closed). */
  answer(sequence: number, status: number, messageId: string): boolean {
    const commandId = this.owed.get(sequence);
    if (commandId === undefined || !this.open) return false;
    this.owed.delete(sequence);
    encodeResponse(this.outbox, commandId, status, sequence, messageId, NO_TLVS);
    this.flushSoon();
    return true;
  }

  /** Writes a PDU that nobody waits for here. */
  send(pdu: Pdu): void {
    if (!this.open) return;
    encode(this.outbox, pdu);
    this.flushSoon();
  }

  /** Says what still stands in the outbox, then closes. */
  finish(why: string): void {
    this.flush();
    this.close(why);
  }

  /** The end, once: every request gets its ending, then the side is told. What has not been written is dropped. */
  close(why: string): void {
    if (!this.open) return;
    this.open = false;
    this.liveness.stop();
    this.owed.clear();
    this.messages = [];
    for (const request of this.pending.clear()) {
      this.endings.push(bare(request.writtenAt < 0 ? 'unsent' : 'closed', request.token));
    }
    this.handEndings();
    this.guard(() => this.side.closed(why));
    // The peer may be in the middle of a sentence that no longer interests us; reading on lets our FIN through.
    if (!this.stream.destroyed) this.stream.resume().end();
    this.clock.after(LINGER_MS, () => this.stream.destroy());
  }

  private get blocked(): boolean {
    return this.outbox.waiting > 65_536 && this.stream.writableNeedDrain;
  }

  private read(chunk: Buffer): void {
    if (!this.open) return;
    this.reading = true;
    const fault = this.framer.push(chunk, this.frame);
    this.handEndings();
    this.handMessages();
    this.reading = false;
    if (fault !== null) this.garbage(fault.sequence, fault.why);
    else if (this.last !== null) this.finish(this.last);
    else this.flush();
  }

  /** One PDU; answers whether to go on reading. An arrow so that it is made once and not per chunk. */
  private readonly frame = (bytes: Buffer, start: number, end: number): boolean => {
    const pdu = decode(bytes, start, end);
    this.liveness.heard();
    if (pdu.command === 'malformed') this.unreadable(pdu);
    else {
      this.malformed = 0;
      this.take(pdu);
    }
    return this.open && this.last === null;
  };

  private take(pdu: Pdu): void {
    switch (pdu.command) {
      case 'submit_sm_resp':
      case 'deliver_sm_resp':
      case 'data_sm_resp':
        this.settle(pdu.sequence, pdu.status, pdu);
        return;
      case 'generic_nack':
        this.nacked(pdu);
        return;
      case 'submit_sm':
      case 'deliver_sm':
      case 'data_sm':
        this.admit(pdu);
        return;
      case 'enquire_link':
        this.send({ command: 'enquire_link_resp', sequence: pdu.sequence, status: 0 });
        return;
      case 'enquire_link_resp':
        return;
      case 'query_sm':
        this.nack(pdu.sequence, STATUS.ESME_RINVCMDID);
        return;
      case 'unbind':
        this.send({ command: 'unbind_resp', sequence: pdu.sequence, status: 0 });
        this.last = 'the peer unbound';
        return;
      default:
        this.guard(() => this.side.other(pdu));
    }
  }

  private nacked(pdu: PlainPdu): void {
    const status = pdu.status === 0 ? STATUS.ESME_RUNKNOWNERR : pdu.status;
    if (!this.settle(pdu.sequence, status, null)) this.guard(() => this.side.other(pdu));
  }

  private settle(sequence: number, status: number, pdu: MessageResponsePdu | null): boolean {
    let kind: 'response' | 'late' = 'response';
    let request: { token: T } | undefined = this.pending.answered(sequence);
    if (request === undefined) {
      kind = 'late';
      request = this.pending.answeredLate(sequence);
      // An answer to nothing, or the second to the same: there is nobody to tell.
      if (request === undefined) return false;
    }
    const { token } = request;
    this.endings.push({ kind, token, status, messageId: pdu?.messageId ?? '', tlvs: pdu?.tlvs ?? NO_TLVS });
    return true;
  }

  private admit(pdu: IncomingMessage): void {
    const refusal = this.owed.size >= this.limits.owedLimit ? STATUS.ESME_RMSGQFUL : this.side.admits(pdu);
    this.owed.set(pdu.sequence, COMMAND[`${pdu.command}_resp`]);
    if (refusal !== 0) this.answer(pdu.sequence, refusal, '');
    else this.messages.push(pdu);
  }

  private unreadable(pdu: MalformedPdu): void {
    // An answer cannot be nacked, and the request it belongs to would wait for ever.
    if (isResponse(pdu.commandId)) {
      this.close(`the peer's answer cannot be read (${pdu.why})`);
      return;
    }
    this.malformed += 1;
    if (this.malformed < MOST_MALFORMED) this.nack(pdu.sequence, pdu.status);
    else this.garbage(pdu.sequence, pdu.why, pdu.status);
  }

  private nack(sequence: number, status: number): void {
    this.send({ command: 'generic_nack', sequence, status });
  }

  /** One nack, and the end. Requests still in the outbox are dropped first, so they count as unsent. */
  private garbage(sequence: number, why: string, status: number = STATUS.ESME_RINVCMDLEN): void {
    if (!this.open) return;
    this.outbox.take();
    encode(this.outbox, { command: 'generic_nack', sequence, status });
    for (const bytes of this.outbox.take()) this.stream.write(bytes);
    this.close(`the peer sent what is no SMPP (${why}; ${statusName(status)})`);
  }

  private handEndings(): void {
    if (this.endings.length === 0) return;
    const endings = this.endings;
    this.endings = [];
    this.guard(() => this.side.endings(endings));
    if (this.open) this.guard(() => this.side.ready());
  }

  private handMessages(): void {
    if (this.messages.length === 0) return;
    const messages = this.messages;
    this.messages = [];
    if (this.guard(() => this.side.messages(messages))) return;
    // The handler threw: what it left unanswered would block the peer's window for ever.
    for (const message of messages) this.answer(message.sequence, STATUS.ESME_RSYSERR, '');
  }

  private guard(run: () => void): boolean {
    try {
      run();
      return true;
    } catch (error) {
      this.side.fault(error);
      return false;
    }
  }

  private flushSoon(): void {
    if (this.reading || this.flushDue) return;
    this.flushDue = true;
    setImmediate(() => {
      this.flushDue = false;
      this.flush();
    });
  }

  private flush(): void {
    if (!this.open || this.outbox.waiting === 0) return;
    if (this.stream.writableNeedDrain) {
      // Held back here and not in the stream: what we still hold when the connection dies is known to be unsent.
      if (this.outbox.waiting > MOST_WAITING) this.stream.pause();
      return;
    }
    const chunks = this.outbox.take();
    this.pending.written(this.clock.monotonic());
    if (chunks.length > 1) this.stream.cork();
    for (const chunk of chunks) this.stream.write(chunk);
    if (chunks.length > 1) this.stream.uncork();
    this.sweepLater();
  }

  private drained(): void {
    if (!this.open) return;
    this.flush();
    if (this.stream.isPaused() && this.outbox.waiting <= MOST_WAITING) this.stream.resume();
    this.guard(() => this.side.ready());
  }

  /** One timer for the oldest request serves them all: those behind it are younger. */
  private sweepLater(): void {
    if (this.sweeping || !this.open) return;
    const oldest = this.pending.oldest();
    if (oldest === null) return;
    this.sweeping = true;
    const due = oldest + this.limits.responseTimeoutMs - this.clock.monotonic();
    this.clock.after(Math.max(1, due), () => {
      this.sweeping = false;
      if (!this.open) return;
      const expired = this.pending.expire(this.clock.monotonic() - this.limits.responseTimeoutMs);
      for (const token of expired) this.endings.push(bare('timed out', token));
      this.handEndings();
      this.sweepLater();
    });
  }
}
