import type { Runner } from '../db/runner.ts';
import { recordEvent } from '../events/record.ts';
import { endpointUrl, shownUrl } from './check-url.ts';
import { encode, type WebhookFields } from './encode.ts';
import { GIVE_UP_MS } from './schedule.ts';
import { insertDeliveries, insertEndpoints, MOST_BY_EVENTS, MOST_ENDPOINTS, type NewDelivery } from './store.ts';

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
 * it can be sent again once the endpoint works. Answers the delivery ids in order; null = not queued, since the account has as
 * many endpoints as there may be (`tooManyEndpoints`).
 */
export async function enqueueWebhooks(
  run: Runner,
  items: readonly NewWebhook[],
  facts: { at: number; newId: () => string },
): Promise<(string | null)[]> {
  if (items.length === 0) return [];
  const rows = items.map((item): NewDelivery => {
    const { accountId, kind, subjectId, depth, occurredAt } = item;
    const encoded = encode(item.method, item.fields);
    const url = endpointUrl(item.url);
    return { id: facts.newId(), accountId, url, kind, subjectId, depth, occurredAt, ...encoded };
  });
  const queued = await insert(run, rows, facts.at);
  const left = rows.filter(({ id }) => !queued.has(id));
  // An endpoint may have been forgotten just now, after it was found.
  const late = left.length > 0 ? await insert(run, left, facts.at) : queued;
  const refused = rows.filter(({ id }) => !queued.has(id) && !late.has(id));
  await tellRefused(run, refused, facts.at);
  const lost = new Set(refused.map(({ id }) => id));
  return rows.map(({ id }) => (lost.has(id) ? null : id));
}

/** Whoever makes a test call is told in its answer. */
async function tellRefused(run: Runner, refused: readonly NewDelivery[], at: number): Promise<void> {
  const real = refused.filter(({ kind }) => kind !== 'test');
  for (const [accountId, rows] of Map.groupBy(real, (row) => row.accountId)) {
    const facts = { url: shownUrl(rows[0]!.url), deliveries: rows.length, why: tooManyEndpoints(MOST_BY_EVENTS) };
    await recordEvent(run, { accountId, at, kind: 'webhook.refused', facts });
  }
}

async function insert(run: Runner, rows: readonly NewDelivery[], at: number): Promise<Set<string>> {
  const endpoints = rows.map(({ accountId, url, kind }) => {
    return { accountId, url, most: kind === 'test' ? MOST_ENDPOINTS : MOST_BY_EVENTS };
  });
  await insertEndpoints(run, endpoints, at);
  return insertDeliveries(run, rows, { at, giveUpAt: at + GIVE_UP_MS });
}

/** Why an event is not queued, for the owner of its address. */
export function tooManyEndpoints(most: number): string {
  return (
    `The address is not a webhook endpoint yet, and this account has ${most}, which is as many as there may be. ` +
    'Those to which nothing is sent for 30 days are forgotten, unless they are disabled or somebody has their key.'
  );
}
