import type { CarrierParts, Link, LinkEvents, Outcome, Outgoing } from '../../messages/carrier.ts';
import { type Bucket, openBucket } from './bucket.ts';
import type { Calls } from './calls.ts';
import { type Row, text } from './envelopes.ts';
import { Poller } from './poller.ts';
import { inboundOf, receiptOf } from './receipts.ts';
import { MESSAGES_PER_CALL, sendCall } from './send-call.ts';
import type { ClicksendSettings } from './settings.ts';
import { judge, type Verdict } from './verdicts.ts';

/** While so many calls are out, what comes gathers for the next one: small calls grow with the load. */
const CALLS_AT_ONCE = 4;
const FIRST_REST_MS = 1_000;
const LONGEST_REST_MS = 300_000;
/** How often a link that its rate holds back says that it has room again. */
const REFILL_MS = 100;
/** Messages whose past is kept, for their next attempt or their late answer. */
const REMEMBERED = 10_000;

/**
 * One HTTP account. After a start, and after any trouble, one message goes first, alone; the others wait here and go back
 * unsent if it fails. So a cloud that breaks, or answers what cannot be read, costs one UNKNOWN a try, not a window of them.
 */
export class ClicksendLink implements Link {
  readonly #settings: ClicksendSettings;
  readonly #parts: CarrierParts;
  readonly #calls: Calls;
  readonly #events: LinkEvents;
  readonly #bucket: Bucket;
  readonly #pollers: Poller[];
  /** Everything without an outcome, waiting or out. */
  readonly #held = new Map<string, Outgoing>();
  #waiting: Outgoing[] = [];
  /** Halves of calls that were refused whole; they go first. */
  #halves: (readonly Outgoing[])[] = [];
  readonly #deferrals = new Map<string, number>();
  readonly #unknown = new Map<string, Outgoing>();
  #outstanding = 0;
  #callsOut = 0;
  #trusted = false;
  #failures = 0;
  #resting: { why: string; told: boolean } | null = null;
  #refilling = false;
  #closing = false;
  #idle: (() => void) | null = null;

