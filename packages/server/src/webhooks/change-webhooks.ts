import type { Body, Params } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import type { Answer } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import { asAccountClient, type Runner } from '../db/runner.ts';
import { storable } from '../db/storable.ts';
import { Refusal } from '../refusal.ts';
import { checkWebhookUrl, endpointUrl } from './check-url.ts';
import { tooManyEndpoints } from './enqueue.ts';
import { deliveryIdOf, noDelivery, noEndpoint, readEndpoint, type WebhookParts } from './read-webhooks.ts';
import { GIVE_UP_MS } from './schedule.ts';
import { showDelivery, showEndpoint, showKey } from './show.ts';
import { insertEndpoints, MOST_ENDPOINTS } from './store.ts';
import {
  disableEndpoint,
  enableEndpoint,
  keepEndpoint,
  lockOwnEndpoint,
  MOST_REPLAYS,
  replayDead,
  replayOne,
  rotateKey,
  unblockEndpoint,
} from './store-change.ts';
import { findDelivery, findEndpointOfUrl, type Of } from './store-read.ts';

/** How long the key before signs along. */
const ROTATION_MS = 24 * 3_600_000;
/** In one transaction. */
const REPLAYED_AT_ONCE = 5_000;

function tooMany(): Refusal {
  const words = tooManyEndpoints(MOST_ENDPOINTS);
  return new Refusal('bad-request', words, { fields: { url: words } });
}

/** An endpoint before its first event, so that its key can be had. @throws Refusal bad-request for a URL that is not taken. */
export async function createEndpoint(
  { db, clock, allowUrls }: WebhookParts,
  { accountId }: Caller,
  body: Body<Endpoints['webhookEndpointCreate']>,
): Promise<Answer<Endpoints['webhookEndpointCreate']>> {
  checkWebhookUrl(body.url, 'url', allowUrls);
  const url = endpointUrl(body.url);
  const made = await asAccountClient(db, accountId, async (run) => {
    await insertEndpoints(run, [{ accountId, url, most: MOST_ENDPOINTS }], clock.now());
    const endpoint = await findEndpointOfUrl(run, accountId, url);
    if (endpoint === null) throw tooMany();
    await keepEndpoint(run, { accountId, endpointId: endpoint.endpoint_id });
    return endpoint;
  });
  return { data: showEndpoint(made), words: 'Webhook endpoint.' };
}

/** Changes an endpoint while nobody else does. @throws Refusal not-found. */
async function change(parts: WebhookParts, { accountId }: Caller, endpointId: number, work: Work): Promise<void> {
  await asAccountClient(parts.db, accountId, async (run) => {
    const of = { accountId, endpointId };
    if (!(await lockOwnEndpoint(run, of))) noEndpoint(endpointId);
    await work(run, of);
  });
}

type Work = (run: Runner, of: Of) => Promise<void>;

export async function rotateEndpointKey(
  parts: WebhookParts,
  caller: Caller,
  { endpoint_id }: Params<Endpoints['webhookKeyRotate']>,
): Promise<Answer<Endpoints['webhookKeyRotate']>> {
  const now = parts.clock.now();
  await change(parts, caller, endpoint_id, async (run, of) => {
    await rotateKey(run, of, now + ROTATION_MS);
    await keepEndpoint(run, of);
  });
  const endpoint = await readEndpoint(parts, caller, endpoint_id);
  return { data: showKey(parts.keyOf, endpoint, now), words: 'New key. The one before signs along for 24 hours.' };
}

export async function enable(
  parts: WebhookParts,
  caller: Caller,
  { endpoint_id }: Params<Endpoints['webhookEnable']>,
): Promise<Answer<Endpoints['webhookEnable']>> {
  await change(parts, caller, endpoint_id, (run, of) => enableEndpoint(run, of, parts.clock.now()));
  parts.wakeWebhooks();
  const endpoint = await readEndpoint(parts, caller, endpoint_id);
  const words = endpoint.dead > 0 ? 'Enabled. What came meanwhile is sent when it is replayed.' : 'Enabled.';
  return { data: showEndpoint(endpoint), words };
}

export async function disable(
  parts: WebhookParts,
  caller: Caller,
  { endpoint_id }: Params<Endpoints['webhookDisable']>,
): Promise<Answer<Endpoints['webhookDisable']>> {
  const off = { at: parts.clock.now(), why: storable(`Disabled by ${caller.username}.`) };
  await change(parts, caller, endpoint_id, (run, of) => disableEndpoint(run, of, off));
  const data = showEndpoint(await readEndpoint(parts, caller, endpoint_id));
  return { data, words: 'Disabled. What waits for it, and what comes, can be replayed once it is enabled.' };
}

/** Sends one delivery again, whatever became of it. @throws Refusal not-found; bad-request where its endpoint is disabled. */
export async function replay(
  parts: WebhookParts,
  { accountId }: Caller,
  { delivery_id }: Params<Endpoints['webhookReplay']>,
): Promise<Answer<Endpoints['webhookReplay']>> {
  const id = deliveryIdOf(delivery_id);
  const again = againFrom(parts);
  const answer = await asAccountClient(parts.db, accountId, async (run) => {
    const found = (await findDelivery(run, accountId, id)) ?? noDelivery(delivery_id);
    const of = { accountId, endpointId: found.endpoint_id };
    await lockEnabled(run, of);
    if (found.replays >= MOST_REPLAYS) throw replayedEnough(delivery_id);
    await unblockEndpoint(run, of, again.now);
    const queued = await replayOne(run, accountId, id, again);
    return { queued, row: (await findDelivery(run, accountId, id)) ?? noDelivery(delivery_id) };
  });
  parts.wakeWebhooks();
  return { data: showDelivery(answer.row), words: answer.queued ? 'It is sent again.' : 'It is being sent already.' };
}

/** Sends again what was given up. @throws Refusal not-found; bad-request where the endpoint is disabled. */
export async function replayAllDead(
  parts: WebhookParts,
  { accountId }: Caller,
  { endpoint_id: endpointId }: Params<Endpoints['webhookReplayDead']>,
  body: Body<Endpoints['webhookReplayDead']>,
): Promise<Answer<Endpoints['webhookReplayDead']>> {
  const again = againFrom(parts);
  const { date_from, date_to } = body ?? {};
  const bounds = {
    from: date_from == null ? null : date_from * 1000,
    to: date_to == null ? null : date_to * 1000 + 999,
    limit: REPLAYED_AT_ONCE,
  };
  const count = await asAccountClient(parts.db, accountId, async (run) => {
    const of = { accountId, endpointId };
    await lockEnabled(run, of);
    await unblockEndpoint(run, of, again.now);
    return replayDead(run, of, again, bounds);
  });
  parts.wakeWebhooks();
  return { data: { count, more: count === REPLAYED_AT_ONCE }, words: `${count} are sent again.` };
}

function replayedEnough(id: string): Refusal {
  const words = `${id} was sent again ${MOST_REPLAYS} times: that is enough.`;
  return new Refusal('bad-request', words, { fields: { delivery_id: words } });
}

const againFrom = ({ clock }: WebhookParts) => ({ now: clock.now(), giveUpAt: clock.now() + GIVE_UP_MS });

async function lockEnabled(run: Runner, of: Of): Promise<void> {
  const endpoint = (await lockOwnEndpoint(run, of)) ?? noEndpoint(of.endpointId);
  if (endpoint.disabled_at === null) return;
  const words = `Webhook endpoint ${of.endpointId} is disabled: POST /v3/webhooks/${of.endpointId}/enable first.`;
  throw new Refusal('bad-request', words, { fields: { endpoint_id: words } });
}
