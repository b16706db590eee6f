import type { Query } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import type { Random } from '@veredus/protocols/random';
import type { Answer } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import { asAccount } from '../db/db.ts';
import { showMessageId } from '../messages/ids.ts';
import { Refusal } from '../refusal.ts';
import type { HistoryParts } from './read-history.ts';
import { readSearch } from './search.ts';
import { saveExport } from './store-export.ts';
import { followsIndex } from './store-order.ts';

export interface ExportParts extends HistoryParts {
  random: Random;
}

/** As long as ClickSend's samples keep an uploaded file. */
export const EXPORT_KEPT_MS = 7 * 86_400_000;

/**
 * Makes a link to the caller's history as CSV, filtered as the list is. Nothing is read yet: the rows stream when the link
 * is fetched, up to this moment. The id in the link is its only secret, 122 random bits.
 *
 * @throws Refusal bad-request for an order other than by date: a file is read in pieces, in the order of an index.
 */
export async function exportHistory(
  { db, clock, random, publicUrl }: ExportParts,
  caller: Caller,
  query: Query<Endpoints['smsHistoryExport']>,
): Promise<Answer<Endpoints['smsHistoryExport']>> {
  const { filename, ...filters } = query;
  const now = clock.now();
  const seen = { accountId: caller.accountId, now };
  if (!followsIndex(readSearch(filters, caller.accountId), seen)) {
    const words = 'order_by takes date:asc or date:desc here: sort the file by other columns once it is yours.';
    throw new Refusal('bad-request', words, { fields: { order_by: words } });
  }
  const guid = randomGuid(random);
  const { accountId, userId } = caller;
  const row = { guid, accountId, userId, name: filename, filters, createdAt: now, expiresAt: now + EXPORT_KEPT_MS };
  await asAccount(db, accountId, (tx) => saveExport(tx, row));
  const url = `${publicUrl()}/files/${showMessageId(guid)}?filename=${encodeURIComponent(filename)}`;
  return { data: { url }, words: 'Export.' };
}

/** UUIDv4 (RFC 9562): random but for its version and variant. */
function randomGuid(random: Random): string {
  const bytes = Uint8Array.from(random.bytes(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Buffer.from(bytes).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
