import type { Ending, IncomingMessage } from '@veredus/protocols/smpp/ending';
import { readReceipt } from '@veredus/protocols/smpp/receipts';
import { readText } from '@veredus/protocols/smpp/text';
import { TAG, tlvBytes } from '@veredus/protocols/smpp/tlv';
import type {
  CarrierInbound,
  CarrierParts,
  CarrierReceipt,
  Link,
  LinkEvents,
  Outcome,
  Outgoing,
} from '../../messages/carrier.ts';
import { verdictOf } from './answers.ts';
import { Binding } from './binding.ts';
import { endOfResponse, type MessageOut, outcomeOf, type Part, type PartEnd, worthRetrying } from './message.ts';
import { Pace } from './pace.ts';
import type { SmppSettings } from './settings.ts';
import { submitsOf } from './submit.ts';

/** ESME_RX_T_APPN: "temporary, send it again". */
const NOT_STORED = 0x64;

/** One bind (or pair of binds) of the carrier, from `send` to outcomes and from deliver_sm to its answer. */
export class SmppLink implements Link {
  readonly #parts: CarrierParts;
  readonly #settings: SmppSettings;
  readonly #events: LinkEvents;
  readonly #pace: Pace;
  readonly #binding: Binding<Part>;
  /** Parts that wait for a slot: those beyond the window, and those put off whose siblings the carrier has. */
  #waiting: Part[] = [];
  #reference: number;
  #closing = false;
  #waking = false;
  #drained: (() => void) | null = null;

