import { escapeLike } from '../db/escape-like.ts';
import type { Runner } from '../db/runner.ts';
import { storable } from '../db/storable.ts';
import type { AuthConfig, AuthConfigFilters } from './auth-configs.ts';
import { type TargetName, TOOLKIT } from './parts.ts';

interface Row {
  auth_config_id: string;
  account_id: number;
  toolkit: string;
  target: TargetName;
  name: string;
  is_default: boolean;
  enabled: boolean;
  execution_actions: string[] | null;
  connection_actions: string[] | null;
  connections: number;
  created_at: number;
  updated_at: number;
}

const CONFIG = `a.auth_config_id, a.account_id, a.toolkit, a.target, a.name, a.is_default, a.enabled, a.execution_actions,
  a.connection_actions, a.created_at, a.updated_at,
  (select count(*)::integer from connections c where c.auth_config_id = a.auth_config_id) as connections`;

function configOf(row: Row): AuthConfig {
  return {
    authConfigId: row.auth_config_id,
    accountId: row.account_id,
    toolkit: row.toolkit,
    target: row.target,
    name: row.name,
    isDefault: row.is_default,
    enabled: row.enabled,
    executionActions: row.execution_actions,
    connectionActions: row.connection_actions,
    connections: row.connections,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export async function findAuthConfig(run: Runner, accountId: number, id: string): Promise<AuthConfig | null> {
  const { rows } = await run.query<Row>(
    `select ${CONFIG} from auth_configs a where a.account_id = $1 and a.auth_config_id = $2`,
    [accountId, id],
  );
  return rows[0] ? configOf(rows[0]) : null;
}

/** The default of a target where it can be used, else the newest that can; null = there is none. */
export async function findUsualConfig(run: Runner, accountId: number, target: TargetName): Promise<AuthConfig | null> {
  const { rows } = await run.query<Row>(
    `select ${CONFIG} from auth_configs a where a.account_id = $1 and a.target = $2 and a.toolkit = '${TOOLKIT}' and a.enabled
     order by a.is_default desc, a.created_at desc, a.auth_config_id desc limit 1`,
    [accountId, target],
  );
  return rows[0] ? configOf(rows[0]) : null;
}

export async function listConfigRows(
  run: Runner,
  accountId: number,
  { toolkit, target, isDefault, showDisabled, search, skip = 0, limit = 100 }: AuthConfigFilters,
): Promise<{ total: number; rows: AuthConfig[] }> {
  const looked = search ? storable(search) : null;
  const wanted = `a.account_id = $1 and ($2::text is null or a.toolkit = $2) and ($3::text is null or a.target = $3)
    and ($4::boolean is null or a.is_default = $4) and ($5 or a.enabled)
    and ($6::text is null or a.auth_config_id = $7 or a.name ilike $6 escape '\\')`;
  const like = looked === null ? null : `%${escapeLike(looked)}%`;
  const terms = [accountId, toolkit ?? null, target ?? null, isDefault ?? null, showDisabled ?? false, like, looked];
  const counted = await run.query<{ total: number }>(
    `select count(*)::integer as total from auth_configs a where ${wanted}`,
    terms,
  );
  const { rows } = await run.query<Row>(
    `select ${CONFIG} from auth_configs a where ${wanted}
     order by a.enabled desc, a.created_at desc, a.auth_config_id desc limit $8 offset $9`,
    [...terms, limit, skip],
  );
  return { total: counted.rows[0]!.total, rows: rows.map(configOf) };
}

/** One at a time in an account, so that the bound holds. */
export async function lockAuthConfigs(run: Runner, accountId: number): Promise<number> {
  await run.query(`select pg_advisory_xact_lock(hashtext('veredus auth configs'), $1)`, [accountId]);
  const { rows } = await run.query<{ count: number }>(
    'select count(*)::integer as count from auth_configs where account_id = $1',
    [accountId],
  );
  return rows[0]!.count;
}

export interface NewAuthConfig {
  authConfigId: string;
  accountId: number;
  target: TargetName;
  name: string;
  isDefault: boolean;
  executionActions: readonly string[] | null;
  connectionActions: readonly string[] | null;
  at: number;
}

/** False = the target has its default already. */
export async function insertAuthConfig(run: Runner, config: NewAuthConfig): Promise<boolean> {
  const { authConfigId, accountId, target, name, isDefault, executionActions, connectionActions, at } = config;
  const { rowCount } = await run.query(
    `insert into auth_configs (auth_config_id, account_id, toolkit, target, name, is_default, execution_actions,
       connection_actions, created_at, updated_at)
     values ($1, $2, '${TOOLKIT}', $3, $4, $5, $6, $7, $8, $8)
     on conflict (account_id, toolkit, target) where is_default do nothing`,
    [authConfigId, accountId, target, name, isDefault, executionActions, connectionActions, at],
  );
  return rowCount === 1;
}

/** Null = there is none. */
export async function setConfigEnabled(
  run: Runner,
  { accountId, id, enabled, at }: { accountId: number; id: string; enabled: boolean; at: number },
): Promise<'changed' | 'as it was' | null> {
  const { rows } = await run.query<{ enabled: boolean }>(
    'select enabled from auth_configs where account_id = $1 and auth_config_id = $2 for no key update',
    [accountId, id],
  );
  if (!rows[0]) return null;
  if (rows[0].enabled === enabled) return 'as it was';
  await run.query(
    'update auth_configs set enabled = $3, updated_at = $4 where account_id = $1 and auth_config_id = $2',
    [accountId, id, enabled, at],
  );
  return 'changed';
}

/** Null = as it is. */
export async function updateConfigRow(
  run: Runner,
  change: {
    accountId: number;
    id: string;
    name: string | null;
    execution: { actions: readonly string[] | null } | null;
    connection: { actions: readonly string[] | null } | null;
    at: number;
  },
): Promise<boolean> {
  const { accountId, id, name, execution, connection, at } = change;
  const { rowCount } = await run.query(
    `update auth_configs set name = coalesce($3, name),
       execution_actions = case when $4 then $5::text[] else execution_actions end,
       connection_actions = case when $6 then $7::text[] else connection_actions end, updated_at = $8
     where account_id = $1 and auth_config_id = $2`,
    [
      ...[accountId, id, name, execution !== null, execution?.actions ?? null],
      ...[connection !== null, connection?.actions ?? null, at],
    ],
  );
  return rowCount === 1;
}

/** Answers how many connections went with it; null = there is none. */
export async function deleteConfigRows(run: Runner, accountId: number, id: string): Promise<number | null> {
  const { rows } = await run.query(
    'select from auth_configs where account_id = $1 and auth_config_id = $2 for update',
    [accountId, id],
  );
  if (rows.length === 0) return null;
  const { rowCount } = await run.query('delete from connections where account_id = $1 and auth_config_id = $2', [
    accountId,
    id,
  ]);
  await run.query('delete from auth_configs where account_id = $1 and auth_config_id = $2', [accountId, id]);
  return rowCount ?? 0;
}
