import { connect as connectTcp, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { ClientSession } from '@veredus/protocols/smpp/client-session';
import type { Ending, IncomingMessage, Taken } from '@veredus/protocols/smpp/ending';
import { LIMITS } from '@veredus/protocols/smpp/limits';
import type { BindMode, ShortMessage } from '@veredus/protocols/smpp/pdu';
import type { CarrierParts } from '../../messages/carrier.ts';
import type { SmppSettings } from './settings.ts';

export interface BindingEvents<T> {
  /** `free` may have grown. */
  ready(): void;
  responses(endings: Ending<T>[]): void;
  deliveries(messages: IncomingMessage[], acknowledge: (sequences: number[], status: number) => void): void;
  /** The way out is gone; every submit has had its ending. */
  down(why: string): void;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** A goodbye is one round trip: given even where draining has used all the time there was. */
const LEAST_GOODBYE_MS = 500;

/** The session(s) of one link, bound again whenever they end, each with a growing, jittered wait of its own. */
export class Binding<T> {
  readonly #sessions: Reconnecting<T>[];

  constructor(parts: CarrierParts, settings: SmppSettings, events: BindingEvents<T>) {
    const modes: BindMode[] = settings.mode === 'trx' ? ['transceiver'] : ['transmitter', 'receiver'];
    this.#sessions = modes.map((mode) => new Reconnecting<T>(parts, settings, mode, events));
  }

  open(): void {
    for (const session of this.#sessions) session.connect();
  }

  get #out(): Reconnecting<T> {
    return this.#sessions[0]!;
  }

  get free(): number {
    return this.#out.session?.free ?? 0;
  }

  get outstanding(): number {
    return this.#out.session?.outstanding ?? 0;
  }

  submit(message: ShortMessage, token: T): Taken {
    return this.#out.session?.submit(message, token) ?? 'closed';
  }

  /** Says goodbye; hangs up on a centre that has not answered it after so long. */
  async close(withinMs: number): Promise<void> {
    await Promise.all(this.#sessions.map((session) => session.close(withinMs)));
  }
}

class Reconnecting<T> {
  readonly #parts: CarrierParts;
  readonly #settings: SmppSettings;
  readonly #mode: BindMode;
  readonly #events: BindingEvents<T>;
  session: ClientSession<T> | null = null;
  #failures = 0;
  #closed = false;
  #cancelWait: () => void = () => {};

  constructor(parts: CarrierParts, settings: SmppSettings, mode: BindMode, events: BindingEvents<T>) {
    this.#parts = parts;
    this.#settings = settings;
    this.#mode = mode;
    this.#events = events;
  }

  connect(): void {
    const { host, port, tls } = this.#settings;
    const socket = tls
      ? connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}) })
      : connectTcp({ host, port });
    socket.setNoDelay(true);
    const session: ClientSession<T> = new ClientSession<T>(socket, this.#parts, this.#options(), {
      bound: () => {
        this.#failures = 0;
        this.#events.ready();
      },
      responses: (endings) => this.#events.responses(endings),
      deliveries: (messages) =>
        this.#events.deliveries(messages, (sequences, status) => session.acknowledge(sequences, status)),
      ready: () => this.#events.ready(),
      closed: (why) => this.#ended(why),
      fault: (error) => this.#parts.log('carrier.fault', { error: (error as Error).stack ?? String(error) }),
    });
    this.session = session;
  }

  async close(withinMs: number): Promise<void> {
    this.#closed = true;
    this.#cancelWait();
    const { session } = this;
    if (session === null) return;
    const cancel = this.#parts.clock.after(Math.max(LEAST_GOODBYE_MS, withinMs), () => session.close('no goodbye'));
    await session.unbind();
    cancel();
  }

  #options() {
    const { systemId, password, systemType, window, responseTimeoutMs, enquireMs } = this.#settings;
    return {
      mode: this.#mode,
      bind: { systemId, password, systemType, interfaceVersion: 0x34, addressTon: 0, addressNpi: 0, addressRange: '' },
      limits: { ...LIMITS, window, responseTimeoutMs, enquireIntervalMs: enquireMs },
    };
  }

  #ended(why: string): void {
    this.session = null;
    if (this.#mode !== 'receiver') this.#events.down(why);
    if (this.#closed) return;
    const full = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(this.#failures, 10));
    this.#failures += 1;
    this.#cancelWait = this.#parts.clock.after(full * (0.5 + this.#parts.random.next() / 2), () => this.connect());
  }
}
