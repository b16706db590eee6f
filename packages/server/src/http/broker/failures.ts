import { refused } from '../../accounts/answers.ts';
import { type Lack, NoConnection } from '../../connections/no-connection.ts';
import type { Refusal } from '../../refusal.ts';

/** The code by which clients know that a user has no connection yet. */
const NO_CONNECTION = 1803;

export interface Failure {
  status: number;
  headers: Record<string, string>;
  body: { error: BrokerError };
}

interface BrokerError {
  message: string;
  code: number;
  slug: string;
  status: number;
  request_id: string;
  suggested_fix: string;
  /** One sentence for each field that is wrong. */
  errors: string[];
}

const SLUGS: Readonly<Record<number, string>> = {
  400: 'HTTP_BadRequest',
  401: 'HTTP_Unauthorized',
  403: 'HTTP_Forbidden',
  404: 'HTTP_NotFound',
  413: 'HTTP_PayloadTooLarge',
  503: 'HTTP_ServiceUnavailable',
};

const FIXES: Readonly<Record<number, string>> = {
  400: 'Correct what the message names and send it again.',
  401: 'Send a project’s or an agent’s key in x-api-key.',
  403: 'Use a key that holds the permission.',
  404: 'List what there is, and use an id or slug from that list.',
  503: 'Try again in a few seconds.',
};

const LINK = 'POST connected_accounts/link answers a page for that.';
const CONNECTS: Readonly<Record<Lack, string>> = {
  none: `Connect the user first: ${LINK}`,
  unknown: `Name one that GET connected_accounts lists, or connect the user: ${LINK}`,
  invited: 'Somebody has to open its link: POST connected_accounts/{id}/refresh answers a new one.',
  'being-tried': 'Wait until it is ACTIVE, which GET connected_accounts/{id} tells: it is tried again by itself.',
  over: 'Connect it again: POST connected_accounts/{id}/refresh answers a page for that.',
  disabled: 'Enable what the message names, or use another connection.',
  'not-allowed': 'Allow the tool in the auth config, or use another connection.',
};

/** The same routes under both: older clients ask for the first, newer ones for the second. */
export const PREFIXES = ['/api/v3', '/api/v3.1'] as const;

/** What the framework refuses before it knows a route, where the address is one of the broker's; null = it is not. */
export function brokerFailureAt(url: string, refusal: Refusal | null, requestId: string): Failure | null {
  if (!PREFIXES.some((prefix) => url.startsWith(`${prefix}/`))) return null;
  const failure = failureOf(refusal, `req_${requestId}`);
  // It may have been an execution.
  return { ...failure, headers: { ...failure.headers, 'x-should-retry': 'false' } };
}

/** A refusal, or (null) a bug, in the envelope of brokers. */
export function failureOf(refusal: Refusal | null, requestId: string): Failure {
  const { status: usual, body, headers } = refused(refusal, requestId);
  const unconnected = refusal instanceof NoConnection;
  const status = unconnected ? 400 : usual;
  if (status === 401) headers['www-authenticate'] = 'Bearer realm="veredus"';
  const error: BrokerError = {
    message: body.response_msg,
    code: unconnected ? NO_CONNECTION : 10_000 + status,
    slug: unconnected ? 'ConnectedAccount_NotFound' : (SLUGS[status] ?? 'HTTP_Error'),
    status,
    request_id: requestId,
    suggested_fix: unconnected ? CONNECTS[refusal.lack] : (FIXES[status] ?? 'Quote the request id when you report it.'),
    errors: Object.values(refusal?.fields ?? {}),
  };
  return { status, headers, body: { error } };
}
