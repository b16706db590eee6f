import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/db.ts';
import type { Schema } from '../db/schema.ts';

export interface NewFile {
  fileId: string;
  accountId: number;
  userId: number;
  name: string;
  contentType: string;
  createdAt: number;
  expiresAt: number;
}

export interface FileRow {
  account_id: number;
  name: string;
  content_type: string;
  size: number;
  expires_at: number;
}

/** A file without a size: nobody can read it yet. Answers its upload_id. */
export async function insertFile(tx: Transaction<Schema>, file: NewFile): Promise<number> {
  const { rows } = await sql<{ upload_id: number }>`
    insert into files (file_id, account_id, user_id, name, content_type, created_at, expires_at)
    values (${file.fileId}::uuid, ${file.accountId}, ${file.userId}, ${file.name}, ${file.contentType}, ${file.createdAt},
      ${file.expiresAt})
    returning upload_id`.execute(tx);
  return rows[0]!.upload_id;
}

export async function insertChunk(
  tx: Transaction<Schema>,
  { accountId, fileId, chunk, bytes }: { accountId: number; fileId: string; chunk: number; bytes: Buffer },
): Promise<void> {
  await sql`insert into file_chunks (account_id, file_id, chunk, bytes)
    values (${accountId}, ${fileId}::uuid, ${chunk}, ${bytes})`.execute(tx);
}

/** The file is whole from now on. False when it is gone meanwhile. */
export async function finishFile(
  tx: Transaction<Schema>,
  { accountId, fileId, size, expiresAt }: { accountId: number; fileId: string; size: number; expiresAt: number },
): Promise<boolean> {
  const { numAffectedRows } = await sql`update files set size = ${size}, expires_at = ${expiresAt}
    where file_id = ${fileId}::uuid and account_id = ${accountId} and size is null`.execute(tx);
  return numAffectedRows === 1n;
}

/** With its chunks, which go by their foreign key. */
export async function deleteFile(tx: Transaction<Schema>, accountId: number, fileId: string): Promise<void> {
  await sql`delete from files where file_id = ${fileId}::uuid and account_id = ${accountId}`.execute(tx);
}

/** A whole file of the account. */
export async function findFile(tx: Transaction<Schema>, accountId: number, fileId: string): Promise<FileRow | null> {
  const { rows } = await sql<FileRow>`
    select account_id, name, content_type, size, expires_at from files
    where file_id = ${fileId}::uuid and account_id = ${accountId} and size is not null`.execute(tx);
  return rows[0] ?? null;
}

/** Whose file a link leads to. Nobody is signed in there, so it is looked up as the engine. */
export async function ownerOfFile(db: Pick<Database, 'engine'>, fileId: string): Promise<number | null> {
  const { rows } = await sql<{ account_id: number }>`
    select account_id from files where file_id = ${fileId}::uuid and size is not null`.execute(db.engine);
  return rows[0]?.account_id ?? null;
}

export async function findChunk(
  tx: Transaction<Schema>,
  { accountId, fileId, chunk }: { accountId: number; fileId: string; chunk: number },
): Promise<Buffer | null> {
  const { rows } = await sql<{ bytes: Buffer }>`
    select bytes from file_chunks where file_id = ${fileId}::uuid and chunk = ${chunk} and account_id = ${accountId}`.execute(
    tx,
  );
  return rows[0]?.bytes ?? null;
}
