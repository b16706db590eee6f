import type { Pool } from '../db/transaction.ts';

/**
 * Deletes files whose time is over, those whose writing was broken off, and export links likewise; at most `limit` of
 * each, so that one round stays short. A file may have hundreds of chunks.
 */
export async function dropExpiredFiles(
  pool: Pool,
  now: number,
  limit: number,
): Promise<{ files: number; exports: number }> {
  const files = await pool.query(
    `delete from files where file_id in (
       select file_id from files where expires_at <= $1 order by expires_at limit $2 for update skip locked)`,
    [now, limit],
  );
  const exports = await pool.query(
    `delete from exports where file_id in (
       select file_id from exports where expires_at <= $1 order by expires_at limit $2 for update skip locked)`,
    [now, limit],
  );
  return { files: files.rowCount ?? 0, exports: exports.rowCount ?? 0 };
}
