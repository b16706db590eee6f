/** A text as it stands on a virtual phone. */
export interface PhoneMessage {
  message_id: string;
  from: string;
  to: string;
  body: string;
  parts: number;
  media: readonly string[];
  /** Unix seconds. */
  received_at: number;
}

/** One part as it comes off the air. */
export interface AirPart {
  messageId: string;
  from: string;
  to: string;
  body: string;
  /** Null where the text is one part. */
  join: { reference: number; number: number; of: number } | null;
  at: number;
}

/** The newest messages that are kept, over all phones together; older ones are forgotten. */
export const KEPT = 10_000;
/** Parts that still wait for their others. */
const KEPT_INCOMPLETE = 1_000;

/** The pretend handsets: what arrived on each, long texts joined again. */
export class Phones {
  readonly #inbox = new Map<string, PhoneMessage[]>();
  readonly #arrivals: string[] = [];
  #oldest = 0;
  readonly #incomplete = new Map<string, (AirPart | undefined)[]>();

  /** Numbers that have received something, in their order. */
  list(): string[] {
    return [...this.#inbox.keys()].sort();
  }

  /** Oldest first. */
  messages(e164: string): readonly PhoneMessage[] {
    return this.#inbox.get(e164) ?? [];
  }

  receive(part: AirPart): void {
    if (part.join === null) {
      this.#show(part, part.body, 1);
      return;
    }
    const { reference, number, of } = part.join;
    const key = `${part.from}>${part.to}#${reference}/${of}`;
    const parts = this.#incomplete.get(key) ?? new Array<AirPart | undefined>(of).fill(undefined);
    if (number >= 1 && number <= of) parts[number - 1] = part;
    if (parts.includes(undefined)) {
      this.#incomplete.set(key, parts);
      if (this.#incomplete.size > KEPT_INCOMPLETE) this.#incomplete.delete(this.#incomplete.keys().next().value!);
      return;
    }
    this.#incomplete.delete(key);
    this.#show(parts[0]!, parts.map((each) => each!.body).join(''), of);
  }

  #show(part: AirPart, body: string, parts: number): void {
    const message: PhoneMessage = {
      message_id: part.messageId,
      from: part.from,
      to: part.to,
      body,
      parts,
      media: [],
      received_at: Math.floor(part.at / 1000),
    };
    const inbox = this.#inbox.get(part.to);
    if (inbox) inbox.push(message);
    else this.#inbox.set(part.to, [message]);
    this.#arrivals.push(part.to);
    if (this.#arrivals.length - this.#oldest > KEPT) this.#forget();
  }

  #forget(): void {
    const number = this.#arrivals[this.#oldest++]!;
    const inbox = this.#inbox.get(number)!;
    inbox.shift();
    if (inbox.length === 0) this.#inbox.delete(number);
    if (this.#oldest > KEPT) this.#arrivals.splice(0, this.#oldest);
    if (this.#oldest > KEPT) this.#oldest = 0;
  }
}
