import { parseMessageId } from '../messages/ids.ts';
import { Refusal } from '../refusal.ts';
import { servedAs } from './content-types.ts';
import { type FileParts, openExport } from './open-export.ts';
import { ownerOfFile } from './store-files.ts';
import { findStoredFile } from './stored-file.ts';

export interface OpenedFile {
  /** As its maker called it. */
  name: string;
  contentType: string;
  /** Null where it is made while it is read. */
  size: number | null;
  /** Pieces of the file, read as they are asked for. */
  chunks: AsyncIterable<string | Uint8Array>;
}

/**
 * The file behind a link, uploaded or exported, for whoever holds the link.
 *
 * @throws Refusal not-found for a link that never was, or has expired.
 */
export async function openFile(parts: FileParts, guid: string): Promise<OpenedFile> {
  const fileId = parseMessageId(guid);
  if (fileId === null) throw new Refusal('not-found', 'There is no such file.');
  const accountId = await ownerOfFile(parts.db, fileId);
  const file = accountId === null ? null : await findStoredFile(parts.db, { accountId, fileId });
  if (file === null) {
    const { name, chunks } = await openExport(parts, fileId);
    return { name, contentType: 'text/csv; charset=utf-8', size: null, chunks };
  }
  if (file.expiresAt <= parts.clock.now()) throw new Refusal('not-found', 'This file has expired. Upload it again.');
  return { name: file.name, contentType: servedAs(file.contentType), size: file.size, chunks: file.read() };
}
