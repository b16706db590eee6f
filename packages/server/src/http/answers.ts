import { knownRefusal } from '../accounts/answers.ts';
import { Refusal, type RefusalKind } from '../refusal.ts';

/** The codes of the HTTP framework's own refusals that a caller can cause. */
const FRAMEWORK: Record<string, RefusalKind> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'too-large',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'bad-request',
  FST_ERR_BAD_URL: 'bad-request',
  FST_ERR_MAX_PARAM_LENGTH: 'bad-request',
};

/** Whatever was thrown, as a refusal; null = a bug, which is logged and answered without a word of it. */
export function asRefusal(error: unknown): Refusal | null {
  const known = knownRefusal(error);
  if (known) return known;
  const { code, message } = error as { code?: string; message?: string };
  const kind = code === undefined ? undefined : FRAMEWORK[code];
  return kind === undefined ? null : new Refusal(kind, message ?? 'The request could not be read.');
}
