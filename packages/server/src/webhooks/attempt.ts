import type { Clock } from '@veredus/protocols/clock';
import type { OutboundParts } from '../outbound/parts.ts';
import { type Pushed, postUrl } from '../outbound/post-url.ts';
import { isSuccess } from './judge.ts';
import { readRetryAfter } from './schedule.ts';
import { type KeyOf, keysOf, signed, webhookId } from './sign.ts';
import type { Claimed } from './store-claims.ts';

export interface AttemptParts {
  clock: Clock;
  /** Its clock is the machine's, also where ours travels: receivers compare the timestamp with their own. */
  outbound: OutboundParts;
  keyOf: KeyOf;
}

/** One attempt, made. */
export interface Outcome {
  claimed: Claimed;
  startedAt: number;
  tookMs: number;
  request: string;
  status: number | null;
  answer: string | null;
  /** Null for a success. */
  fault: string | null;
  /** ms. */
  retryAfter: number | null;
}

/** Sends a delivery once. */
export async function attemptDelivery(parts: AttemptParts, claimed: Claimed): Promise<Outcome> {
  const { clock, outbound } = parts;
  const startedAt = clock.now();
  const started = outbound.clock.monotonic();
  const { url, method, query, body } = claimed;
  const pushed = await postUrl(outbound, { url, method, query, body, headers: headersOf(parts, claimed, startedAt) });
  const { request, status, answer } = pushed;
  const tookMs = Math.round(outbound.clock.monotonic() - started);
  const retryAfter = isSuccess(status) ? null : readRetryAfter(pushed.retryAfter, outbound.clock.now());
  return { claimed, startedAt, tookMs, request, status, answer, fault: faultOf(pushed), retryAfter };
}

function headersOf({ outbound, keyOf }: AttemptParts, claimed: Claimed, now: number): Record<string, string> {
  const seconds = Math.floor(outbound.clock.now() / 1000);
  return {
    ...(claimed.content_type === '' ? {} : { 'content-type': claimed.content_type }),
    'user-agent': 'Veredus',
    ...signed(keysOf(keyOf, claimed, now), { id: webhookId(claimed.id), seconds, body: claimed.body }),
    'veredus-event': claimed.kind,
    'veredus-occurred-at': String(claimed.occurred_at),
    'veredus-depth': String(claimed.depth + 1),
  };
}

function faultOf({ status, fault }: Pushed): string | null {
  if (fault !== null || status === null) return fault ?? 'No answer came.';
  if (isSuccess(status)) return null;
  if (status >= 300 && status < 400) return `It answered ${status}, a redirect: those are not followed.`;
  return `It answered ${status}.`;
}
