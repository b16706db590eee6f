import { createHmac } from 'node:crypto';

/** The key of an endpoint and generation, 32 bytes. It is derived from the server's own and stored nowhere. */
export type KeyOf = (endpointId: number, generation: number) => Buffer;

export interface Signing {
  endpoint_id: number;
  key_generation: number;
  /** ms; until then the generation before signs as well. */
  previous_until: number | null;
}

/** The webhook-id of a delivery: the same at every attempt. */
export const webhookId = (deliveryId: string): string => `msg_${deliveryId}`;

/** The keys that sign now, the newest first. */
export function keysOf(keyOf: KeyOf, endpoint: Signing, now: number): Buffer[] {
  const keys = [keyOf(endpoint.endpoint_id, endpoint.key_generation)];
  const previous = endpoint.previous_until !== null && now < endpoint.previous_until && endpoint.key_generation > 1;
  if (previous) keys.push(keyOf(endpoint.endpoint_id, endpoint.key_generation - 1));
  return keys;
}

/** As it is given to whoever verifies. */
export const shownKey = (key: Buffer): string => `whsec_${key.toString('base64')}`;

/** The three headers of Standard Webhooks 1.0; one signature for each key. `seconds` is the time of this attempt. */
export function signed(keys: readonly Buffer[], { id, seconds, body }: { id: string; seconds: number; body: string }) {
  const content = `${id}.${seconds}.${body}`;
  const signatures = keys.map((key) => `v1,${createHmac('sha256', key).update(content).digest('base64')}`);
  return { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': signatures.join(' ') };
}
