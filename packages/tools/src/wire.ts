import { endpoints } from '@veredus/contract/endpoints';
import type { ActionEndpoint } from './action.ts';

/** The call of the contract an action makes. */
export function wire(id: keyof typeof endpoints): ActionEndpoint {
  const { method, path } = endpoints[id];
  return { id, method, path };
}
