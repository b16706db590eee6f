import { sql } from 'kysely';
import type { Database } from '../db/db.ts';

export interface StoredExport {
  account_id: number;
  kind: string;
  /** As its maker wrote it; who reads it knows the shape by `kind`. */
  query: unknown;
  name: string;
  created_at: number;
  expires_at: number;
}

/** An export by the secret in its link. Nobody is signed in there, so it is looked up as the engine. */
export async function findExport(db: Pick<Database, 'engine'>, guid: string): Promise<StoredExport | null> {
  const { rows } = await sql<StoredExport>`
    select account_id, kind, query, name, created_at, expires_at from exports where file_id = ${guid}::uuid`.execute(
    db.engine,
  );
  return rows[0] ?? null;
}
