import type { Runner } from '../db/runner.ts';
import { nextCheck } from './check-stored.ts';
import type { ConnectionParts } from './parts.ts';
import { noteRight, type Place, putCredentials } from './store-state.ts';
import { readGeneration } from './store-vault.ts';
import type { Credentials } from './vault.ts';

type Parts = Pick<ConnectionParts, 'vault' | 'clock' | 'random'>;

/** Credentials the target said are right: the connection is ACTIVE with them, and what was sealed before is gone. */
export async function connectWith(
  run: Runner,
  parts: Parts,
  place: Place,
  right: { credentials: Credentials; remoteAccount: string | null; enabled: boolean },
): Promise<void> {
  const { credentials, remoteAccount, enabled } = right;
  await sealIn(run, parts, place, credentials, { status: 'ACTIVE', reason: null, expiresAt: null });
  await noteRight(run, place, { remoteAccount, nextCheckAt: enabled ? nextCheck(parts) : null });
}

/** Credentials nobody has tried yet; they are tried at the next turn. */
export async function sealIn(
  run: Runner,
  { vault }: Parts,
  place: Place,
  credentials: Credentials,
  as: { status: 'ACTIVE' | 'INITIALIZING'; reason: string | null; expiresAt: number | null },
): Promise<void> {
  const owner = { accountId: place.accountId, connectionId: place.id };
  const sealed = vault.seal(owner, credentials, await readGeneration(run));
  await putCredentials(run, place, { sealed, username: credentials.username, ...as });
}
