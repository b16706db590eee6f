import type { Runner } from '../db/runner.ts';

/** The generation new data keys are sealed under; 1 until somebody rotated. */
export async function readGeneration(run: Runner): Promise<number> {
  const { rows } = await run.query<{ generation: number }>('select generation from vault_keys');
  return rows[0]?.generation ?? 1;
}

/** Answers the next generation, which holds from now on. */
export async function raiseGeneration(run: Runner, at: number): Promise<number> {
  const { rows } = await run.query<{ generation: number }>(
    `insert into vault_keys (generation, rotated_at) values (2, $1)
     on conflict (only_row) do update set generation = vault_keys.generation + 1, rotated_at = excluded.rotated_at
     returning generation`,
    [at],
  );
  return rows[0]!.generation;
}

export interface OldKey {
  connection_id: string;
  account_id: number;
  sealed_key: Buffer;
  key_generation: number;
}

/** Data keys under an earlier generation, in the order of their ids, locked; those others hold are left to them. */
export async function lockOldKeys(run: Runner, generation: number, after: string, limit: number): Promise<OldKey[]> {
  const { rows } = await run.query<OldKey>(
    `select connection_id, account_id, sealed_key, key_generation from connections
     where key_generation < $1 and connection_id > $2 order by connection_id limit $3 for no key update skip locked`,
    [generation, after, limit],
  );
  return rows;
}

export async function putKeys(
  run: Runner,
  keys: readonly { connectionId: string; sealedKey: Buffer }[],
  generation: number,
): Promise<void> {
  await run.query(
    `update connections c set sealed_key = k.sealed_key, key_generation = $3
     from unnest($1::text[], $2::bytea[]) as k (connection_id, sealed_key) where c.connection_id = k.connection_id`,
    [keys.map(({ connectionId }) => connectionId), keys.map(({ sealedKey }) => sealedKey), generation],
  );
}
