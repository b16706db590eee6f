import type { Duplex } from 'node:stream';
import { Connection, type SessionParts } from './connection.ts';
import type { Ending, IncomingMessage, Taken } from './ending.ts';
import type { SessionLimits } from './limits.ts';
import type { BindMode, BindPdu, Pdu, ShortMessage } from './pdu.ts';
import { STATUS } from './status.ts';
import { numberTlv, TAG } from './tlv.ts';

export interface ServerOptions {
  /** Names this centre in bind responses. */
  readonly systemId: string;
  /** A connection that has not bound after so long is closed. */
  readonly bindTimeoutMs: number;
  readonly limits: SessionLimits;
}

/** What a server session tells its owner, in batches of one socket chunk. */
export interface ServerEvents<T> {
  /** The status to answer a bind with, 0 to let it in. */
  bind(bind: BindPdu, mode: BindMode): number | Promise<number>;
  bound(mode: BindMode): void;
  /** submit_sm and data_sm; each is owed a `respond`. */
  submits(messages: IncomingMessage[]): void;
  /** Endings of our own deliver_sm. */
  responses(endings: Ending<T>[]): void;
  ready(): void;
  closed(why: string): void;
  fault(error: unknown): void;
}

/** The message centre's side of one SMPP 3.4 session over a stream that is handed in. `T` names a delivery for its owner. */
export class ServerSession<T> {
  private readonly options: ServerOptions;
  private readonly events: ServerEvents<T>;
  private readonly connection: Connection<T>;
  private readonly cancelBindWait: () => void;
  private mode: BindMode | null = null;
  private binding = false;
  private gone = false;

  constructor(stream: Duplex, parts: SessionParts, options: ServerOptions, events: ServerEvents<T>) {
    this.options = options;
    this.events = events;
    this.connection = new Connection<T>(stream, parts, options.limits, {
      admits: (message) => this.admits(message),
      messages: (messages) => events.submits(messages),
      endings: (endings) => events.responses(endings),
      other: (pdu) => this.other(pdu),
      ready: () => events.ready(),
      closed: (why) => {
        this.cancelBindWait();
        this.mode = null;
        this.gone = true;
        events.closed(why);
      },
      fault: (error) => events.fault(error),
    });
    this.cancelBindWait = parts.clock.after(options.bindTimeoutMs, () => {
      if (this.mode === null) this.connection.close('the peer did not bind');
    });
  }

  /** As what the peer has bound; null before and after. */
  get boundAs(): BindMode | null {
    return this.mode;
  }

  /** Deliveries that may leave right now; 0 for a transmitter. */
  get free(): number {
    return this.mode === null || this.mode === 'transmitter' ? 0 : this.connection.free;
  }

  get outstanding(): number {
    return this.connection.outstanding;
  }

  /** Submits that have had no `respond` yet. */
  get unanswered(): number {
    return this.connection.unanswered;
  }

  /** Answers one submit; false when it is owed no answer. `messageId` is at most 64 Latin-1 characters. */
  respond(sequence: number, status: number, messageId: string): boolean {
    return this.connection.answer(sequence, status, messageId);
  }

  /** Sends a deliver_sm (a receipt or a message from a handset); `taken` promises exactly one ending under `token`. */
  deliver(message: ShortMessage, token: T): Taken {
    if (this.mode === null || this.mode === 'transmitter') return 'closed';
    return this.connection.request('deliver_sm', message, token);
  }

  /** Asks the peer to leave; the connection closes with its answer. */
  unbind(): void {
    this.connection.send({ command: 'unbind', sequence: this.connection.nextSequence(), status: 0 });
  }

  close(why: string): void {
    this.connection.close(why);
  }

  private admits(message: IncomingMessage): number {
    if (this.mode === null || this.mode === 'receiver') return STATUS.ESME_RINVBNDSTS;
    return message.command === 'deliver_sm' ? STATUS.ESME_RINVBNDSTS : STATUS.ESME_ROK;
  }

  private other(pdu: Pdu): void {
    switch (pdu.command) {
      case 'bind_receiver':
      case 'bind_transmitter':
      case 'bind_transceiver':
        this.letIn(pdu);
        return;
      case 'unbind_resp':
        this.connection.close('unbound');
    }
  }

  private letIn(bind: BindPdu): void {
    if (this.binding) {
      this.answerBind(bind, STATUS.ESME_RALYBND);
      return;
    }
    this.binding = true;
    const mode = bind.command.slice('bind_'.length) as BindMode;
    const verdict = this.events.bind(bind, mode);
    if (typeof verdict === 'number') {
      this.decided(bind, mode, verdict);
      return;
    }
    verdict
      .then((status) => this.decided(bind, mode, status))
      .catch((error: unknown) => {
        this.events.fault(error);
        if (this.mode === null) this.decided(bind, mode, STATUS.ESME_RSYSERR);
      });
  }

  private decided(bind: BindPdu, mode: BindMode, status: number): void {
    if (this.gone) return;
    this.answerBind(bind, status);
    if (status !== 0) {
      this.connection.finish('the bind was refused');
      return;
    }
    this.cancelBindWait();
    this.mode = mode;
    this.events.bound(mode);
  }

  private answerBind(bind: BindPdu, status: number): void {
    const tlvs = status === 0 ? [numberTlv(TAG.sc_interface_version, 0x34, 1)] : [];
    const systemId = this.options.systemId;
    this.connection.send({ command: `${bind.command}_resp`, sequence: bind.sequence, status, systemId, tlvs });
  }
}
