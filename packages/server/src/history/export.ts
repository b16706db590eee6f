import type { Query } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import type { Random } from '@veredus/protocols/random';
import type { Answer } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import { asAccount } from '../db/db.ts';
import { showMessageId } from '../messages/ids.ts';
import { randomGuid } from '../random-guid.ts';
import { Refusal } from '../refusal.ts';
import type { HistoryParts } from './read-history.ts';
import { readSearch } from './search.ts';
import { HISTORY_EXPORT, saveExport } from './store-export.ts';
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
  const exported = { kind: HISTORY_EXPORT, query: filters, name: filename };
  return { data: { url: await linkTo({ db, clock, random, publicUrl }, caller, exported) }, words: 'Export.' };
}

/** Keeps what is to be exported, and answers the link under which it can be fetched. */
export async function linkTo(
  { db, clock, random, publicUrl }: ExportParts,
  { accountId, userId }: Pick<Caller, 'accountId' | 'userId'>,
  exported: { kind: string; query: object; name: string },
): Promise<string> {
  const guid = randomGuid(random);
  const now = clock.now();
  const row = { ...exported, guid, accountId, userId, createdAt: now, expiresAt: now + EXPORT_KEPT_MS };
  await asAccount(db, accountId, (tx) => saveExport(tx, row));
  return `${publicUrl()}/files/${showMessageId(guid)}?filename=${encodeURIComponent(exported.name)}`;
}
