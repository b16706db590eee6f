import type { Duplex } from 'node:stream';
import type { Clock } from '../clock.ts';
import { Connection, type SessionParts } from './connection.ts';
import type { Ending, IncomingMessage, Taken } from './ending.ts';
import type { SessionLimits } from './limits.ts';
import type { BindFields, BindMode, BindResponsePdu, Pdu, ShortMessage } from './pdu.ts';
import { STATUS, statusName } from './status.ts';
import { unwritableBind } from './unwritable.ts';

export interface ClientOptions {
  readonly mode: BindMode;
  readonly bind: BindFields;
  readonly limits: SessionLimits;
}

/** What a client session tells its owner, in batches of one socket chunk. */
export interface ClientEvents<T> {
  bound(response: BindResponsePdu): void;
  responses(endings: Ending<T>[]): void;
  /** deliver_sm and data_sm; each is owed an `acknowledge`. */
  deliveries(messages: IncomingMessage[]): void;
  /** `free` may have grown. */
  ready(): void;
  /** The last call. Every submit has had its ending. */
  closed(why: string): void;
  /** One of the calls above threw. */
  fault(error: unknown): void;
}

/**
 * The ESME's side of one SMPP 3.4 session over a stream that is handed in (it may still be connecting). Binds at once.
 * `T` is whatever the owner knows a submit by.
 */
export class ClientSession<T> {
  private readonly options: ClientOptions;
  private readonly events: ClientEvents<T>;
  private readonly connection: Connection<T>;
  private readonly clock: Clock;
  private state: 'binding' | 'bound' | 'unbinding' | 'closed' = 'binding';
  private leaving: (() => void)[] = [];
  private cancelWait: () => void = () => undefined;

  constructor(stream: Duplex, parts: SessionParts, options: ClientOptions, events: ClientEvents<T>) {
    this.options = options;
    this.events = events;
    this.connection = new Connection<T>(stream, parts, options.limits, {
      admits: () => this.admits(),
      messages: (messages) => events.deliveries(messages),
      endings: (endings) => events.responses(endings),
      other: (pdu) => this.other(pdu),
      ready: () => {
        if (this.state === 'bound') events.ready();
      },
      closed: (why) => this.ended(why),
      fault: (error) => events.fault(error),
    });
    this.clock = parts.clock;
    this.waitFor('the bind was not answered');
    const fault = unwritableBind(options.bind);
    if (fault !== null) this.connection.close(`the bind cannot be written: ${fault}`);
    const sequence = this.connection.nextSequence();
    this.connection.send({ command: `bind_${options.mode}`, sequence, status: 0, ...options.bind });
  }

  get bound(): boolean {
    return this.state === 'bound';
  }

  /** Submits that may leave right now. 0 unless bound. */
  get free(): number {
    return this.state === 'bound' ? this.connection.free : 0;
  }

  /** Submits without an answer. */
  get outstanding(): number {
    return this.connection.outstanding;
  }

  /** Sends a message; `taken` promises exactly one ending under `token`. No promise a message: this is the hot path. */
  submit(message: ShortMessage, token: T): Taken {
    if (this.state !== 'bound') return 'closed';
    return this.connection.request('submit_sm', message, token);
  }

  /** Answers deliveries by their sequence numbers: status 0 = stored, anything else = send it again later. */
  acknowledge(sequences: readonly number[], status: number): void {
    for (const sequence of sequences) this.connection.answer(sequence, status, '');
  }

  /**
   * Says goodbye and waits for the answer, a response time-out at most. Submits still out end as `closed`. Before the
   * bind is answered there is nobody to say goodbye to, so it just hangs up.
   */
  unbind(): Promise<void> {
    if (this.state === 'binding') this.connection.close('closed before it was bound');
    if (this.state === 'closed') return Promise.resolve();
    const left = new Promise<void>((resolve) => this.leaving.push(resolve));
    if (this.state !== 'unbinding') {
      this.state = 'unbinding';
      this.connection.send({ command: 'unbind', sequence: this.connection.nextSequence(), status: 0 });
      this.waitFor('the unbind was not answered');
    }
    return left;
  }

  /** Hangs up without a word. */
  close(why: string): void {
    this.connection.close(why);
  }

  private admits(): number {
    const receives = this.options.mode !== 'transmitter' && (this.state === 'bound' || this.state === 'unbinding');
    return receives ? STATUS.ESME_ROK : STATUS.ESME_RINVBNDSTS;
  }

  private other(pdu: Pdu): void {
    if (pdu.command === 'unbind_resp') {
      this.connection.close('unbound');
    } else if (this.state !== 'binding') {
      // A stray answer; the bind is behind us.
    } else if (pdu.command === 'generic_nack') {
      this.connection.close(`the bind was nacked: ${statusName(pdu.status)}`);
    } else if (pdu.command === `bind_${this.options.mode}_resp`) {
      this.bindAnswered(pdu as BindResponsePdu);
    }
  }

  private bindAnswered(response: BindResponsePdu): void {
    if (response.status !== 0) {
      this.connection.close(`the bind was refused: ${statusName(response.status)}`);
      return;
    }
    this.cancelWait();
    this.state = 'bound';
    this.events.bound(response);
  }

  private waitFor(why: string): void {
    this.cancelWait();
    this.cancelWait = this.clock.after(this.options.limits.responseTimeoutMs, () => this.connection.close(why));
  }

  private ended(why: string): void {
    this.state = 'closed';
    this.cancelWait();
    for (const resolve of this.leaving) resolve();
    this.events.closed(why);
  }
}
