import type { Caller } from '../accounts/caller.ts';

/** What was done at the command line of this server. */
export const OPERATOR = 'operator';
/** What whoever held a link to the connect page did. */
export const LINK_HOLDER = 'connect page';
/** What the server did by itself. */
export const ITSELF = 'veredus';

/** How the audit log names who called: `user:owner`, `key:12 owner`, `agent:101`. */
export function auditActor({ username, keyId, agentId }: Pick<Caller, 'username' | 'keyId' | 'agentId'>): string {
  if (agentId != null) return `agent:${agentId}`;
  return keyId === null ? `user:${username}` : `key:${keyId} ${username}`;
}
