import type { Pool } from '@veredus/server/db/transaction';

/** How many connections to this database wait for what another has locked. */
export async function waiting(pool: Pool): Promise<number> {
  const { rows } = await pool.query(
    `select count(distinct pid)::integer as count from pg_locks join pg_stat_activity using (pid)
     where not granted and datname = current_database()`,
  );
  return rows[0].count;
}
