/** What an ESME can be told. The numbers are stored (esme_deliveries.kind); never renumber. */
export const DeliveryKind = { text: 1, receipt: 2 } as const;
export type DeliveryKind = (typeof DeliveryKind)[keyof typeof DeliveryKind];

/** How long a text or a receipt waits for its ESME to take it. */
export const KEPT_FOR_MS = 72 * 3_600_000;

/** What a deliver_sm says beside its text. Stored as JSON, in the words of the wire. */
export interface DeliveryFacts {
  /** The id the submit was answered with. */
  readonly receipted_message_id?: string;
  /** SMPP's number of the state. */
  readonly message_state?: number;
}

/** A text from a handset or a receipt, as it is queued. */
export interface NewDelivery {
  id: string;
  accountId: number;
  systemId: string;
  kind: DeliveryKind;
  subjectId: string | null;
  source: string;
  destination: string;
  body: string;
  facts: DeliveryFacts;
  createdAt: number;
}

/** One that a node has claimed. */
export interface DueDelivery extends NewDelivery {
  /** Tries before this one. */
  attempts: number;
  /** When the claim runs out, in ms; it tells one claim from another. */
  claimedUntil: number;
  expiresAt: number;
}
