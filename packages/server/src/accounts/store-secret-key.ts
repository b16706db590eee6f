import type { Runner } from '../db/runner.ts';

/** Keeps the proof of the first key; answers whether this is it. */
export async function keepProof(run: Runner, proof: Buffer): Promise<boolean> {
  await run.query('insert into secret_key_checks (proof) values ($1) on conflict do nothing', [proof]);
  const { rows } = await run.query<{ same: boolean }>('select proof = $1 as same from secret_key_checks', [proof]);
  return rows[0]?.same ?? false;
}

/** The next start may bring another key. Answers whether there was one. */
export async function dropProof(run: Runner): Promise<boolean> {
  const { rowCount } = await run.query('delete from secret_key_checks');
  return (rowCount ?? 0) > 0;
}
