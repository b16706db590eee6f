import type { Clock } from '@veredus/protocols/clock';
import type { Random } from '@veredus/protocols/random';
import { asAccount, type Database } from '../db/db.ts';
import { showMessageId } from '../messages/ids.ts';
import { plainName } from '../outbound/file-name.ts';
import { randomGuid } from '../random-guid.ts';
import { Refusal } from '../refusal.ts';
import { inChunks } from './chunks.ts';
import { extensionOf, plainType } from './content-types.ts';
import { deleteFile, finishFile, insertChunk, insertFile } from './store-files.ts';

export interface SaveParts {
  db: Database;
  clock: Clock;
  random: Random;
}

export interface IncomingFile {
  /** '' = it has none, and gets one of its id. */
  name: string;
  /** What its sender says it is; not to be believed. */
  contentType: string;
  source: AsyncIterable<Uint8Array>;
  maxBytes: number;
  /** Default 7 days, as ClickSend's samples keep an upload. */
  keptMs?: number;
}

export interface SavedFile {
  fileId: string;
  uploadId: number;
  name: string;
  size: number;
  createdAt: number;
  expiresAt: number;
}

export const FILE_KEPT_MS = 7 * 86_400_000;
/** Longer than any source may take; what is not whole by then was broken off, and the sweep takes it. */
const WRITING_MS = 3_600_000;

/**
 * Stores a file as it arrives. Each chunk is committed by itself, since the source may be slow and no connection should
 * wait for it; the file can be read once all of it is there. When anything fails, nothing of it stays.
 *
 * @throws Refusal too-large beyond `maxBytes`, and whatever the source throws.
 */
export async function saveFile(
  { db, clock, random }: SaveParts,
  { accountId, userId }: { accountId: number; userId: number },
  file: IncomingFile,
): Promise<SavedFile> {
  const fileId = randomGuid(random);
  const createdAt = clock.now();
  const contentType = plainType(file.contentType);
  const name = plainName(file.name) || `${showMessageId(fileId)}.${extensionOf(contentType)}`;
  const row = { fileId, accountId, userId, name, contentType, createdAt };
  const uploadId = await asAccount(db, accountId, (tx) =>
    insertFile(tx, { ...row, expiresAt: createdAt + WRITING_MS }),
  );
  try {
    const size = await writeChunks(db, { accountId, fileId }, file);
    const expiresAt = createdAt + (file.keptMs ?? FILE_KEPT_MS);
    const whole = await asAccount(db, accountId, (tx) => finishFile(tx, { accountId, fileId, size, expiresAt }));
    if (!whole) throw new Error(`file ${fileId} was deleted while it was written`);
    return { fileId, uploadId, name, size, createdAt, expiresAt };
  } catch (error) {
    // What cannot be deleted now (the database may be why it failed) is the sweep's.
    await asAccount(db, accountId, (tx) => deleteFile(tx, accountId, fileId)).catch(() => {});
    throw error;
  }
}

async function writeChunks(
  db: Database,
  { accountId, fileId }: { accountId: number; fileId: string },
  { source, maxBytes }: IncomingFile,
): Promise<number> {
  let size = 0;
  let chunk = 0;
  for await (const bytes of inChunks(source)) {
    size += bytes.length;
    if (size > maxBytes) throw tooLarge(maxBytes);
    const row = { accountId, fileId, chunk, bytes };
    await asAccount(db, accountId, (tx) => insertChunk(tx, row));
    chunk += 1;
  }
  return size;
}

function tooLarge(maxBytes: number): Refusal {
  return new Refusal(
    'too-large',
    `The file is larger than ${Math.floor(maxBytes / 1_048_576)} MB, the most that is taken.`,
  );
}
