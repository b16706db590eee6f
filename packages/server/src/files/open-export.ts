import { smsHistory } from '@veredus/contract/endpoints/sms-history';
import type { Clock } from '@veredus/protocols/clock';
import type { Database } from '../db/db.ts';
import { type HistoryRow, historyRow } from '../history/row.ts';
import { type HistoryFilters, readSearch } from '../history/search.ts';
import { HISTORY_EXPORT, readAll } from '../history/store-export.ts';
import { parseMessageId } from '../messages/ids.ts';
import { Refusal } from '../refusal.ts';
import { CONTACTS_EXPORT, contactLines } from './contact-lines.ts';
import { csvLine } from './csv.ts';
import { findExport, type StoredExport } from './store.ts';

export interface FileParts {
  db: Database;
  clock: Clock;
}

export interface OpenedFile {
  /** The name its maker gave it; ends in .csv. */
  name: string;
  /** Pieces of the file, read as they are asked for: at most 1,000 rows are held at a time. */
  chunks: AsyncIterable<string>;
}

/**
 * The file behind an export link, for whoever holds the link. A search by more than an index may take its time here: it is
 * read row by row, while the download lasts.
 *
 * @throws Refusal not-found for a link that never was, or has expired.
 */
export async function openExport({ db, clock }: FileParts, guid: string): Promise<OpenedFile> {
  const id = parseMessageId(guid);
  const found = id && (await findExport(db, id));
  const lines = found && LINES[found.kind];
  if (!lines || found.expires_at <= clock.now()) {
    throw new Refusal('not-found', 'There is no such file, or its link has expired. Export again for a new one.');
  }
  return { name: found.name, chunks: lines({ db, clock }, found) };
}

/** How the file of each kind of export is written, piece by piece. */
const LINES: Partial<Record<string, (parts: FileParts, found: StoredExport) => AsyncIterable<string>>> = {
  [HISTORY_EXPORT]: historyLines,
  [CONTACTS_EXPORT]: contactLines,
};

const COLUMNS = Object.keys(smsHistory.data.shape.data.element.shape) as (keyof HistoryRow)[];

async function* historyLines({ db, clock }: FileParts, { account_id, query, created_at }: StoredExport) {
  yield csvLine(COLUMNS);
  const search = readSearch(query as HistoryFilters, account_id);
  const upToNow = { ...search, until: Math.min(search.until ?? Number.MAX_SAFE_INTEGER, created_at + 1) };
  for await (const messages of readAll(db, upToNow, { accountId: account_id, now: clock.now() })) {
    const rows = messages.map((message) => historyRow(message, clock.now()));
    yield rows.map((row) => csvLine(COLUMNS.map((column) => row[column]))).join('');
  }
}
