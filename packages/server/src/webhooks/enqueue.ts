import type { Runner } from '../db/runner.ts';
import { endpointUrl } from './check-url.ts';
import { encode, type WebhookFields } from './encode.ts';
import { GIVE_UP_MS } from './schedule.ts';
import { insertDeliveries, insertEndpoints, type NewDelivery } from './store.ts';

/** One event for one address. */
export interface NewWebhook {
  accountId: number;
  /** As `checkWebhookUrl` let it through. */
  url: string;
  /** post = form-encoded POST, json = JSON POST, get = GET with the fields in the query. */
  method: 'post' | 'get' | 'json';
  kind: 'inbound' | 'receipt' | 'test';
  /** The message or the inbound text it tells of. */
  subjectId: string | null;
  /** The body, in ClickSend's words and order. */
  fields: WebhookFields;
  /** How many pushes led to this event; the request says one more. */
  depth: number;
  /** ms. */
  occurredAt: number;
}

/**
 * Queues events for their addresses, within the transaction of what they tell of: they leave when, and only when, that
 * commits. The address becomes an endpoint when it is none yet. What is for a disabled endpoint is stored as dead, so that
 * it can be sent again once the endpoint works. Answers the delivery ids in order.
 */
export async function enqueueWebhooks(
  run: Runner,
  items: readonly NewWebhook[],
  facts: { at: number; newId: () => string },
): Promise<string[]> {
  if (items.length === 0) return [];
  const rows = items.map((item): NewDelivery => {
    const { accountId, kind, subjectId, depth, occurredAt } = item;
    const encoded = encode(item.method, item.fields);
    const url = endpointUrl(item.url);
    return { id: facts.newId(), accountId, url, kind, subjectId, depth, occurredAt, ...encoded };
  });
  await insertEndpoints(run, rows, facts.at);
  await insertDeliveries(run, rows, { at: facts.at, giveUpAt: facts.at + GIVE_UP_MS });
  return rows.map(({ id }) => id);
}
