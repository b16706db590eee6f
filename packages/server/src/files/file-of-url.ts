import type { Caller } from '../accounts/caller.ts';
import { parseMessageId } from '../messages/ids.ts';
import { urlFault } from '../outbound/faults.ts';
import { fetchUrl } from '../outbound/fetch-url.ts';
import type { OutboundParts } from '../outbound/parts.ts';
import { shownBytes } from '../outbound/read-body.ts';
import { CSV_TYPE } from './content-types.ts';
import { openExport } from './open-export.ts';
import { type SaveParts, saveFile } from './save-file.ts';
import { findExport } from './store.ts';
import { findStoredFile } from './stored-file.ts';

export interface FileOfUrlParts extends SaveParts {
  outbound: OutboundParts;
  /** Where this server is reached, without a slash at its end. */
  publicUrl(): string;
}

export interface FileOfUrl {
  fileId: string;
  name: string;
  contentType: string;
  size: number;
}

/**
 * The stored file that a URL in a call means: one uploaded here before, an export of one's own, or a file fetched from
 * elsewhere; the last two are stored now. A link of our own is never fetched: this server need not reach itself from
 * outside, and the account is checked.
 *
 * @throws Refusal bad-request naming the field: not found here, not to be fetched, or larger than `maxBytes`.
 */
export async function fileOfUrl(
  parts: FileOfUrlParts,
  caller: Pick<Caller, 'accountId' | 'userId'>,
  { url, field, maxBytes }: { url: string; field: string; maxBytes: number },
): Promise<FileOfUrl> {
  const link = readLink(url, parts.publicUrl());
  if (link) {
    const found = await findOwn(parts, caller, link.fileId, maxBytes);
    if (found && found.size > maxBytes)
      throw urlFault(field, `${field} leads to a file of more than ${shownBytes(maxBytes)}.`);
    if (found) return found;
    if (link.ours) throw urlFault(field, `${field} names a file that is not here, or no longer: upload it again.`);
  }
  const { name, contentType, body } = await fetchUrl(parts.outbound, url, { maxBytes, field });
  return shown(contentType, await saveFile(parts, caller, { name, contentType, source: body, maxBytes }));
}

/** The caller's own upload, or his own export, of which a copy is stored. */
async function findOwn(
  parts: FileOfUrlParts,
  caller: Pick<Caller, 'accountId' | 'userId'>,
  fileId: string,
  maxBytes: number,
): Promise<FileOfUrl | null> {
  const stored = await findStoredFile(parts.db, { accountId: caller.accountId, fileId });
  if (stored && stored.expiresAt > parts.clock.now()) return shown(stored.contentType, stored);
  const exported = await findExport(parts.db, fileId);
  if (exported?.account_id !== caller.accountId || exported.expires_at <= parts.clock.now()) return null;
  const { name, chunks } = await openExport(parts, fileId);
  const source = asBytes(chunks);
  return shown(CSV_TYPE, await saveFile(parts, caller, { name, contentType: CSV_TYPE, source, maxBytes }));
}

function shown(contentType: string, { fileId, name, size }: Omit<FileOfUrl, 'contentType'>): FileOfUrl {
  return { fileId, name, contentType, size };
}

async function* asBytes(chunks: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield Buffer.from(chunk);
}

/**
 * The id in a link to `/files/{guid}`. Behind a proxy the caller may know this server by another name than the settings
 * do, so any host will do when the file is there; only with our own must it be.
 */
function readLink(text: string, publicUrl: string): { fileId: string; ours: boolean } | null {
  if (!URL.canParse(text)) return null;
  const { href, pathname } = new URL(text);
  const [, guid = ''] = /\/files\/([0-9a-f-]{36})(?:\.[a-z0-9]+)?$/i.exec(pathname) ?? [];
  const fileId = parseMessageId(guid);
  return fileId === null
    ? null
    : { fileId, ours: href.startsWith(`${new URL(publicUrl).href.replace(/\/$/, '')}/files/`) };
}
