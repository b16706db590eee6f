import { type AnswerCode, answerCodes } from '@veredus/contract/codes';
import { type Envelope, refused as refusedEnvelope } from '@veredus/contract/envelope';
import { isUnavailable } from '../db/patient-pool.ts';
import { Refusal, type RefusalKind } from '../refusal.ts';

/** What each kind of refusal answers. Exhaustive: a new kind does not compile until it stands here. */
const ANSWERED_WITH: Record<RefusalKind, AnswerCode> = {
  'bad-request': 'BAD_REQUEST',
  'missing-credentials': 'UNAUTHORIZED',
  'invalid-credentials': 'UNAUTHORIZED',
  'account-not-activated': 'FORBIDDEN',
  'account-banned': 'FORBIDDEN',
  forbidden: 'FORBIDDEN',
  'not-found': 'NOT_FOUND',
  'method-not-allowed': 'METHOD_NOT_ALLOWED',
  'in-progress': 'CONFLICT',
  'key-reused': 'UNPROCESSABLE',
  'too-large': 'PAYLOAD_TOO_LARGE',
  'too-many-recipients': 'TOO_MANY_RECIPIENTS',
  'insufficient-credit': 'INSUFFICIENT_CREDIT',
  'too-many-requests': 'TOO_MANY_REQUESTS',
  'unsupported-media-type': 'BAD_REQUEST',
  unavailable: 'UNAVAILABLE',
};

/** A refusal's envelope, with the id under which the request is found in the log. */
type RefusalBody = Envelope<Record<string, string> | null> & { request_id: string };

/** What was thrown, where a caller caused it or the database is away; null = a bug. */
export function knownRefusal(error: unknown): Refusal | null {
  if (error instanceof Refusal) return error;
  if (!isUnavailable(error)) return null;
  return new Refusal('unavailable', 'The database is away for the moment. Try again.', { retryAfter: 2 });
}

/** The status, envelope and headers of a refusal or (null) a bug. */
export function refused(
  refusal: Refusal | null,
  requestId: string,
): { status: number; body: RefusalBody; headers: Record<string, string> } {
  const code = refusal === null ? 'INTERNAL_SERVER_ERROR' : ANSWERED_WITH[refusal.kind];
  const { http_code: status, words } = answerCodes[code];
  const headers: Record<string, string> = {};
  if (refusal?.retryAfter != null) headers['retry-after'] = String(refusal.retryAfter);
  if (status === 401) headers['www-authenticate'] = 'Basic realm="veredus", charset="UTF-8"';
  const sentence = refusal?.message ?? `${words} Quote request ${requestId} when you report it.`;
  return {
    status,
    headers,
    body: { ...refusedEnvelope(code, sentence, refusal?.fields ?? null), request_id: requestId },
  };
}

/** The refusal for a call that the contract's reader turned down. */
export function refusalOfReading(code: AnswerCode, fields: Record<string, string>): Refusal {
  const kind = (Object.keys(ANSWERED_WITH) as RefusalKind[]).find((k) => ANSWERED_WITH[k] === code) ?? 'bad-request';
  return new Refusal(kind, `${answerCodes[code].words} ${Object.values(fields).join(' ')}`.trim(), { fields });
}
