import type { Runner } from '../db/runner.ts';
import { STORED, type StoredConnection } from './store-state.ts';

/** Connections whose check is due, taken until `until`: should this node die, another takes them then. */
export async function takeDue(
  run: Runner,
  { now, until, limit }: { now: number; until: number; limit: number },
): Promise<StoredConnection[]> {
  const { rows } = await run.query<StoredConnection>(
    `update connections c set next_check_at = $2 from (
       select connection_id from connections where next_check_at <= $1 order by next_check_at limit $3
       for no key update skip locked
     ) d where c.connection_id = d.connection_id returning ${STORED}`,
    [now, until, limit],
  );
  return rows;
}

/** Those that waited too long for somebody: for a person (INITIATED), or for the target (INITIALIZING). */
export async function lockOverdue(run: Runner, now: number, limit: number): Promise<StoredConnection[]> {
  const { rows } = await run.query<StoredConnection>(
    `select ${STORED} from connections c
     where c.status in ('INITIATED', 'INITIALIZING') and c.expires_at <= $1
       and not exists (select from connect_links l where l.connection_id = c.connection_id and l.trying_until > $1)
     order by c.expires_at limit $2 for no key update of c skip locked`,
    [now, limit],
  );
  return rows;
}

/** Links nobody can use any more. */
export async function dropLinks(run: Runner, before: number, limit: number): Promise<number> {
  const { rowCount } = await run.query(
    `delete from connect_links where token_hash in (
       select token_hash from connect_links where expires_at < $1 order by expires_at limit $2 for update skip locked)`,
    [before, limit],
  );
  return rowCount ?? 0;
}

/** Connections nobody ever connected. */
export async function dropNeverConnected(run: Runner, before: number, limit: number): Promise<number> {
  const { rowCount } = await run.query(
    `delete from connections where connection_id in (
       select connection_id from connections
       where sealed is null and checked_at is null and last_used_at is null and status in ('EXPIRED', 'FAILED')
         and updated_at < $1
       limit $2 for update skip locked)`,
    [before, limit],
  );
  return rowCount ?? 0;
}
