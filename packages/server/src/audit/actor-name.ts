import type { Caller } from '../accounts/caller.ts';

/** What was done at the command line of this server. */
export const OPERATOR = 'operator';
/** What the server did by itself. */
export const ITSELF = 'veredus';

/** How the audit log names who called: `user:owner`, `key:12 owner`, `agent:101`. */
export function auditActor({ username, keyId, agentId }: Pick<Caller, 'username' | 'keyId' | 'agentId'>): string {
  if (agentId != null) return `agent:${agentId}`;
  return keyId === null ? `user:${username}` : `key:${keyId} ${username}`;
}
