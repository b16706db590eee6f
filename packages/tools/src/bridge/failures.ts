import { NoAnswer } from './no-answer.ts';

/** What fetch says, without a code, of the ports it goes to for nobody, such as those of mail. */
const BLOCKED_PORT = 'bad port';
/** Nothing has left for the server then. */
const NOT_REACHED = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'],
  ...['CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ...['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', BLOCKED_PORT],
]);

export interface Failure {
  readonly code: number;
  readonly words: string;
  readonly data?: { readonly done: 'no' | 'unknown' };
}

const UNKNOWN =
  'Whether it was done is not known. Make the same call again, with equal arguments: it is not done twice.';

/** What to tell of a message that came to no answer. Never the key. */
export function wordsForFailure(error: unknown, { origin }: URL): Failure {
  if (error instanceof NoAnswer) return wordsForNoAnswer(error, origin);
  const code = codeOf(error);
  if (isReach(error)) {
    const words = `Veredus at ${origin} cannot be reached (${code}): nothing was done. Is it running, and is VEREDUS_URL right?`;
    return { code: -32000, words, data: { done: 'no' } };
  }
  const why = code ?? (error as Error).message;
  return {
    code: -32000,
    words: `The connection to Veredus at ${origin} broke before the answer came (${why}). ${UNKNOWN}`,
    data: { done: 'unknown' },
  };
}

function wordsForNoAnswer({ status, message }: NoAnswer, origin: string): Failure {
  if (status === 0 || (status >= 200 && status < 300) || status >= 500) {
    const http = status === 0 ? '' : ` (HTTP ${status})`;
    const words = `The answer of Veredus at ${origin} did not come${http}: ${message}. ${UNKNOWN}`;
    return { code: -32000, words, data: { done: 'unknown' } };
  }
  const hint = status === 401 ? ' See VEREDUS_AGENT_KEY.' : '';
  const words = `Veredus at ${origin} refused it (HTTP ${status}): ${message}${hint}`;
  return { code: -32000, words, data: { done: 'no' } };
}

/** Whether it failed before anything left. */
export function isReach(error: unknown): boolean {
  const code = codeOf(error);
  return code !== null && NOT_REACHED.has(code);
}

function codeOf(error: unknown): string | null {
  const { cause, code, message } = error as { cause?: unknown; code?: unknown; message?: unknown };
  if (typeof code === 'string') return code;
  if (message === BLOCKED_PORT) return BLOCKED_PORT;
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  return typeof cause === 'object' && cause !== null ? codeOf(cause) : null;
}
