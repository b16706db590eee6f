import type { Handlers } from '../accounts/call.ts';
import { createEndpoint, disable, enable, replay, replayAllDead, rotateEndpointKey } from './change-webhooks.ts';
import {
  listWebhooks,
  readDeliveries,
  readDelivery,
  readEndpoint,
  readKey,
  type WebhookParts,
} from './read-webhooks.ts';
import { showEndpoint } from './show.ts';

export function webhookRoutes(
  parts: WebhookParts,
): Pick<
  Handlers,
  | 'webhookEndpoints'
  | 'webhookEndpointCreate'
  | 'webhookEndpointShow'
  | 'webhookKeyShow'
  | 'webhookKeyRotate'
  | 'webhookEnable'
  | 'webhookDisable'
  | 'webhookDeliveries'
  | 'webhookDeliveryShow'
  | 'webhookReplay'
  | 'webhookReplayDead'
> {
  return {
    webhookEndpoints: ({ caller, query }) => listWebhooks(parts, caller, query),
    webhookEndpointCreate: ({ caller, body }) => createEndpoint(parts, caller, body),
    webhookEndpointShow: async ({ caller, params }) => ({
      data: showEndpoint(await readEndpoint(parts, caller, params.endpoint_id)),
      words: 'Webhook endpoint.',
    }),
    webhookKeyShow: ({ caller, params }) => readKey(parts, caller, params),
    webhookKeyRotate: ({ caller, params }) => rotateEndpointKey(parts, caller, params),
    webhookEnable: ({ caller, params }) => enable(parts, caller, params),
    webhookDisable: ({ caller, params }) => disable(parts, caller, params),
    webhookDeliveries: ({ caller, params, query }) => readDeliveries(parts, caller, params, query),
    webhookDeliveryShow: ({ caller, params }) => readDelivery(parts, caller, params),
    webhookReplay: ({ caller, params }) => replay(parts, caller, params),
    webhookReplayDead: ({ caller, params, body }) => replayAllDead(parts, caller, params, body),
  };
}