  constructor(parts: CarrierParts, settings: SmppSettings, events: LinkEvents) {
    this.#parts = parts;
    this.#settings = settings;
    this.#events = events;
    this.#pace = new Pace(parts.clock, settings.tps);
    this.#reference = Math.floor(parts.random.next() * 0xffff);
    this.#binding = new Binding<Part>(parts, settings, {
      ready: () => this.#ready(),
      responses: (endings) => this.#responses(endings),
      deliveries: (messages, acknowledge) => this.#deliveries(messages, acknowledge),
      down: (why) => this.#down(why),
    });
    this.#binding.open();
  }

  get free(): number {
    if (this.#closing) return 0;
    return Math.max(0, Math.min(this.#binding.free, this.#pace.allowance) - this.#waiting.length);
  }

  send(messages: readonly Outgoing[]): void {
    const outcomes: Outcome[] = [];
    const now = this.#parts.clock.now();
    for (const outgoing of messages) {
      this.#reference = (this.#reference + 1) & 0xffff;
      const submits = submitsOf(outgoing, this.#settings, this.#reference, now);
      const message: MessageOut = { outgoing, parts: [], ends: submits.map(() => null), left: submits.length };
      message.parts.push(...submits.map((submit, index) => ({ message, index, submit, tries: 0 })));
      for (const part of message.parts) this.#submit(part, outcomes);
    }
    if (outcomes.length > 0) this.#events.outcomes(outcomes);
    this.#wakeLater();
  }

  async close(deadlineMs: number): Promise<void> {
    this.#closing = true;
    const end = this.#parts.clock.monotonic() + deadlineMs;
    if (this.#binding.outstanding > 0) {
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
        this.#parts.clock.after(deadlineMs, resolve);
      });
    }
    await this.#binding.close(end - this.#parts.clock.monotonic());
  }

  #submit(part: Part, outcomes: Outcome[]): void {
    part.tries += 1;
    switch (this.#binding.submit(part.submit, part)) {
      case 'taken':
        this.#pace.spend(1);
        return;
      case 'full':
        part.tries -= 1;
        this.#waiting.push(part);
        return;
      case 'closed':
        this.#end(part, { kind: 'unsent' }, outcomes);
        return;
      case 'unwritable':
        this.#end(part, { kind: 'unwritable' }, outcomes);
    }
  }

  /** A part has ended; with the last of its message goes the message's outcome. */
  #end(part: Part, end: PartEnd, outcomes: Outcome[]): void {
    const { message } = part;
    const before = message.ends[part.index];
    message.ends[part.index] = end;
    if (before === null) message.left -= 1;
    if (message.left > 0 || this.#triesAgain(message)) return;
    outcomes.push(outcomeOf(message, Math.ceil(this.#pace.wait)));
  }

  /** A part may have been put off before the carrier took its siblings: only now is it known that it must go on from here. */
  #triesAgain(message: MessageOut): boolean {
    const again = message.parts.filter((part) => worthRetrying(part, message.ends[part.index]!));
    for (const part of again) {
      message.ends[part.index] = null;
      message.left += 1;
      this.#waiting.push(part);
    }
    return again.length > 0;
  }

  #responses(endings: readonly Ending<Part>[]): void {
    const outcomes: Outcome[] = [];
    for (const ending of endings) {
      const part = ending.token;
      if (ending.kind === 'response' || ending.kind === 'late') this.#answered(part, ending, outcomes);
      else if (ending.kind === 'unsent') this.#end(part, { kind: 'unsent' }, outcomes);
      else this.#end(part, { kind: 'unknown', why: unanswered(ending.kind) }, outcomes);
    }
    if (outcomes.length > 0) this.#events.outcomes(outcomes);
    if (this.#drained && this.#binding.outstanding === 0) this.#drained();
  }

  #answered(part: Part, { status, messageId }: Ending<Part>, outcomes: Outcome[]): void {
    const verdict = verdictOf(status);
    if (verdict === 'slow-down') this.#pace.slowDown();
    else this.#pace.wentWell();
    const end = endOfResponse(status, messageId, part);
    if (worthRetrying(part, end)) this.#waiting.push(part);
    else this.#end(part, end, outcomes);
    if (verdict === 'slow-down') this.#wakeLater();
  }

  #down(why: string): void {
    const outcomes: Outcome[] = [];
    for (const part of this.#waiting.splice(0)) this.#end(part, { kind: 'unsent' }, outcomes);
    if (outcomes.length > 0) this.#events.outcomes(outcomes);
    this.#events.down(why);
  }

  #ready(): void {
    // Asked for before anything is done: a pause that ends meanwhile has kept somebody waiting all the same.
    const wait = this.#pace.wait;
    const outcomes: Outcome[] = [];
    while (this.#waiting.length > 0 && this.#binding.free > 0 && this.#pace.allowance >= 1) {
      this.#submit(this.#waiting.shift()!, outcomes);
    }
    if (outcomes.length > 0) this.#events.outcomes(outcomes);
    if (!this.#closing) this.#events.ready();
    this.#wakeLater(wait);
  }

  /** Nobody else tells when the rate allows more, or a pause is over. */
  #wakeLater(least = 0): void {
    const wait = Math.max(least, this.#pace.wait);
    if (wait === 0 || this.#waking) return;
    this.#waking = true;
    this.#parts.clock.after(wait, () => {
      this.#waking = false;
      this.#ready();
    });
  }

  #deliveries(messages: readonly IncomingMessage[], acknowledge: (sequences: number[], status: number) => void): void {
    const receipts: CarrierReceipt[] = [];
    const receiptSequences: number[] = [];
    const inbound: CarrierInbound[] = [];
    const inboundSequences: number[] = [];
    for (const message of messages) {
      const receipt = receiptOf(message);
      if (receipt) {
        receipts.push(receipt);
        receiptSequences.push(message.sequence);
      } else {
        inbound.push(inboundOf(message, this.#settings));
        inboundSequences.push(message.sequence);
      }
    }
    const answer = (sequences: number[], stored: Promise<void>) =>
      stored.then(
        () => acknowledge(sequences, 0),
        () => acknowledge(sequences, NOT_STORED),
      );
    if (receipts.length > 0) answer(receiptSequences, this.#events.receipts(receipts));
    if (inbound.length > 0) answer(inboundSequences, this.#events.inbound(inbound));
  }
}

const unanswered = (kind: 'timed out' | 'closed'): string =>
  kind === 'closed' ? 'The connection ended before the carrier answered.' : 'The carrier did not answer in time.';

const octetsOf = (message: IncomingMessage): Uint8Array =>
  'shortMessage' in message ? message.shortMessage : new Uint8Array();

const UCS_2 = 8;

/** A receipt's text is ASCII wherever it stands, unless the centre writes everything as UCS-2. */
function rawOf(message: IncomingMessage): string {
  const shortMessage = octetsOf(message);
  if (message.dataCoding === UCS_2) return readText({ ...message, shortMessage }).body;
  return Buffer.from(tlvBytes(message.tlvs, TAG.message_payload) ?? shortMessage).toString('latin1');
}

function receiptOf(message: IncomingMessage): CarrierReceipt | null {
  const raw = rawOf(message);
  const receipt = readReceipt(message.esmClass, raw, message.tlvs);
  if (!receipt) return null;
  return {
    upstreamId: receipt.messageId ?? '',
    state: receipt.state,
    error: receipt.error,
    recipient: message.source,
    raw,
  };
}

function inboundOf(message: IncomingMessage, settings: SmppSettings): CarrierInbound {
  const { body, join } = readText({ ...message, shortMessage: octetsOf(message) }, settings.alphabet);
  const number = (address: string, ton: number) => (ton === 1 && /^\d/.test(address) ? `+${address}` : address);
  return {
    providerId: null,
    from: number(message.source, message.sourceTon),
    to: number(message.destination, message.destinationTon),
    body,
    part: join,
  };
}