  constructor(settings: ClicksendSettings, parts: CarrierParts, calls: Calls, events: LinkEvents) {
    this.#settings = settings;
    this.#parts = parts;
    this.#calls = calls;
    this.#events = events;
    this.#bucket = openBucket(settings.tps, parts.clock);
    this.#pollers = settings.pollMs === null ? [] : this.#openPollers(settings.pollMs);
    parts.clock.after(0, () => this.#tellReady());
  }

  get free(): number {
    if (this.#closing || this.#resting !== null) return 0;
    return Math.max(0, Math.min(this.#settings.window - this.#outstanding, this.#bucket.left()));
  }

  send(messages: readonly Outgoing[]): void {
    for (const message of messages) {
      this.#held.set(message.id, message);
      this.#outstanding += message.parts;
      this.#waiting.push(message);
    }
    if (this.#closing || this.#resting !== null) {
      this.#giveBack();
      return;
    }
    this.#bucket.take(messages.reduce((sum, { parts }) => sum + parts, 0));
    this.#refill();
    this.#pump();
  }

  close(deadlineMs: number): Promise<void> {
    this.#closing = true;
    for (const poller of this.#pollers) poller.close();
    this.#giveBack();
    return new Promise((resolve) => {
      const cancel = this.#parts.clock.after(deadlineMs, () => this.#calls.destroy());
      this.#idle = () => {
        cancel();
        this.#calls.destroy();
        resolve();
      };
      if (this.#callsOut === 0) this.#idle();
    });
  }

  // ---- out

  #pump(): void {
    while (this.#resting === null && this.#callsOut < (this.#trusted ? CALLS_AT_ONCE : 1)) {
      const next = this.#halves.shift() ?? this.#waiting.splice(0, this.#trusted ? MESSAGES_PER_CALL : 1);
      if (next.length === 0) return;
      this.#call(next);
    }
  }

  async #call(messages: readonly Outgoing[]): Promise<void> {
    this.#callsOut += 1;
    const answer = await this.#calls.make(sendCall(messages, (id) => this.#deferrals.get(id) ?? 0));
    this.#callsOut -= 1;
    this.#take(judge(answer, messages, this.#parts.clock.now()));
    if (this.#closing) this.#giveBack();
    else this.#pump();
    if (this.#callsOut > 0) return;
    this.#tellDown();
    this.#idle?.();
  }

  #take({ outcomes, split, trouble }: Verdict): void {
    if (split.length > 0) {
      const middle = Math.ceil(split.length / 2);
      this.#halves.push(split.slice(0, middle), split.slice(middle));
    }
    if (trouble === null) {
      this.#trusted = true;
      this.#failures = 0;
    } else {
      this.#rest(trouble);
    }
    this.#settle(outcomes);
  }

  /** Hands outcomes to the owner. Slots are free before the owner hears of it. */
  #settle(outcomes: Outcome[]): void {
    if (outcomes.length === 0) return;
    for (const outcome of outcomes) {
      const { id } = outcome;
      const message = this.#held.get(id);
      if (message === undefined) continue;
      this.#held.delete(id);
      this.#outstanding -= message.parts;
      if (outcome.kind === 'deferred') remember(this.#deferrals, id, (this.#deferrals.get(id) ?? 0) + 1);
      else if (outcome.kind !== 'unsent') this.#deferrals.delete(id);
      if (outcome.kind === 'unknown') remember(this.#unknown, id, message);
    }
    this.#events.outcomes(outcomes);
    this.#tellReady();
  }

  /** What waits here was never written. */
  #giveBack(): void {
    const back = [...this.#halves.flat(), ...this.#waiting];
    this.#halves = [];
    this.#waiting = [];
    this.#settle(back.map(({ id }) => ({ kind: 'unsent', id })));
  }

  // ---- up and down

  #rest(trouble: { why: string; restMs: number }): void {
    this.#trusted = false;
    if (this.#resting !== null) return;
    const full = Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** Math.min(this.#failures, 20));
    const restMs = Math.round(Math.max(trouble.restMs, full * (0.5 + this.#parts.random.next() / 2)));
    this.#failures += 1;
    this.#resting = { why: `${trouble.why} Next try in ${(restMs / 1_000).toFixed(1)} s.`, told: false };
    this.#giveBack();
    this.#parts.clock.after(restMs, () => {
      this.#resting = null;
      this.#tellReady();
    });
  }

  /** Only once nothing is out: by then every message has its outcome. */
  #tellDown(): void {
    if (this.#resting === null || this.#resting.told || this.#closing) return;
    this.#resting.told = true;
    this.#events.down(this.#resting.why);
  }

  #tellReady(): void {
    if (this.free > 0) this.#events.ready();
  }

  #refill(): void {
    if (this.#refilling || this.#settings.tps === null || this.#bucket.left() >= this.#settings.tps) return;
    this.#refilling = true;
    this.#parts.clock.after(REFILL_MS, () => {
      this.#refilling = false;
      this.#tellReady();
      this.#refill();
    });
  }

  // ---- back

  #openPollers(pollMs: number): Poller[] {
    const { clock, log } = this.#parts;
    const parts = { calls: this.#calls, clock, pollMs, log };
    return [
      new Poller({ name: 'receipts', keyOf: receiptKey, store: (rows) => this.#storeReceipts(rows) }, parts),
      new Poller({ name: 'inbound', keyOf: inboundKey, store: (rows) => this.#storeInbound(rows) }, parts),
    ];
  }

  async #storeReceipts(rows: readonly Row[]): Promise<void> {
    this.#recognise(rows);
    const receipts = rows.map(receiptOf).filter((receipt) => receipt !== null);
    if (receipts.length > 0) await this.#events.receipts(receipts);
  }

  async #storeInbound(rows: readonly Row[]): Promise<void> {
    const messages = rows.map(inboundOf).filter((message) => message !== null);
    if (messages.length > 0) await this.#events.inbound(messages);
  }

  /** A receipt that carries our id proves that a message with no answer was taken, and says under which id. */
  #recognise(rows: readonly Row[]): void {
    const late: Outcome[] = [];
    for (const row of rows) {
      const message = this.#unknown.get(text(row.custom_string).trim().toLowerCase());
      const upstreamId = receiptOf(row)?.upstreamId;
      if (message === undefined || upstreamId === undefined) continue;
      this.#unknown.delete(message.id);
      const upstreamIds = Array.from({ length: message.parts }, () => upstreamId);
      late.push({ kind: 'accepted', id: message.id, upstreamIds });
    }
    if (late.length > 0) this.#events.outcomes(late);
  }
}

const receiptKey = (row: Row): string =>
  [row.message_id, row.timestamp, row.status_code, row.error_code].map(text).join(' ');

const inboundKey = (row: Row): string => text(row.message_id) || JSON.stringify(row);

/** The oldest are forgotten first. */
function remember<T>(memory: Map<string, T>, id: string, value: T): void {
  memory.delete(id);
  memory.set(id, value);
  if (memory.size > REMEMBERED) memory.delete(memory.keys().next().value!);
}
