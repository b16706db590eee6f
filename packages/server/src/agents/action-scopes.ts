import type { Endpoint } from '@veredus/contract/endpoint';
import { endpoints } from '@veredus/contract/endpoints';
import type { Scope } from '@veredus/contract/scopes';
import type { Action } from '@veredus/tools/action';

/** What a key needs to do by itself what the action does. Channels that are not here yet send at the cloud: that is sending. */
export function scopesOf({ endpoint: { id } }: Action): readonly Scope[] {
  const scope = id === null ? 'sms:send' : (endpoints as Record<string, Endpoint>)[id]?.scope;
  return scope ? [scope] : [];
}
