import type { Clock } from '@veredus/protocols/clock';
import type { Random } from '@veredus/protocols/random';

/** What a message holds beyond its text, on the channels that have it. */
export interface Content {
  readonly subject: string;
}

/** What a carrier needs to know of one message to send it. */
export interface Outgoing {
  /** Message id: UUIDv7, lower case. */
  readonly id: string;
  /** E.164 with its `+`. */
  readonly recipient: string;
  /** Alpha tag or number; empty = the carrier's own default sender. */
  readonly sender: string;
  readonly body: string;
  /** Counted and priced at accept; the carrier sends exactly so many. */
  readonly parts: number;
  /** Milliseconds since the epoch after which the message is worthless. */
  readonly validUntil: number;
  readonly content?: Content | undefined;
}

/**
 * What became of one message at the carrier: a value, never an exception. `unknown` means its bytes may have left and
 * nobody knows; `unsent` means they certainly did not, so it may go back to the queue. An outcome may come again, later
 * and better, after `unknown` (a late response).
 */
export type Outcome =
  /** One upstream id per part, in order; null where that part was refused (then `code` and `words` say why). */
  | { kind: 'accepted'; id: string; upstreamIds: (string | null)[]; code?: string; words?: string }
  /** For good: no other attempt will do better. */
  | { kind: 'refused'; id: string; code: string; words: string }
  /** Not now: throttled, queue full. Nothing of the message was taken. */
  | { kind: 'deferred'; id: string; code: string; words: string; afterMs: number }
  | { kind: 'unknown'; id: string; words: string }
  | { kind: 'unsent'; id: string };

export type ReceiptState =
  | 'delivered'
  | 'enroute'
  | 'accepted'
  | 'expired'
  | 'deleted'
  | 'undeliverable'
  | 'rejected'
  | 'unknown';

/** A delivery receipt as the carrier sent it; ids are exactly its bytes, matching is not the carrier's business. */
export interface CarrierReceipt {
  readonly upstreamId: string;
  readonly state: ReceiptState;
  /** The carrier's own error number, as text; null when it gave none. */
  readonly error: string | null;
  /** The handset the receipt speaks of, as the carrier wrote it (often without `+`); null when it did not say. */
  readonly recipient: string | null;
  /** The receipt's own words, kept for the operator. */
  readonly raw: string;
}

/** A message from a handset. */
export interface CarrierInbound {
  /** The carrier's id of it, if it gives one: a message is stored once per id. */
  readonly providerId: string | null;
  readonly from: string;
  readonly to: string;
  readonly body: string;
  /** Set on one part of a longer message; parts are joined by (from, to, reference). */
  readonly part: { reference: number; number: number; of: number } | null;
}

/** What a link tells its owner. Calls come in chunks; none may throw. */
export interface LinkEvents {
  /** `free` may have grown: the link is up, a window slot came back, or the rate allows more. */
  ready(): void;
  /** The link is gone for now (it reconnects by itself). Every message it held has been given an outcome. */
  down(why: string): void;
  outcomes(outcomes: Outcome[]): void;
  /** Resolves once stored; only then does the carrier acknowledge. A rejection means: do not acknowledge. */
  receipts(receipts: CarrierReceipt[]): Promise<void>;
  /** As `receipts`, for messages from handsets. */
  inbound(messages: CarrierInbound[]): Promise<void>;
}

/** One way out: an SMPP bind, an HTTP account. */
export interface Link {
  /** How many parts may leave right now (window, rate and connection taken together). 0 while down. */
  readonly free: number;
  /** The bytes leave. Called with no more parts than `free`, except that one message longer than the window may go alone. */
  send(messages: readonly Outgoing[]): void;
  /** Stops taking work, waits for what is out until `deadlineMs` of monotonic time from now, then hangs up. */
  close(deadlineMs: number): Promise<void>;
}

export interface CarrierParts {
  clock: Clock;
  random: Random;
  /** One line for the operator; never a secret, never a message body. */
  log(event: string, facts: Record<string, unknown>): void;
}

/** How messages leave. Each is one file under carriers/ and one line in its registry. */
export interface Carrier {
  /** As stored with every message and shown to operators, e.g. `smpp://host:2775/system`. Holds no secret. */
  readonly name: string;
  /** How many links may be open at once, over all nodes together. */
  readonly links: number;
  /** The most parts of one link that can be without an answer: the bound on `unknown` after a crash. */
  readonly window: number;
  /** How its receipts write the ids of its responses; absent = found out. */
  readonly receiptIds?: 'auto' | 'same' | 'decimal-of-hex' | 'hex-of-decimal';
  open(index: number, events: LinkEvents): Link;
}
