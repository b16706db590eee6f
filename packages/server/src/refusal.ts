/**
 * What a caller can cause and must be told. One class, one union of kinds; http/answers.ts gives each kind its HTTP
 * status and ClickSend code in one exhaustive table. Anything else that is thrown is a bug.
 */
export type RefusalKind =
  | 'bad-request'
  | 'missing-credentials'
  | 'invalid-credentials'
  | 'account-not-activated'
  | 'account-banned'
  | 'forbidden'
  | 'not-found'
  | 'method-not-allowed'
  | 'in-progress'
  | 'key-reused'
  | 'too-large'
  | 'too-many-recipients'
  | 'insufficient-credit'
  | 'too-many-requests'
  | 'unsupported-media-type'
  | 'unavailable';

export interface RefusalDetails {
  /** Field name to what is wrong with it and how to mend it. */
  fields?: Record<string, string>;
  /** Seconds after which a retry makes sense; becomes `Retry-After`. */
  retryAfter?: number;
}

export class Refusal extends Error {
  readonly kind: RefusalKind;
  readonly fields: Record<string, string> | null;
  readonly retryAfter: number | null;

  /** `message` is a sentence for the caller: what, where, how to mend. Never a secret. */
  constructor(kind: RefusalKind, message: string, details: RefusalDetails = {}) {
    super(message);
    this.kind = kind;
    this.fields = details.fields ?? null;
    this.retryAfter = details.retryAfter ?? null;
  }
}
