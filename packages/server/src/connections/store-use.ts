import type { Runner } from '../db/runner.ts';
import { STORED, type StoredConnection } from './store-state.ts';

export interface UsableConnection extends StoredConnection {
  config_enabled: boolean;
  /** Whether its auth config lets the action run. */
  allowed: boolean;
}

export interface Wanted {
  connectionId: string | null;
  userId: string | null;
  among: readonly string[] | null;
  action: string;
}

/**
 * Of the connections that are meant, those that can be used come first, then the newest: so where none can, the newest says
 * why.
 */
export async function findUsable(
  run: Runner,
  accountId: number,
  { connectionId, userId, among, action }: Wanted,
): Promise<UsableConnection | null> {
  const { rows } = await run.query<UsableConnection>({
    name: 'find-usable-connection',
    text: `select ${STORED}, u.config_enabled, u.allowed from connections c
      join auth_configs a on a.auth_config_id = c.auth_config_id
      cross join lateral (select a.enabled as config_enabled,
        a.execution_actions is null or $5 = any (a.execution_actions) as allowed) u
      where c.account_id = $1 and ($2::text is null or c.connection_id = $2) and ($3::text is null or c.user_id = $3)
        and ($4::text[] is null or c.connection_id = any ($4))
      order by (c.status = 'ACTIVE' and c.enabled and u.config_enabled and u.allowed) desc, c.created_at desc, c.connection_id desc
      limit 1`,
    values: [accountId, connectionId, userId, among, action],
  });
  return rows[0] ?? null;
}
