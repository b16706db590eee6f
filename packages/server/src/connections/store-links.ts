import type { Runner } from '../db/runner.ts';
import type { TargetName } from './parts.ts';
import type { ConnectionStatus } from './status.ts';

/** A link with what its page shows. */
export interface StoredLink {
  token_hash: Buffer;
  account_id: number;
  connection_id: string;
  requested_by: string;
  callback_url: string | null;
  state: string | null;
  expires_at: number;
  browser_hash: Buffer | null;
  wrong_tries: number;
  done_at: number | null;
  closed_at: number | null;
  closed_why: string | null;
  target: TargetName;
  username: string;
  status: ConnectionStatus;
  account_name: string;
  usable: boolean;
}

const LINK = `l.token_hash, l.account_id, l.connection_id, l.requested_by, l.callback_url, l.state, l.expires_at, l.browser_hash,
  l.wrong_tries, l.done_at, l.closed_at, l.closed_why, c.target, c.username, c.status, o.name as account_name,
  a.enabled and o.active and not o.banned as usable`;
const FROM = `connect_links l join connections c on c.connection_id = l.connection_id
  join auth_configs a on a.auth_config_id = c.auth_config_id join accounts o on o.account_id = l.account_id`;

export async function findLink(run: Runner, tokenHash: Buffer): Promise<StoredLink | null> {
  const { rows } = await run.query<StoredLink>(`select ${LINK} from ${FROM} where l.token_hash = $1`, [tokenHash]);
  return rows[0] ?? null;
}

export interface NewLink {
  tokenHash: Buffer;
  accountId: number;
  connectionId: string;
  requestedBy: string;
  callbackUrl: string | null;
  state: string | null;
  at: number;
  expiresAt: number;
}

export async function insertLink(run: Runner, link: NewLink): Promise<void> {
  await run.query(
    `insert into connect_links (token_hash, account_id, connection_id, requested_by, callback_url, state, created_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      ...[link.tokenHash, link.accountId, link.connectionId, link.requestedBy, link.callbackUrl, link.state],
      ...[link.at, link.expiresAt],
    ],
  );
}

/** Of the links of a connection that are open, the newest `keep` stay so. */
export async function closeLinks(
  run: Runner,
  { connectionId, at, why, keep = 0 }: { connectionId: string; at: number; why: string; keep?: number },
): Promise<void> {
  await run.query(
    `update connect_links set closed_at = $2, closed_why = $3 where token_hash in (
       select token_hash from connect_links where connection_id = $1 and done_at is null and closed_at is null
       order by created_at desc, token_hash offset $4)`,
    [connectionId, at, why, keep],
  );
}

/** Of the links of a connection that are over, the newest `keep` stay, to say so to whoever comes late. */
export async function dropOverLinks(run: Runner, connectionId: string, keep: number): Promise<void> {
  await run.query(
    `delete from connect_links where token_hash in (
       select token_hash from connect_links where connection_id = $1 and (done_at is not null or closed_at is not null)
       order by created_at desc, token_hash offset $2)`,
    [connectionId, keep],
  );
}

/** The first browser gets it: of two at once, one. */
export async function bindLink(run: Runner, tokenHash: Buffer, browserHash: Buffer, at: number): Promise<boolean> {
  const { rowCount } = await run.query(
    `update connect_links set browser_hash = $2, opened_at = $3
     where token_hash = $1 and browser_hash is null and done_at is null and closed_at is null and expires_at > $3`,
    [tokenHash, browserHash, at],
  );
  return rowCount === 1;
}

/** One try at a time, and only while tries are left. False = another is under way, or the link is over. */
export async function beginTry(
  run: Runner,
  tokenHash: Buffer,
  { at, until, most }: { at: number; until: number; most: number },
): Promise<boolean> {
  const { rowCount } = await run.query(
    `update connect_links set trying_until = $3
     where token_hash = $1 and done_at is null and closed_at is null and expires_at > $2 and wrong_tries < $4
       and (trying_until is null or trying_until <= $2)`,
    [tokenHash, at, until, most],
  );
  return rowCount === 1;
}

/** Nothing was found out: the link is as it was. */
export async function endTry(run: Runner, tokenHash: Buffer, until: number): Promise<void> {
  await run.query('update connect_links set trying_until = null where token_hash = $1 and trying_until = $2', [
    tokenHash,
    until,
  ]);
}

/** Counts a wrong try, whatever became of the link meanwhile. Answers how many there were. */
export async function countWrong(run: Runner, tokenHash: Buffer): Promise<number | null> {
  const { rows } = await run.query<{ wrong_tries: number }>(
    `update connect_links set wrong_tries = wrong_tries + 1, trying_until = null where token_hash = $1 returning wrong_tries`,
    [tokenHash],
  );
  return rows[0]?.wrong_tries ?? null;
}

/** The try that began with `until` was right. False = the link was closed meanwhile, or another try took its turn. */
export async function finishLink(run: Runner, tokenHash: Buffer, until: number, at: number): Promise<boolean> {
  const { rowCount } = await run.query(
    `update connect_links set done_at = $3, trying_until = null
     where token_hash = $1 and trying_until = $2 and done_at is null and closed_at is null`,
    [tokenHash, until, at],
  );
  return rowCount === 1;
}

export async function closeLink(run: Runner, tokenHash: Buffer, at: number, why: string): Promise<boolean> {
  const { rowCount } = await run.query(
    `update connect_links set closed_at = $2, closed_why = $3, trying_until = null
     where token_hash = $1 and done_at is null and closed_at is null`,
    [tokenHash, at, why],
  );
  return rowCount === 1;
}

/** Whether another link of the connection can still be used. */
export async function hasOpenLink(run: Runner, connectionId: string, at: number): Promise<boolean> {
  const { rows } = await run.query(
    'select from connect_links where connection_id = $1 and done_at is null and closed_at is null and expires_at > $2 limit 1',
    [connectionId, at],
  );
  return rows.length > 0;
}
