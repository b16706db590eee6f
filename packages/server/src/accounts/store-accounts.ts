import { type Insertable, type Kysely, type Selectable, sql, type Updateable } from 'kysely';
import type { AccountsRow, ApiKeysRow, RatesRow, Schema, UsersRow } from '../db/schema.ts';

/** The engine's connections, or one transaction on them. */
export type Writer = Kysely<Schema>;

/** SQLSTATE of a row that another has made before. */
export function isDuplicate(error: unknown): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === '23505';
}

/** Inserts an account with its balances at zero, its Opt-Out list and the two POLL rules it starts with. Answers its id. */
export async function insertAccount(tx: Writer, row: Insertable<AccountsRow>): Promise<number> {
  const inserted = await tx.insertInto('accounts').values(row).returning('account_id').executeTakeFirstOrThrow();
  const { account_id } = inserted;
  await tx.insertInto('ledger_balances').values({ account_id }).execute();
  const rule = { account_id, rule_name: 'Poll', action: 'POLL' };
  await tx.insertInto('receipt_rules').values(rule).execute();
  await tx.insertInto('inbound_rules').values(rule).execute();
  await tx.insertInto('lists').values(optOutListOf(account_id, row.created_at)).execute();
  return account_id;
}

/** Its address is an address, no secret: any that nobody else has will do. */
function optOutListOf(account_id: number, created_at: number) {
  const list_email_id = sql<string>`upper(substr(replace(gen_random_uuid()::text, '-', ''), 1, 16))`;
  return { account_id, list_name: 'Opt-Out List', list_email_id, is_opt_out: true, created_at };
}

export async function insertUser(tx: Writer, row: Insertable<UsersRow>): Promise<number> {
  const inserted = await tx.insertInto('users').values(row).returning('user_id').executeTakeFirstOrThrow();
  return inserted.user_id;
}

export async function insertKey(tx: Writer, row: Insertable<ApiKeysRow>): Promise<number> {
  const inserted = await tx.insertInto('api_keys').values(row).returning('key_id').executeTakeFirstOrThrow();
  return inserted.key_id;
}

export async function insertRates(tx: Writer, rows: readonly Insertable<RatesRow>[]): Promise<void> {
  await tx.insertInto('rates').values(rows).execute();
}

export interface User {
  userId: number;
  accountId: number;
  username: string;
  passwordHash: string | null;
}

const USER = ['user_id as userId', 'account_id as accountId', 'username', 'password_hash as passwordHash'] as const;

/** Names are compared in lower case. */
export async function findUser(db: Writer, username: string): Promise<User | null> {
  const named = db.selectFrom('users').select(USER).where(sql`lower(username)`, '=', sql`lower(${username})`);
  return (await named.executeTakeFirst()) ?? null;
}

/** The main user of the first account: whom the settings speak of. Null = the database is empty. */
export async function findOwner(db: Writer): Promise<User | null> {
  const main = db.selectFrom('users').select(USER).where('is_main', '=', true);
  return (await main.orderBy('account_id').orderBy('user_id').executeTakeFirst()) ?? null;
}

/** The settings of an account, held to the end of the transaction: of two edits at once the second sees the first. */
export function lockAccount(tx: Writer, accountId: number): Promise<Selectable<AccountsRow>> {
  const one = tx.selectFrom('accounts').selectAll().where('account_id', '=', accountId);
  return one.forUpdate().executeTakeFirstOrThrow();
}

/** Changes the settings named, leaving the others. */
export async function updateAccount(tx: Writer, accountId: number, change: Updateable<AccountsRow>): Promise<void> {
  await tx.updateTable('accounts').set(change).where('account_id', '=', accountId).execute();
}

/** Held to the end of the transaction, so that of two nodes starting at once the second finds what the first has made. */
export async function lockOwner(tx: Writer): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('veredus owner'))`.execute(tx);
}

export async function renameUser(tx: Writer, userId: number, username: string): Promise<void> {
  await tx.updateTable('users').set({ username }).where('user_id', '=', userId).execute();
}

export async function storePassword(tx: Writer, userId: number, password_hash: string): Promise<void> {
  await tx.updateTable('users').set({ password_hash }).where('user_id', '=', userId).execute();
}

/** Empty = none. */
export async function storeEmail(tx: Writer, userId: number, email: string): Promise<void> {
  await tx.updateTable('users').set({ email }).where('user_id', '=', userId).execute();
}

/** Who holds a key, by its hash; also of a revoked one. */
export async function findKey(
  db: Writer,
  hash: Buffer,
): Promise<{ keyId: number; userId: number; revoked: boolean } | null> {
  const row = await db
    .selectFrom('api_keys')
    .select(['key_id', 'user_id', 'revoked_at'])
    .where('key_hash', '=', hash)
    .executeTakeFirst();
  return row ? { keyId: row.key_id, userId: row.user_id, revoked: row.revoked_at !== null } : null;
}

/** Revokes a key for good, also one that would end later. Answers its user; null = no such key, or it has ended before. */
export async function revokeKeyById(db: Writer, keyId: number, at: number): Promise<number | null> {
  const row = await db
    .updateTable('api_keys')
    .set({ revoked_at: at })
    .where('key_id', '=', keyId)
    .where((is) => is.or([is('revoked_at', 'is', null), is('revoked_at', '>', at)]))
    .returning('user_id')
    .executeTakeFirst();
  return row?.user_id ?? null;
}

export async function revokeKeysNamed(tx: Writer, userId: number, name: string, at: number): Promise<void> {
  await tx
    .updateTable('api_keys')
    .set({ revoked_at: at })
    .where('user_id', '=', userId)
    .where('name', '=', name)
    .where('revoked_at', 'is', null)
    .execute();
}

export interface KeyRow {
  keyId: number;
  name: string;
  scopes: string[];
  lastFour: string;
  createdAt: number;
  lastUsedAt: number | null;
  revokedAt: number | null;
}

/** A user's keys, oldest first, revoked ones among them. */
export function listKeys(db: Writer, userId: number): Promise<KeyRow[]> {
  return db
    .selectFrom('api_keys')
    .select(['key_id as keyId', 'name', 'scopes', 'last_four as lastFour', 'created_at as createdAt'])
    .select(['last_used_at as lastUsedAt', 'revoked_at as revokedAt'])
    .where('user_id', '=', userId)
    .orderBy('key_id')
    .execute();
}

/** Everything `GET /account` shows, in one row. Within `asAccount`: then only the caller's own account exists. */
export function readProfile(tx: Writer, userId: number, keyId: number | null) {
  return tx
    .selectFrom('users as u')
    .innerJoin('accounts as a', 'a.account_id', 'u.account_id')
    .innerJoin('ledger_balances as b', 'b.account_id', 'u.account_id')
    .leftJoin('api_keys as k', (join) => join.onRef('k.user_id', '=', 'u.user_id').on('k.key_id', '=', keyId))
    .selectAll('a')
    .select(['u.user_id', 'u.username', 'u.email', 'u.phone', 'u.first_name', 'u.last_name', 'u.is_main'])
    .select(['b.available_micro', 'k.last_four'])
    .where('u.user_id', '=', userId)
    .executeTakeFirstOrThrow();
}
