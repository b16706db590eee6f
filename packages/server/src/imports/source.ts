import type { Caller } from '../accounts/caller.ts';
import { type FileOfUrlParts, fileOfUrl } from '../files/file-of-url.ts';
import { openExport } from '../files/open-export.ts';
import { saveFile } from '../files/save-file.ts';
import { findExport } from '../files/store.ts';
import { parseMessageId } from '../messages/ids.ts';
import { guardUrl } from '../outbound/guard-url.ts';
import { MOST_BYTES } from './sheet.ts';

type Owner = Pick<Caller, 'accountId' | 'userId'>;

const FIELD = 'file_url';

/**
 * What a call's URL leads to, as far as it can be told at once: a stored file of ours is looked up, any other address is
 * only judged. What has a URL here is fetched by the import.
 */
export async function judgeSource(
  parts: FileOfUrlParts,
  owner: Owner,
  url: string,
): Promise<{ fileId: string | null; url: string | null }> {
  const guid = guidIn(url);
  if (guid !== null && (await isOwnExport(parts, owner, guid))) return { fileId: null, url };
  if (guid !== null) {
    const { fileId } = await fileOfUrl(parts, owner, { url, field: FIELD, maxBytes: MOST_BYTES });
    return { fileId, url: null };
  }
  const target = await guardUrl(parts.outbound, url, FIELD);
  return { fileId: null, url: target.url.href };
}

/**
 * The stored file behind a URL, fetched where it is not here yet. A link to an export of the account's own is no file until it
 * is read: it is written out, so that a list can be copied by its export.
 */
export async function takeFile(parts: FileOfUrlParts, owner: Owner, url: string): Promise<string> {
  const guid = guidIn(url);
  if (guid !== null && (await isOwnExport(parts, owner, guid))) {
    const { name, chunks } = await openExport(parts, guid);
    const file = { name, contentType: 'text/csv', source: asBytes(chunks), maxBytes: MOST_BYTES };
    return (await saveFile(parts, owner, file)).fileId;
  }
  return (await fileOfUrl(parts, owner, { url, field: FIELD, maxBytes: MOST_BYTES })).fileId;
}

function guidIn(url: string): string | null {
  const [, guid = ''] = /\/files\/([0-9a-f-]{36})(?![0-9a-f-])/i.exec(url) ?? [];
  return parseMessageId(guid);
}

async function isOwnExport({ db, clock }: FileOfUrlParts, { accountId }: Owner, guid: string): Promise<boolean> {
  const found = await findExport(db, guid);
  return found !== null && found.account_id === accountId && found.expires_at > clock.now();
}

async function* asBytes(chunks: AsyncIterable<string>): AsyncIterable<Uint8Array> {
  for await (const chunk of chunks) yield Buffer.from(chunk);
}
