import type { Caller } from '../accounts/caller.ts';

/** What the audit log calls who did it. */
export function actorName({ username, agentId }: Caller): string {
  return agentId == null ? `user:${username}` : `agent:${agentId}`;
}

/** What happens by itself. */
export const BY_ITSELF = 'veredus';
/** Whoever held a link to the connect page. */
export const BY_LINK = 'connect page';
