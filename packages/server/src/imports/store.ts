import { plain, texts } from '../db/arrays.ts';
import type { Runner } from '../db/runner.ts';
import type { ContactField } from '../lists/contact-fields.ts';
import { ImportState } from './state.ts';

export interface ImportRow {
  import_id: number;
  list_id: number;
  state: number;
  field_order: (ContactField | null)[];
  has_header: boolean | null;
  rows_read: number;
  rows_added: number;
  rows_refused: number;
  bytes_read: number;
  bytes_total: number | null;
  words: string | null;
  /** ms, as the times below. */
  created_at: number;
  done_at: number | null;
  undone_at: number | null;
}

export interface NewImport {
  importId: number;
  accountId: number;
  userId: number;
  listId: number;
  fileId: string | null;
  url: string | null;
  fieldOrder: readonly (ContactField | null)[];
  country: string;
  at: number;
}

const SHOWN = `import_id, list_id, state, field_order, has_header, rows_read, rows_added, rows_refused, bytes_read, bytes_total, words,
  created_at, done_at, undone_at`;

export async function insertImport(run: Runner, made: NewImport): Promise<void> {
  await run.query({
    name: 'insert-import',
    text: `insert into imports (import_id, account_id, user_id, list_id, state, file_id, url, field_order, country, created_at)
      values ($1, $2, $3, $4, $5, $6, $7, $8::text[], $9, $10)`,
    values: [
      made.importId,
      made.accountId,
      made.userId,
      made.listId,
      ImportState.queued,
      made.fileId,
      made.url,
      texts(made.fieldOrder),
      made.country,
      made.at,
    ],
  });
}

/** How many imports of the account are not over. */
export async function countOpen(run: Runner, accountId: number): Promise<number> {
  const { rows } = await run.query<{ count: number }>({
    name: 'count-open-imports',
    text: 'select count(*)::integer as count from imports where account_id = $1 and done_at is null',
    values: [accountId],
  });
  return rows[0]!.count;
}

export interface ImportKey {
  accountId: number;
  listId: number;
  importId: number;
}

/** @param lock so that nothing happens to it until the transaction ends. */
export async function findImport(run: Runner, key: ImportKey, lock = false): Promise<ImportRow | null> {
  const { rows } = await run.query<ImportRow>({
    name: lock ? 'find-import-locked' : 'find-import',
    text: `select ${SHOWN} from imports where account_id = $1 and list_id = $2 and import_id = $3 ${lock ? 'for update' : ''}`,
    values: [key.accountId, key.listId, key.importId],
  });
  return rows[0] ?? null;
}

export interface Slice {
  skip: number;
  count: number;
}

/** The newest first. */
export async function findImports(
  run: Runner,
  list: { accountId: number; listId: number },
  slice: Slice,
): Promise<{ total: number; rows: ImportRow[] }> {
  const counted = await run.query<{ count: number }>({
    name: 'count-imports',
    text: 'select count(*)::integer as count from imports where account_id = $1 and list_id = $2',
    values: [list.accountId, list.listId],
  });
  const { rows } = await run.query<ImportRow>({
    name: 'find-imports',
    text: `select ${SHOWN} from imports where account_id = $1 and list_id = $2
      order by created_at desc, import_id desc limit $3 offset $4`,
    values: [list.accountId, list.listId, slice.count, slice.skip],
  });
  return { total: counted.rows[0]!.count, rows };
}

/** Ends one that is not over; whoever works on it can add nothing from then on. False = it was over. */
export async function cancelImport(run: Runner, key: ImportKey, at: number): Promise<boolean> {
  const { rowCount } = await run.query({
    name: 'cancel-import',
    text: `update imports set state = $4, done_at = $5, url = null, token = token + 1
      where account_id = $1 and list_id = $2 and import_id = $3 and done_at is null`,
    values: [key.accountId, key.listId, key.importId, ImportState.cancelled, at],
  });
  return rowCount === 1;
}

/** Removes some of the contacts that an import added and that are still in its list. Answers how many. */
export async function deleteImported(run: Runner, key: ImportKey, most: number): Promise<number> {
  const { rowCount } = await run.query({
    name: 'delete-imported',
    text: `delete from contacts where account_id = $1 and list_id = $2 and contact_id = any(array(
        select contact_id from contacts where account_id = $1 and import_id = $3 and list_id = $2 limit $4))`,
    values: [key.accountId, key.listId, key.importId, most],
  });
  return rowCount ?? 0;
}

export async function markUndone(run: Runner, key: ImportKey, at: number): Promise<void> {
  await run.query({
    name: 'mark-import-undone',
    text: `update imports set undone_at = coalesce(undone_at, $4) where account_id = $1 and list_id = $2 and import_id = $3`,
    values: [key.accountId, key.listId, key.importId, at],
  });
}

export interface FaultRow {
  row_number: number;
  field: string;
  words: string;
  value: string | null;
}

/** What was wrong, row by row, as far as it is kept. */
export async function findFaults(
  run: Runner,
  key: ImportKey,
  slice: Slice,
): Promise<{ total: number; rows: FaultRow[] }> {
  const counted = await run.query<{ count: number }>({
    name: 'count-import-faults',
    text: 'select count(*)::integer as count from import_faults where account_id = $1 and import_id = $2',
    values: [key.accountId, key.importId],
  });
  const { rows } = await run.query<FaultRow>({
    name: 'find-import-faults',
    text: `select row_number, field, words, value from import_faults where account_id = $1 and import_id = $2
      order by row_number, field limit $3 offset $4`,
    values: [key.accountId, key.importId, slice.count, slice.skip],
  });
  return { total: counted.rows[0]!.count, rows };
}

export async function insertFaults(
  run: Runner,
  { accountId, importId }: { accountId: number; importId: number },
  faults: readonly { row: number; field: string; words: string; value: string | null }[],
): Promise<void> {
  if (faults.length === 0) return;
  await run.query({
    name: 'insert-import-faults',
    text: `insert into import_faults (account_id, import_id, row_number, field, words, value)
      select $1, $2, * from unnest($3::integer[], $4::text[], $5::text[], $6::text[])`,
    values: [
      accountId,
      importId,
      plain(faults.map(({ row }) => row)),
      texts(faults.map(({ field }) => field)),
      texts(faults.map(({ words }) => words)),
      texts(faults.map(({ value }) => value)),
    ],
  });
}
