import type { Runner } from '../db/runner.ts';
import { storable } from '../db/storable.ts';
import { type Connection, type ConnectionFilters, MASKED_PASSWORD } from './connection.ts';
import type { TargetName } from './parts.ts';
import type { ConnectionStatus } from './status.ts';

interface Row {
  connection_id: string;
  account_id: number;
  auth_config_id: string;
  auth_config_enabled: boolean;
  auth_config_is_default: boolean;
  toolkit: string;
  target: TargetName;
  user_id: string;
  alias: string | null;
  word_id: string;
  shown_status: ConnectionStatus;
  status_reason: string | null;
  enabled: boolean;
  username: string;
  remote_account: string | null;
  created_at: number;
  updated_at: number;
  expires_at: number | null;
  checked_at: number | null;
  next_check_at: number | null;
  last_used_at: number | null;
}

const SHOWN = `case when c.status = 'ACTIVE' and not c.enabled then 'INACTIVE' else c.status end`;
const CONNECTION = `c.connection_id, c.account_id, c.auth_config_id, a.enabled as auth_config_enabled,
  a.is_default as auth_config_is_default, a.toolkit, c.target, c.user_id, c.alias, c.word_id, ${SHOWN} as shown_status, c.status_reason, c.enabled, c.username, c.remote_account, c.created_at,
  c.updated_at, c.expires_at, c.checked_at, c.next_check_at, c.last_used_at`;
const FROM = 'from connections c join auth_configs a on a.auth_config_id = c.auth_config_id';

function connectionOf(row: Row): Connection {
  return {
    connectionId: row.connection_id,
    accountId: row.account_id,
    authConfigId: row.auth_config_id,
    authConfigEnabled: row.auth_config_enabled,
    authConfigIsDefault: row.auth_config_is_default,
    toolkit: row.toolkit,
    target: row.target,
    userId: row.user_id,
    alias: row.alias,
    wordId: row.word_id,
    status: row.shown_status,
    statusReason: row.status_reason,
    enabled: row.enabled,
    username: row.username,
    maskedPassword: MASKED_PASSWORD,
    remoteAccount: row.remote_account,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    expiresAt: row.expires_at,
    checkedAt: row.checked_at,
    nextCheckAt: row.next_check_at,
    lastUsedAt: row.last_used_at,
  };
}

export async function findConnection(run: Runner, accountId: number, id: string): Promise<Connection | null> {
  const { rows } = await run.query<Row>(
    `select ${CONNECTION} ${FROM} where c.account_id = $1 and c.connection_id = $2`,
    [accountId, id],
  );
  return rows[0] ? connectionOf(rows[0]) : null;
}

/** Equal times are told apart by the id, so that pages neither repeat nor skip. */
const ORDERS = {
  created_at: { asc: 'c.created_at, c.connection_id', desc: 'c.created_at desc, c.connection_id desc' },
  updated_at: { asc: 'c.updated_at, c.connection_id', desc: 'c.updated_at desc, c.connection_id desc' },
} as const;

export async function listConnectionRows(
  run: Runner,
  accountId: number,
  filters: ConnectionFilters,
): Promise<{ total: number; rows: Connection[] }> {
  const { orderBy = 'created_at', direction = 'desc', skip = 0, limit = 1_000 } = filters;
  const terms = [
    ...[accountId, texts(filters.userIds), texts(filters.authConfigIds), texts(filters.connectionIds)],
    ...[texts(filters.statuses), texts(filters.toolkits), texts(filters.targets)],
  ];
  const wanted = `c.account_id = $1 and ($2::text[] is null or c.user_id = any ($2))
    and ($3::text[] is null or c.auth_config_id = any ($3)) and ($4::text[] is null or c.connection_id = any ($4))
    and ($5::text[] is null or ${SHOWN} = any ($5)) and ($6::text[] is null or a.toolkit = any ($6))
    and ($7::text[] is null or c.target = any ($7))`;
  const counted = await run.query<{ total: number }>(
    `select count(*)::integer as total ${FROM} where ${wanted}`,
    terms,
  );
  const { rows } = await run.query<Row>(
    `select ${CONNECTION} ${FROM} where ${wanted} order by ${ORDERS[orderBy][direction]} limit $8 offset $9`,
    [...terms, limit, skip],
  );
  return { total: counted.rows[0]!.total, rows: rows.map(connectionOf) };
}

const texts = (values: readonly string[] | null | undefined) => values?.map(storable) ?? null;

/** One at a time in an account, so that the bound holds. Answers how many there are. */
export async function lockConnections(run: Runner, accountId: number): Promise<number> {
  await run.query(`select pg_advisory_xact_lock(hashtext('veredus connections'), $1)`, [accountId]);
  const { rows } = await run.query<{ count: number }>(
    'select count(*)::integer as count from connections where account_id = $1',
    [accountId],
  );
  return rows[0]!.count;
}

export interface NewConnection {
  connectionId: string;
  accountId: number;
  authConfigId: string;
  target: TargetName;
  userId: string;
  alias: string | null;
  wordId: string;
  status: ConnectionStatus;
  reason: string | null;
  username: string;
  expiresAt: number | null;
  at: number;
}

/** Without credentials: those are put in afterwards. False = its auth config is gone or disabled. */
export async function insertConnection(run: Runner, made: NewConnection): Promise<boolean> {
  const { rowCount } = await run.query(
    `insert into connections (connection_id, account_id, auth_config_id, target, user_id, alias, word_id, status,
       status_reason, username, expires_at, created_at, updated_at)
     select $1, a.account_id, a.auth_config_id, a.target, $4, $5, $6, $7, $8, $9, $10, $11, $11
     from (select * from auth_configs where account_id = $2 and auth_config_id = $3 and enabled for key share) a`,
    [
      ...[made.connectionId, made.accountId, made.authConfigId, made.userId, made.alias, made.wordId, made.status],
      ...[made.reason, made.username, made.expiresAt, made.at],
    ],
  );
  return rowCount === 1;
}

export async function renameRow(
  run: Runner,
  { accountId, id, alias, at }: { accountId: number; id: string; alias: string | null; at: number },
): Promise<boolean> {
  const { rowCount } = await run.query(
    'update connections set alias = $3, updated_at = $4 where account_id = $1 and connection_id = $2',
    [accountId, id, alias, at],
  );
  return rowCount === 1;
}

/** With its links. False = there is none. */
export async function deleteRow(run: Runner, accountId: number, id: string): Promise<boolean> {
  const { rowCount } = await run.query('delete from connections where account_id = $1 and connection_id = $2', [
    accountId,
    id,
  ]);
  return rowCount === 1;
}
