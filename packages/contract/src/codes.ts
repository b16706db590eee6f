/**
 * The two families of codes ClickSend's v3 clients meet: one per HTTP answer (the envelope's `response_code`), and one
 * per message inside a 200. They are never mixed: an envelope says SUCCESS even when every message in it was refused.
 */

/**
 * Answers of a whole call, by the name the platform uses. The names of 200 to 500 are ClickSend's; its own documents
 * give 405 the response code NOT_FOUND, so both live here. Those marked "ours" have no ClickSend equivalent.
 */
export const answerCodes = {
  SUCCESS: { http_code: 200, response_code: 'SUCCESS', words: 'Done.' },
  BAD_REQUEST: { http_code: 400, response_code: 'BAD_REQUEST', words: 'Some fields are invalid.' },
  TOO_MANY_RECIPIENTS: {
    http_code: 400,
    response_code: 'TOO_MANY_RECIPIENTS',
    words: 'More recipients than one call may have.',
  },
  /** A campaign that the balance does not cover; single messages carry it as a status of their own. */
  INSUFFICIENT_CREDIT: {
    http_code: 400,
    response_code: 'INSUFFICIENT_CREDIT',
    words: 'The balance does not cover the price.',
  },
  UNAUTHORIZED: { http_code: 401, response_code: 'UNAUTHORIZED', words: 'Credentials are missing or wrong.' },
  FORBIDDEN: { http_code: 403, response_code: 'FORBIDDEN', words: 'Understood, but this key may not do that.' },
  NOT_FOUND: { http_code: 404, response_code: 'NOT_FOUND', words: 'No such resource.' },
  METHOD_NOT_ALLOWED: { http_code: 405, response_code: 'NOT_FOUND', words: 'This path does not know that method.' },
  /** Ours: an Idempotency-Key whose first call has not ended yet. */
  CONFLICT: { http_code: 409, response_code: 'CONFLICT', words: 'The same call is still being answered; try again.' },
  /** Ours: refused before the body is read in full. */
  PAYLOAD_TOO_LARGE: { http_code: 413, response_code: 'PAYLOAD_TOO_LARGE', words: 'The body is too large.' },
  /** Ours: an Idempotency-Key that was used with another body. */
  UNPROCESSABLE: { http_code: 422, response_code: 'UNPROCESSABLE', words: 'Understood, but it contradicts itself.' },
  TOO_MANY_REQUESTS: { http_code: 429, response_code: 'TOO_MANY_REQUESTS', words: 'Too many calls; slow down.' },
  INTERNAL_SERVER_ERROR: { http_code: 500, response_code: 'INTERNAL_SERVER_ERROR', words: 'A fault of the platform.' },
  /** Ours: the node is starting, draining, or has lost its database. */
  UNAVAILABLE: { http_code: 503, response_code: 'SERVICE_UNAVAILABLE', words: 'Not able to answer now; try again.' },
} as const;

export type AnswerCode = keyof typeof answerCodes;

/** Every call that needs credentials may be answered so, whatever else its own list says. */
export const commonRefusals = [
  'UNAUTHORIZED',
  'FORBIDDEN',
  'TOO_MANY_REQUESTS',
  'INTERNAL_SERVER_ERROR',
  'UNAVAILABLE',
] as const satisfies readonly AnswerCode[];

/** The `status` of one message (or recipient) in the answer of a send or price call. */
export const messageStatuses = {
  SUCCESS: 'Accepted into the queue.',
  MISSING_CREDENTIALS: 'Username or key is absent.',
  ACCOUNT_NOT_ACTIVATED: 'The account is not active.',
  INVALID_RECIPIENT: 'The destination is not a valid number or address.',
  THROTTLED: 'The same text went to the same recipient a moment ago.',
  INVALID_SENDER_ID: 'The sender is too long, holds a space, or may not be used.',
  INSUFFICIENT_CREDIT: 'The balance does not cover the price.',
  INVALID_CREDENTIALS: 'Username or key is wrong.',
  COUNTRY_NOT_ENABLED: 'The destination country is not enabled for the account.',
  REGISTRATION_NEEDED: 'The country asks for a registered sender, number or account.',
  ALREADY_EXISTS: 'The resource exists already.',
  EMPTY_MESSAGE: 'The message has no text.',
  TOO_MANY_RECIPIENTS: 'More recipients than one call may have.',
  MISSING_REQUIRED_FIELDS: 'A mandatory field is absent.',
  INVALID_SCHEDULE: 'The schedule is not a usable time in unix seconds.',
  NOT_ENOUGH_PERMISSION_TO_LIST_ID: 'The caller may not use that list.',
  INTERNAL_ERROR: 'A fault of the platform.',
  INVALID_LANG: 'The voice language is not valid.',
  INVALID_VOICE: 'The voice is not valid.',
  SUBJECT_REQUIRED: 'An MMS needs a subject.',
  INVALID_MEDIA_FILE: 'The MMS media file is not valid.',
  SOMETHING_IS_WRONG: 'Refused for a reason without a code of its own.',
  INVALID_RETURN_ADDRESS: 'The return address of a letter is not valid.',
} as const;

export type MessageStatus = keyof typeof messageStatuses;

export const messageStatusNames = Object.keys(messageStatuses) as MessageStatus[];
