import type { Selectable } from 'kysely';
import type { Runner } from '../db/runner.ts';
import type { AccountsRow, UsersRow } from '../db/schema.ts';
import type { Account } from './caller.ts';

/** What a username and a secret, or a key alone, lead to in the database. */
export interface Identity {
  userId: number;
  username: string;
  passwordHash: string | null;
  disabled: boolean;
  account: Account;
  /** Set where the secret is one of the user's keys, also one that has ended (`endsAt`; in ms, may lie ahead; null = open). */
  key: { keyId: number; scopes: string[]; endsAt: number | null; agentId: number | null } | null;
}

type IdentityRow = Selectable<AccountsRow> &
  Pick<Selectable<UsersRow>, 'user_id' | 'username' | 'password_hash' | 'disabled_at'> & {
    key_id: number | null;
    scopes: string[] | null;
    revoked_at: number | null;
    agent_id: number | null;
  };

const IDENTITY = `u.user_id, u.username, u.password_hash, u.disabled_at, k.key_id, k.scopes, k.revoked_at, k.agent_id,
  a.account_id, a.name, a.country, a.currency, a.timezone, a.active, a.banned, a.prepaid, a.credit_limit_micro,
  a.low_credit_micro, a.max_parts, a.truncate_long, a.default_sender, a.any_sender_number, a.throttle_ms,
  a.campaign_recipients, a.campaign_opt_out`;

/**
 * One look-up, whatever the secret turns out to be. On the engine role: which account it is about is the answer, so no
 * account can be set yet.
 */
export async function findIdentity(run: Runner, username: string, keyHash: Buffer): Promise<Identity | null> {
  const { rows } = await run.query<IdentityRow>({
    name: 'find-identity',
    text: `select ${IDENTITY} from users u join accounts a on a.account_id = u.account_id
      left join api_keys k on k.user_id = u.user_id and k.key_hash = $2
      where lower(u.username) = lower($1)`,
    values: [username, keyHash],
  });
  return rows[0] ? identityOf(rows[0]) : null;
}

/** As `findIdentity`, for the doors that take a key without a username. */
export async function findKeyHolder(run: Runner, keyHash: Buffer): Promise<Identity | null> {
  const { rows } = await run.query<IdentityRow>({
    name: 'find-key-holder',
    text: `select ${IDENTITY} from api_keys k join users u on u.user_id = k.user_id
      join accounts a on a.account_id = u.account_id where k.key_hash = $1`,
    values: [keyHash],
  });
  return rows[0] ? identityOf(rows[0]) : null;
}

/** A user for whom work goes on after his call has ended, with the account as it is now. */
export async function findUser(run: Runner, accountId: number, userId: number): Promise<Identity | null> {
  const { rows } = await run.query<IdentityRow>({
    name: 'find-user-of-work',
    text: `select ${IDENTITY} from users u join accounts a on a.account_id = u.account_id
      left join api_keys k on false
      where u.account_id = $1 and u.user_id = $2`,
    values: [accountId, userId],
  });
  return rows[0] ? identityOf(rows[0]) : null;
}

/** The main user of an account, with the account as it is now. */
export async function findMainUser(run: Runner, accountId: number): Promise<Identity | null> {
  const { rows } = await run.query<IdentityRow>({
    name: 'find-main-user',
    text: `select ${IDENTITY} from users u join accounts a on a.account_id = u.account_id
      left join api_keys k on false
      where u.account_id = $1 and u.is_main order by u.user_id limit 1`,
    values: [accountId],
  });
  return rows[0] ? identityOf(rows[0]) : null;
}

/** Where mail to an account goes: the address of its main user, else the one for bills. Empty = it has none. */
export async function findAddress(run: Runner, accountId: number): Promise<string> {
  const { rows } = await run.query<{ address: string }>({
    name: 'find-account-address',
    text: `select coalesce(nullif(u.email, ''), a.billing_email) as address from accounts a
      left join users u on u.account_id = a.account_id and u.is_main
      where a.account_id = $1 order by u.user_id limit 1`,
    values: [accountId],
  });
  return rows[0]?.address ?? '';
}

/** Moves last_used_at forward. Rows another node is writing at this moment are left to it, so that none wait in a circle. */
export async function markKeysUsed(run: Runner, uses: readonly { keyId: number; at: number }[]): Promise<void> {
  await run.query({
    name: 'mark-keys-used',
    text: `with used as (select * from unnest($1::integer[], $2::bigint[]) as u(key_id, at)),
      free as (select k.key_id from api_keys k join used using (key_id) for update of k skip locked)
      update api_keys k set last_used_at = greatest(k.last_used_at, used.at)
      from used join free using (key_id) where k.key_id = used.key_id`,
    values: [uses.map(({ keyId }) => keyId), uses.map(({ at }) => at)],
  });
}

function identityOf(row: IdentityRow): Identity {
  return {
    userId: row.user_id,
    username: row.username,
    passwordHash: row.password_hash,
    disabled: row.disabled_at !== null,
    account: accountOf(row),
    key: row.key_id === null ? null : keyOf(row, row.key_id),
  };
}

function keyOf(row: IdentityRow, keyId: number): NonNullable<Identity['key']> {
  return { keyId, scopes: row.scopes ?? [], endsAt: row.revoked_at, agentId: row.agent_id };
}

function accountOf(row: IdentityRow): Account {
  return {
    accountId: row.account_id,
    name: row.name,
    country: row.country,
    currency: row.currency,
    timezone: row.timezone,
    active: row.active,
    banned: row.banned,
    prepaid: row.prepaid,
    creditLimitMicro: row.credit_limit_micro,
    lowCreditMicro: row.low_credit_micro,
    maxParts: row.max_parts,
    truncateLong: row.truncate_long,
    defaultSender: row.default_sender,
    anySenderNumber: row.any_sender_number,
    throttleMs: row.throttle_ms,
    campaignRecipients: row.campaign_recipients,
    campaignOptOut: row.campaign_opt_out as Account['campaignOptOut'],
  };
}
