import type { Runner } from '../db/runner.ts';
import type { TargetName } from './parts.ts';
import type { ConnectionStatus } from './status.ts';
import type { Sealed } from './vault.ts';

/** A connection as background work and use see it: with what is sealed. */
export interface StoredConnection {
  connection_id: string;
  account_id: number;
  auth_config_id: string;
  target: TargetName;
  user_id: string;
  /** As it is stored: never INACTIVE. */
  status: ConnectionStatus;
  status_reason: string | null;
  enabled: boolean;
  username: string;
  sealed: Buffer | null;
  sealed_key: Buffer | null;
  key_generation: number | null;
  expires_at: number | null;
  checked_at: number | null;
  unreachable: number;
}

export const STORED = `c.connection_id, c.account_id, c.auth_config_id, c.target, c.user_id, c.status, c.status_reason, c.enabled,
  c.username, c.sealed, c.sealed_key, c.key_generation, c.expires_at, c.checked_at, c.unreachable`;

/** Locked until the transaction ends. */
export async function lockConnection(run: Runner, accountId: number, id: string): Promise<StoredConnection | null> {
  const { rows } = await run.query<StoredConnection>(
    `select ${STORED} from connections c where c.account_id = $1 and c.connection_id = $2 for no key update`,
    [accountId, id],
  );
  return rows[0] ?? null;
}

/** Whose it is, for those who know nothing but its id. */
export async function findStored(run: Runner, id: string): Promise<StoredConnection | null> {
  const { rows } = await run.query<StoredConnection>(`select ${STORED} from connections c where c.connection_id = $1`, [
    id,
  ]);
  return rows[0] ?? null;
}

/** What a sealed row holds for the vault; null where nothing is sealed. */
export function sealedOf(row: Pick<StoredConnection, 'sealed' | 'sealed_key' | 'key_generation'>): Sealed | null {
  const { sealed, sealed_key, key_generation } = row;
  if (sealed === null || sealed_key === null || key_generation === null) return null;
  return { sealed, sealedKey: sealed_key, generation: key_generation };
}

export interface Place {
  accountId: number;
  id: string;
  at: number;
}

/** New credentials take the place of those before. */
export async function putCredentials(
  run: Runner,
  { accountId, id, at }: Place,
  put: { sealed: Sealed; username: string; status: ConnectionStatus; reason: string | null; expiresAt: number | null },
): Promise<void> {
  const { sealed, username, status, reason, expiresAt } = put;
  await run.query(
    `update connections set sealed = $3, sealed_key = $4, key_generation = $5, username = $6, status = $7, status_reason = $8,
       expires_at = $9, next_check_at = $10, updated_at = $10, unreachable = 0, checked_at = null, remote_account = null
     where account_id = $1 and connection_id = $2`,
    [
      ...[accountId, id, sealed.sealed, sealed.sealedKey, sealed.generation, username, status, reason],
      ...[expiresAt, at],
    ],
  );
}

/** The target said that the credentials are right. */
export async function noteRight(
  run: Runner,
  { accountId, id, at }: Place,
  { remoteAccount, nextCheckAt }: { remoteAccount: string | null; nextCheckAt: number | null },
): Promise<void> {
  await run.query(
    `update connections set status = 'ACTIVE', status_reason = null, checked_at = $3, next_check_at = $4, unreachable = 0,
       expires_at = null, remote_account = coalesce($5, remote_account),
       updated_at = case when status = 'ACTIVE' and status_reason is null then updated_at else $3 end
     where account_id = $1 and connection_id = $2`,
    [accountId, id, at, nextCheckAt, remoteAccount],
  );
}

/** Nobody at the target could say. `reason` null = as it is. */
export async function noteUnreachable(
  run: Runner,
  { accountId, id }: Place,
  { nextCheckAt, reason }: { nextCheckAt: number | null; reason: string | null },
): Promise<void> {
  await run.query(
    `update connections set unreachable = least(unreachable + 1, 30000), next_check_at = $3,
       status_reason = coalesce($4, status_reason)
     where account_id = $1 and connection_id = $2`,
    [accountId, id, nextCheckAt, reason],
  );
}

/** It is used no more until somebody connects again. */
export async function setState(
  run: Runner,
  { accountId, id, at }: Place,
  state: { status: ConnectionStatus; reason: string | null; expiresAt?: number | null; erase?: boolean },
): Promise<void> {
  const { status, reason, expiresAt = null, erase = false } = state;
  await run.query(
    `update connections set status = $3, status_reason = $4, expires_at = $5, next_check_at = null, unreachable = 0,
       updated_at = $6,
       sealed = case when $7 then null else sealed end, sealed_key = case when $7 then null else sealed_key end,
       key_generation = case when $7 then null else key_generation end
     where account_id = $1 and connection_id = $2`,
    [accountId, id, status, reason, expiresAt, at, erase],
  );
}

/** A disabled one is not checked; one that is enabled is checked at once. */
export async function setEnabled(run: Runner, { accountId, id, at }: Place, enabled: boolean): Promise<void> {
  await run.query(
    `update connections set enabled = $3, updated_at = $4,
       next_check_at = case when $3 and status = 'ACTIVE' then $4::bigint end
     where account_id = $1 and connection_id = $2`,
    [accountId, id, enabled, at],
  );
}

/** At most once a minute, so that use costs no write. */
export async function touch(run: Runner, id: string, at: number): Promise<void> {
  await run.query(
    `update connections set last_used_at = $2::bigint
     where connection_id = $1 and (last_used_at is null or last_used_at < $2::bigint - 60000)`,
    [id, at],
  );
}
