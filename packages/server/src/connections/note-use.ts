import { checkStored } from './check-stored.ts';
import type { ConnectionParts } from './parts.ts';
import { findStored, touch } from './store-state.ts';

/**
 * After a connection was used. `wrong-credentials` = the target answered 401: the credentials are tried at once, and the
 * connection is EXPIRED when they are wrong indeed, not when they were rotated while the call was under way.
 */
export async function noteUse(
  parts: ConnectionParts,
  connectionId: string,
  outcome: 'right' | 'wrong-credentials',
): Promise<void> {
  if (outcome === 'right') return touch(parts.pool, connectionId, parts.clock.now());
  const row = await findStored(parts.pool, connectionId);
  if (row?.status === 'ACTIVE') await checkStored(parts, row);
}
