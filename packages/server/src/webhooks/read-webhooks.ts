import type { Params, Query } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import { makePage } from '@veredus/contract/page';
import type { Clock } from '@veredus/protocols/clock';
import type { Answer } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import type { Database } from '../db/db.ts';
import { asAccountClient } from '../db/runner.ts';
import type { OutboundParts } from '../outbound/parts.ts';
import { Refusal } from '../refusal.ts';
import { LOGGED } from './settle.ts';
import { showAttempt, showDelivery, showEndpoint, showKey, stateOf } from './show.ts';
import type { KeyOf } from './sign.ts';
import { keepEndpoint } from './store-change.ts';
import {
  type Endpoint,
  findDelivery,
  findEndpoint,
  listAttempts,
  listDeliveries,
  listEndpoints,
} from './store-read.ts';

export interface WebhookParts {
  db: Database;
  clock: Clock;
  /** Where callers reach this server, without a slash at its end; known once it listens. */
  publicUrl: () => string;
  keyOf: KeyOf;
  allowUrls: OutboundParts['allow'];
  /** Something was set due. */
  wakeWebhooks(): void;
}

/** A page of the account's endpoints, in the order they were made. */
export async function listWebhooks(
  { db, publicUrl }: WebhookParts,
  { accountId }: Caller,
  { page, limit }: Query<Endpoints['webhookEndpoints']>,
): Promise<Answer<Endpoints['webhookEndpoints']>> {
  const slice = { skip: (page - 1) * limit, count: limit };
  const { total, rows } = await asAccountClient(db, accountId, (run) => listEndpoints(run, accountId, slice));
  const url = urlOf(publicUrl(), '/v3/webhooks', { limit });
  return { data: makePage({ total, page, limit, rows: rows.map(showEndpoint), url }), words: 'Webhook endpoints.' };
}

/** @throws Refusal not-found for one that is not the account's. */
export async function readEndpoint({ db }: WebhookParts, caller: Caller, endpointId: number): Promise<Endpoint> {
  const of = { accountId: caller.accountId, endpointId };
  return (await asAccountClient(db, caller.accountId, (run) => findEndpoint(run, of))) ?? noEndpoint(endpointId);
}

/** The key, and the one before as long as it signs along; from now on the endpoint is kept. @throws Refusal not-found. */
export async function readKey(
  parts: WebhookParts,
  caller: Caller,
  { endpoint_id }: Params<Endpoints['webhookKeyShow']>,
): Promise<Answer<Endpoints['webhookKeyShow']>> {
  const endpoint = await readEndpoint(parts, caller, endpoint_id);
  const of = { accountId: caller.accountId, endpointId: endpoint_id };
  await asAccountClient(parts.db, caller.accountId, (run) => keepEndpoint(run, of));
  return { data: showKey(parts.keyOf, endpoint, parts.clock.now()), words: 'Keep it secret: it proves what is ours.' };
}

/** A page of what was and is to be sent to an endpoint, the newest first. @throws Refusal not-found. */
export async function readDeliveries(
  { db, publicUrl }: WebhookParts,
  { accountId }: Caller,
  { endpoint_id: endpointId }: Params<Endpoints['webhookDeliveries']>,
  { state, page, limit }: Query<Endpoints['webhookDeliveries']>,
): Promise<Answer<Endpoints['webhookDeliveries']>> {
  const slice = { state: state === undefined ? null : stateOf(state), skip: (page - 1) * limit, count: limit };
  const { total, rows } = await asAccountClient(db, accountId, async (run) => {
    const of = { accountId, endpointId };
    if (!(await findEndpoint(run, of))) noEndpoint(endpointId);
    return listDeliveries(run, of, slice);
  });
  const url = urlOf(publicUrl(), `/v3/webhooks/${endpointId}/deliveries`, { ...(state ? { state } : {}), limit });
  return { data: makePage({ total, page, limit, rows: rows.map(showDelivery), url }), words: 'Deliveries.' };
}

/** One delivery with all that was sent and came back. @throws Refusal not-found. */
export async function readDelivery(
  { db }: WebhookParts,
  { accountId }: Caller,
  { delivery_id }: Params<Endpoints['webhookDeliveryShow']>,
): Promise<Answer<Endpoints['webhookDeliveryShow']>> {
  const id = deliveryIdOf(delivery_id);
  const { row, attempts } = await asAccountClient(db, accountId, async (run) => {
    const row = (await findDelivery(run, accountId, id)) ?? noDelivery(delivery_id);
    return { row, attempts: await listAttempts(run, accountId, id, LOGGED) };
  });
  const { url, content_type, query, body } = row;
  const data = { ...showDelivery(row), url, content_type, query, body, log: attempts.map(showAttempt) };
  return { data, words: 'Delivery.' };
}

/** As it is stored, from either form in either case. @throws Refusal not-found for what is no id at all. */
export function deliveryIdOf(text: string): string {
  const id = text.trim().toLowerCase().replace(/^msg_/, '');
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id) ? id : noDelivery(text);
}

export function noDelivery(text: string): never {
  const words = `There is no delivery ${text.slice(0, 40)} in this account. Those that ended are kept for 30 days.`;
  throw new Refusal('not-found', words, { fields: { delivery_id: words } });
}

export function noEndpoint(endpointId: number): never {
  const words = `There is no webhook endpoint ${endpointId} in this account.`;
  throw new Refusal('not-found', words, { fields: { endpoint_id: words } });
}

/** Terms that say what goes without saying are left out. */
function urlOf(base: string, path: string, { limit, ...terms }: { limit: number; state?: string }): string {
  const url = new URL(base + path);
  for (const [name, value] of Object.entries(terms)) url.searchParams.set(name, value);
  if (limit !== 15) url.searchParams.set('limit', String(limit));
  return url.href;
}
