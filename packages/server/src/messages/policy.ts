/** What a policy may look at: all of it is known when a message is accepted, and again when its bytes are about to leave. */
export interface Checked {
  readonly accountId: number;
  /** E.164. */
  readonly recipient: string;
  readonly sender: string;
  readonly body: string;
  readonly parts: number;
}

export interface Objection {
  /** A ClickSend message status such as INVALID_RECIPIENT. */
  readonly refusal: string;
  /** Why, in a sentence. */
  readonly words: string;
}

/**
 * A check of one message; null = nothing against it. Asked at accept for every way in, and once more at dispatch, since
 * hours or months may lie between. It is asked for each message, so it must not wait for anything.
 */
export type Policy = (message: Checked) => Objection | null;

/** The first objection, in the order of the policies. */
export function objectionOf(policies: readonly Policy[], message: Checked): Objection | null {
  for (const policy of policies) {
    const objection = policy(message);
    if (objection) return objection;
  }
  return null;
}
