import { judgeUrl } from '../outbound/guard-url.ts';
import type { OutboundParts } from '../outbound/parts.ts';

/** What guard-url.ts takes at most; written as ASCII it also fits into an index. */
const URL_LIMIT = 2_048;

/**
 * Whether a webhook may be kept for this URL: http or https, a usual port or one the operator allows, no credentials, no
 * address inside. Names are resolved and judged at each attempt, since they may move.
 *
 * @throws Refusal bad-request that names the field and the rule.
 */
export function checkWebhookUrl(url: string, field: string, allow: OutboundParts['allow']): void {
  judgeUrl(allow, endpointUrl(url), field);
}

/**
 * One spelling of a URL, since all that is sent to it shares a queue and a key: without a fragment (which is never sent) and in
 * ASCII. What is no URL stays what it is, to be refused at its first attempt.
 */
export function endpointUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null) return encodeURI(text.toWellFormed()).slice(0, URL_LIMIT + 1);
  url.hash = '';
  return url.href.slice(0, URL_LIMIT + 1);
}

/** How mails and events name a URL: by its server alone, since what stands behind that is often a secret. */
export function shownUrl(url: string): string {
  const origin = URL.canParse(url) ? new URL(url).origin : 'null';
  return origin === 'null' ? 'an address' : origin;
}
