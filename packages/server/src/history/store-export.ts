import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/db.ts';
import type { Schema } from '../db/schema.ts';
import type { StoredMessage } from './row.ts';
import type { Search } from './search.ts';
import { findAfter, inSnapshot, withCustomString } from './store.ts';
import type { Seen } from './store-where.ts';

/** The kind of `exports` rows whose search is read here. */
export const HISTORY_EXPORT = 'sms-history';

export interface NewExport {
  guid: string;
  accountId: number;
  userId: number;
  /** What is exported; who reads it knows the shape of `query` by it. */
  kind: string;
  query: object;
  /** The name the file is to have. */
  name: string;
  createdAt: number;
  expiresAt: number;
}

export async function saveExport(tx: Transaction<Schema>, row: NewExport): Promise<void> {
  await sql`insert into exports (file_id, account_id, user_id, kind, query, name, created_at, expires_at)
    values (${row.guid}::uuid, ${row.accountId}, ${row.userId}, ${row.kind}, ${JSON.stringify(row.query)}::jsonb, ${row.name},
      ${row.createdAt}, ${row.expiresAt})`.execute(tx);
}

const CHUNK = 1_000;
/** For one chunk of a search that must compare row by row; nobody waits at a screen, but a download must not run for ever. */
const CHUNK_LIMIT_MS = 60_000;

/**
 * All rows of a search in the order of their ids, in chunks of 1,000. Each chunk starts behind the last row of the one
 * before, so the hundredth costs what the first does, no transaction stays open while the reader is slow, and never more
 * than a chunk is held. Rows that change while they are read are shown as they are when their chunk is read.
 */
export async function* readAll(db: Database, search: Search, seen: Seen): AsyncGenerator<StoredMessage[]> {
  let narrowed: Search | null = null;
  let lastId: string | null = null;
  for (;;) {
    const rows: StoredMessage[] = await inSnapshot(db, seen.accountId, CHUNK_LIMIT_MS, async (tx) => {
      narrowed ??= await withCustomString(tx, search, seen);
      return findAfter(tx, narrowed, seen, lastId, CHUNK);
    });
    if (rows.length > 0) yield rows;
    if (rows.length < CHUNK) return;
    lastId = rows.at(-1)?.id ?? null;
  }
}
