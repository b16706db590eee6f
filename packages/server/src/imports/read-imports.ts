import type { Data, Query } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import { makePage } from '@veredus/contract/page';
import type { Answer } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import type { Database } from '../db/db.ts';
import { asAccountClient } from '../db/runner.ts';
import { Refusal } from '../refusal.ts';
import { requireList } from './start-import.ts';
import { ImportState, stateName } from './state.ts';
import { findFaults, findImport, findImports, type ImportKey, type ImportRow } from './store.ts';

export interface ReadParts {
  db: Database;
  /** Where this server is reached, without a slash at its end. */
  publicUrl(): string;
}

/** Which import a call means. */
export interface ImportPath {
  list_id: number;
  import_id: string;
}

export function keyOf({ accountId }: Caller, path: ImportPath): ImportKey {
  return { accountId, listId: path.list_id, importId: Number(path.import_id) };
}

/** A page of the imports into a list. */
export async function listImports(
  { db, publicUrl }: ReadParts,
  caller: Caller,
  listId: number,
  { page, limit }: Query<Endpoints['listImports']>,
): Promise<Answer<Endpoints['listImports']>> {
  await requireList({ db }, caller, listId);
  const { accountId } = caller;
  const slice = { skip: (page - 1) * limit, count: limit };
  const { total, rows } = await asAccountClient(db, accountId, (client) =>
    findImports(client, { accountId, listId }, slice),
  );
  const url = pageUrl(`${publicUrl()}/v3/lists/${listId}/imports`, limit);
  return { data: makePage({ total, page, limit, rows: rows.map(showImport), url }), words: 'Imports.' };
}

/** @throws Refusal not-found for one that is not the account's, or of another list. */
export async function readImport(
  { db }: Pick<ReadParts, 'db'>,
  caller: Caller,
  path: ImportPath,
): Promise<Answer<Endpoints['listImportById']>> {
  const row = await asAccountClient(db, caller.accountId, (client) => findImport(client, keyOf(caller, path)));
  return { data: showImport(row ?? notThere(path)), words: 'Import.' };
}

/** A page of what an import refused. */
export async function listFaults(
  { db, publicUrl }: ReadParts,
  caller: Caller,
  path: ImportPath,
  { page, limit }: Query<Endpoints['listImportErrors']>,
): Promise<Answer<Endpoints['listImportErrors']>> {
  const key = keyOf(caller, path);
  const slice = { skip: (page - 1) * limit, count: limit };
  const { total, rows } = await asAccountClient(db, caller.accountId, async (client) => {
    if (!(await findImport(client, key))) notThere(path);
    return findFaults(client, key, slice);
  });
  const url = pageUrl(`${publicUrl()}/v3/lists/${path.list_id}/imports/${path.import_id}/errors`, limit);
  return { data: makePage({ total, page, limit, rows, url }), words: 'Import errors.' };
}

export function notThere(path: ImportPath): never {
  throw new Refusal('not-found', `There is no import ${path.import_id} into list ${path.list_id}.`);
}

function pageUrl(url: string, limit: number): string {
  return limit === 15 ? url : `${url}?limit=${limit}`;
}

const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000);
const secondsOrNull = (milliseconds: number | null): number | null =>
  milliseconds === null ? null : seconds(milliseconds);

export function showImport(row: ImportRow): Data<Endpoints['listImportById']> {
  const { bytes_read: read, bytes_total: total } = row;
  // A workbook's size is what it says of itself until it has been read through, so the share is kept within bounds.
  const share = total === null || total === 0 ? 0 : Math.min(100, Math.floor((read / total) * 100));
  return {
    import_id: String(row.import_id),
    list_id: row.list_id,
    state: stateName(row.state, row.undone_at),
    field_order: row.field_order,
    has_header: row.has_header,
    percent: row.state === ImportState.done ? 100 : share,
    rows_read: row.rows_read,
    rows_added: row.rows_added,
    rows_refused: row.rows_refused,
    bytes_read: read,
    bytes_total: total,
    words: row.words,
    date_added: seconds(row.created_at),
    date_done: secondsOrNull(row.done_at),
    date_undone: secondsOrNull(row.undone_at),
  };
}
