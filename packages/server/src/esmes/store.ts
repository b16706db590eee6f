import type { Insertable } from 'kysely';
import type { Writer } from '../accounts/store-accounts.ts';
import { texts } from '../db/arrays.ts';
import type { Runner } from '../db/runner.ts';
import type { EsmesRow } from '../db/schema.ts';

/** A customer's SMPP client, as a bind is judged by it. */
export interface Esme {
  systemId: string;
  accountId: number;
  userId: number;
  passwordHash: string;
  binds: number;
  disabled: boolean;
}

export async function insertEsme(db: Writer, row: Insertable<EsmesRow>): Promise<void> {
  await db.insertInto('esmes').values(row).execute();
}

/** False = there is no such ESME; so do the others below. */
export async function setEsmePassword(db: Writer, systemId: string, password_hash: string): Promise<boolean> {
  const change = db.updateTable('esmes').set({ password_hash }).where('system_id', '=', systemId);
  return (await change.executeTakeFirst()).numUpdatedRows > 0n;
}

export async function setEsmeDisabled(db: Writer, systemId: string, disabled_at: number | null): Promise<boolean> {
  const change = db.updateTable('esmes').set({ disabled_at }).where('system_id', '=', systemId);
  return (await change.executeTakeFirst()).numUpdatedRows > 0n;
}

export async function deleteEsme(db: Writer, systemId: string): Promise<boolean> {
  return (await db.deleteFrom('esmes').where('system_id', '=', systemId).executeTakeFirst()).numDeletedRows > 0n;
}

/** All ESMEs, or those of one account, with their users' names. */
export function listEsmes(db: Writer, accountId: number | null) {
  const all = db
    .selectFrom('esmes as e')
    .innerJoin('users as u', 'u.user_id', 'e.user_id')
    .select(['e.system_id as systemId', 'e.account_id as accountId', 'u.username', 'e.binds'])
    .select(['e.created_at as createdAt', 'e.disabled_at as disabledAt'])
    .orderBy('e.system_id');
  return (accountId === null ? all : all.where('e.account_id', '=', accountId)).execute();
}

/** The ESMEs of these names that there are. On the engine role: whose they are becomes known only here. */
export async function findEsmes(run: Runner, systemIds: readonly string[]): Promise<Esme[]> {
  const { rows } = await run.query<{
    system_id: string;
    account_id: number;
    user_id: number;
    password_hash: string;
    binds: number;
    disabled_at: number | null;
  }>({
    name: 'find-esmes',
    text: `select system_id, account_id, user_id, password_hash, binds, disabled_at
      from esmes where system_id = any($1::text[])`,
    values: [texts(systemIds)],
  });
  return rows.map((row) => ({
    systemId: row.system_id,
    accountId: row.account_id,
    userId: row.user_id,
    passwordHash: row.password_hash,
    binds: row.binds,
    disabled: row.disabled_at !== null,
  }));
}
