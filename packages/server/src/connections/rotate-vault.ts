import type { Clock } from '@veredus/protocols/clock';
import { inTransaction, type Pool } from '../db/transaction.ts';
import { lockOldKeys, putKeys, raiseGeneration, readGeneration } from './store-vault.ts';
import type { Vault } from './vault.ts';

export interface RotationParts {
  pool: Pool;
  clock: Clock;
  vault: Vault;
}

/** In one transaction. */
const CHUNK = 200;

/**
 * Data keys are sealed under a new generation of the vault's key from now on, and those there are sealed again. Dying in
 * between loses nothing: older generations can still be read, and `resealOldKeys` goes on at any time.
 */
export async function rotateVaultKey(
  parts: RotationParts,
): Promise<{ generation: number; resealed: number; unreadable: number }> {
  const generation = await raiseGeneration(parts.pool, parts.clock.now());
  return { generation, ...(await resealOldKeys(parts)) };
}

/**
 * Seals what is under older generations under the present one. What does not open (the secret key was changed) stays as it is:
 * whoever brings the right key back finds it.
 */
export async function resealOldKeys({ pool, vault }: RotationParts): Promise<{ resealed: number; unreadable: number }> {
  const generation = await readGeneration(pool);
  let after = '';
  let resealed = 0;
  let unreadable = 0;
  for (;;) {
    const chunk = await inTransaction(pool, async (run) => {
      const rows = await lockOldKeys(run, generation, after, CHUNK);
      const keys = rows.flatMap((row) => {
        const owner = { accountId: row.account_id, connectionId: row.connection_id };
        const old = { sealedKey: row.sealed_key, generation: row.key_generation };
        const sealedKey = vault.reseal(owner, old, generation);
        return sealedKey === null ? [] : [{ connectionId: row.connection_id, sealedKey }];
      });
      if (keys.length > 0) await putKeys(run, keys, generation);
      return { rows, done: keys.length };
    });
    resealed += chunk.done;
    unreadable += chunk.rows.length - chunk.done;
    if (chunk.rows.length < CHUNK) return { resealed, unreadable };
    after = chunk.rows.at(-1)!.connection_id;
  }
}
