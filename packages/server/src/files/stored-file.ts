import { asAccount, type Database } from '../db/db.ts';
import { Refusal } from '../refusal.ts';
import { CHUNK_BYTES } from './chunks.ts';
import { findChunk, findFile } from './store-files.ts';

export interface StoredFile {
  fileId: string;
  name: string;
  contentType: string;
  size: number;
  expiresAt: number;
  /** From any byte on; each piece is read when it is asked for, so one chunk is held and no transaction waits. */
  read(fromByte?: number): AsyncIterable<Buffer>;
}

/** A whole file of the account; null when there is none such. One whose time is over is found until it is swept. */
export async function findStoredFile(
  db: Database,
  { accountId, fileId }: { accountId: number; fileId: string },
): Promise<StoredFile | null> {
  const row = await asAccount(db, accountId, (tx) => findFile(tx, accountId, fileId));
  if (row === null) return null;
  const { name, content_type: contentType, size, expires_at: expiresAt } = row;
  const read = (fromByte = 0) => readChunks(db, { accountId, fileId, size }, fromByte);
  return { fileId, name, contentType, size, expiresAt, read };
}

async function* readChunks(
  db: Database,
  { accountId, fileId, size }: { accountId: number; fileId: string; size: number },
  fromByte: number,
): AsyncGenerator<Buffer> {
  let skip = fromByte % CHUNK_BYTES;
  const chunks = Math.ceil(size / CHUNK_BYTES);
  for (let chunk = Math.floor(fromByte / CHUNK_BYTES); chunk < chunks; chunk++) {
    const bytes = await asAccount(db, accountId, (tx) => findChunk(tx, { accountId, fileId, chunk }));
    if (bytes === null) throw new Refusal('not-found', 'The file expired while it was read. Upload it again.');
    if (skip < bytes.length) yield bytes.subarray(skip);
    skip = 0;
  }
}
