import type { CarrierParts, Link, LinkEvents, Outgoing } from '../../messages/carrier.ts';
import { composeMail, messageIdOf } from './compose.ts';
import { type Said, Session } from './session.ts';
import type { SmtpSettings } from './settings.ts';
import { judge, type Verdict } from './verdicts.ts';

const FIRST_REST_MS = 1_000;
const LONGEST_REST_MS = 300_000;
/** Servers hang up on idle clients, some soon, and count their connections. */
const IDLE_MS = 10_000;
/** Many servers let no more pass over one connection. */
const MESSAGES_PER_CONNECTION = 100;

type Tried = { kind: 'unsent'; why: string } | { kind: 'said'; said: Said };

/** One connection to the mail server, opened when there is something to send, and one message at a time over it. */
export class SmtpLink implements Link {
  readonly #parts: CarrierParts;
  readonly #settings: SmtpSettings;
  readonly #events: LinkEvents;
  #waiting: Outgoing[] = [];
  #session: Session | null = null;
  /** Messages that went over the session. */
  #sent = 0;
  #busy = false;
  #resting = false;
  #connecting = false;
  #failures = 0;
  #closing = false;
  #idle: (() => void) | null = null;
  #drained: (() => void) | null = null;

  constructor(parts: CarrierParts, settings: SmtpSettings, events: LinkEvents, tryOut: boolean) {
    this.#parts = parts;
    this.#settings = settings;
    this.#events = events;
    // Wrong settings are told at the start and not with the first mail.
    if (tryOut) this.#tryOut();
    else parts.clock.after(0, () => events.ready());
  }

  get free(): number {
    return this.#closing || this.#resting || this.#busy || this.#waiting.length > 0 ? 0 : 1;
  }

  send(messages: readonly Outgoing[]): void {
    this.#waiting.push(...messages);
    if (this.#closing || this.#resting) this.#giveBack();
    else if (!this.#busy) this.#sendAll();
  }

  async close(deadlineMs: number): Promise<void> {
    this.#closing = true;
    this.#giveBack();
    if (this.#busy) {
      // Then what is under way ends as lost, and what only connects as unsent.
      const cancel = this.#parts.clock.after(deadlineMs, () => this.#session?.destroy());
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
      cancel();
    }
    this.#idle?.();
    this.#session?.quit();
  }

  async #sendAll(): Promise<void> {
    this.#busy = true;
    this.#idle?.();
    for (let message = this.#waiting.shift(); message; message = this.#waiting.shift()) {
      const { outcome, trouble } = await this.#sendOne(message);
      if (trouble === null) this.#failures = 0;
      else this.#rest(trouble, outcome.kind === 'unsent');
      this.#events.outcomes([outcome]);
      if (trouble !== null) this.#giveBack();
    }
    this.#atRest();
  }

  async #sendOne(message: Outgoing): Promise<Verdict> {
    const { id } = message;
    let mail: Buffer;
    try {
      mail = await composeMail(message, this.#settings, this.#parts.clock.now());
    } catch (error) {
      const words = `The mail cannot be written: ${(error as Error).message}`;
      return { outcome: { kind: 'refused', id, code: 'unwritable', words }, trouble: null };
    }
    const envelope = { from: this.#settings.envelopeFrom, to: message.recipient };
    const kept = this.#session?.usable === true;
    let tried = await this.#try(envelope, mail);
    // A connection that was kept may be given up by the server at any time, which says nothing of the message.
    if (kept && tried.kind === 'said' && isStale(tried.said)) tried = await this.#try(envelope, mail);
    if (tried.kind === 'unsent') return { outcome: { kind: 'unsent', id }, trouble: tried.why };
    return judge(tried.said, id, messageIdOf(id, this.#settings));
  }

  async #try(envelope: { from: string; to: string }, mail: Buffer): Promise<Tried> {
    const fault = await this.#connect();
    const session = this.#session;
    if (fault !== null || session === null) return { kind: 'unsent', why: fault ?? 'There is no connection.' };
    const said = await session.send(envelope, mail);
    this.#sent += 1;
    if (this.#sent >= MESSAGES_PER_CONNECTION) session.quit();
    return { kind: 'said', said };
  }

  /** Sees to it that there is a connection. What is wrong, or null. */
  async #connect(): Promise<string | null> {
    if (this.#session?.usable) return null;
    if (this.#closing) return 'The link closes.';
    this.#session = new Session(this.#settings, this.#parts.clock);
    this.#sent = 0;
    try {
      await this.#session.open();
      return null;
    } catch (error) {
      return (error as Error).message;
    }
  }

  async #tryOut(): Promise<void> {
    this.#busy = true;
    this.#idle?.();
    const fault = await this.#connect();
    if (fault !== null) this.#rest(fault, true);
    else if (this.#connecting) this.#failures = 0;
    this.#atRest();
  }

  /** Nothing is under way. */
  #atRest(): void {
    this.#busy = false;
    this.#drained?.();
    const session = this.#session;
    this.#idle?.();
    if (session?.usable) this.#idle = this.#parts.clock.after(IDLE_MS, () => session.quit());
    if (this.free > 0) this.#events.ready();
  }

  /** `connecting`: it was the connection that failed, so that a connection is enough to prove that it is over. */
  #rest(why: string, connecting: boolean): void {
    if (this.#resting || this.#closing) return;
    this.#resting = true;
    this.#connecting = connecting;
    const full = Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** Math.min(this.#failures, 20));
    const restMs = Math.round(full * (0.5 + this.#parts.random.next() / 2));
    this.#failures += 1;
    this.#events.down(`${why.replace(/[^.!?]$/, '$&.')} Next try in ${(restMs / 1_000).toFixed(1)} s.`);
    this.#parts.clock.after(restMs, () => {
      this.#resting = false;
      if (!this.#closing) this.#tryOut();
    });
  }

  /** What waits here was never written. */
  #giveBack(): void {
    const back = this.#waiting.splice(0);
    if (back.length > 0) this.#events.outcomes(back.map(({ id }) => ({ kind: 'unsent', id })));
  }
}

/** Nothing of the message can have been taken, and the server had enough of the connection. */
const isStale = (said: Said): boolean =>
  (said.kind === 'lost' && !said.ended) || (said.kind === 'refused' && said.code === 421 && said.stage !== 'data');
