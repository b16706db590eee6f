import type { Runner } from '../db/runner.ts';
import type { ContactField } from '../lists/contact-fields.ts';
import { type ImportState, stateName } from './state.ts';

/** An import in somebody's hands. `token` is what every later statement names: it is lost when another takes it. */
export interface TakenImport {
  importId: number;
  accountId: number;
  userId: number;
  listId: number;
  fileId: string | null;
  url: string | null;
  fieldOrder: (ContactField | null)[];
  country: string;
  rowsRead: number;
  /** Rows of import_faults there are already. */
  faultsKept: number;
  token: number;
}

/** Accounts with fewest under way come first, so that one with many imports does not hold up the others. */
const TAKE = `
update imports i set token = i.token + 1, lease_until = $2
where i.import_id = (
  select o.import_id from imports o
  where o.done_at is null and o.lease_until <= $1 and o.import_id <> all($3::bigint[])
  order by (
    select count(*) from imports r where r.account_id = o.account_id and r.done_at is null and r.lease_until > $1
  ), o.created_at, o.import_id
  limit 1 for update skip locked
)
returning i.import_id as "importId", i.account_id as "accountId", i.user_id as "userId", i.list_id as "listId",
  i.file_id as "fileId", i.url, i.field_order as "fieldOrder", i.country, i.rows_read as "rowsRead", i.token,
  (select count(*)::integer from import_faults f where f.account_id = i.account_id and f.import_id = i.import_id) as "faultsKept"`;

/** Takes an import that nobody works on, or whose worker has fallen silent; null = there is none. `but` = not these. */
export async function takeImport(
  run: Runner,
  { now, leaseUntil, but }: { now: number; leaseUntil: number; but: readonly number[] },
): Promise<TakenImport | null> {
  const { rows } = await run.query<TakenImport>({
    name: 'take-import',
    text: TAKE,
    values: [now, leaseUntil, `{${but.join(',')}}`],
  });
  return rows[0] ?? null;
}

/** Ends every lease. Only for a node that knows to be the only one: then whoever held one is gone. */
export async function freeImports(run: Runner): Promise<void> {
  await run.query('update imports set lease_until = 0 where done_at is null');
}

type Held = Pick<TakenImport, 'importId' | 'token'>;

const HELD = 'where import_id = $1 and token = $2 and done_at is null';

/** Says that somebody is still at it; also lets go, with a time that has come. False = it is another's, or over. */
export async function setLease(run: Runner, { importId, token }: Held, leaseUntil: number): Promise<boolean> {
  const { rowCount } = await run.query({
    name: 'set-import-lease',
    text: `update imports set lease_until = $3 ${HELD}`,
    values: [importId, token, leaseUntil],
  });
  return rowCount === 1;
}

/** False = it is another's, or over. */
export async function setState(
  run: Runner,
  { importId, token }: Held,
  to: { state: ImportState; fileId?: string; bytesTotal?: number; words?: string | null },
): Promise<boolean> {
  const { rowCount } = await run.query({
    name: 'set-import-state',
    text: `update imports set state = $3, file_id = coalesce($4, file_id), bytes_total = coalesce($5, bytes_total),
      words = coalesce($6, words) ${HELD}`,
    values: [importId, token, to.state, to.fileId ?? null, to.bytesTotal ?? null, to.words ?? null],
  });
  return rowCount === 1;
}

export interface Progress {
  /** The last row that was looked at. */
  rowsRead: number;
  bytesRead: number;
  added: number;
  refused: number;
  hasHeader: boolean | null;
  leaseUntil: number;
}

/** The first statement of the transaction that adds a chunk: it locks the import. False = it is another's, or over. */
export async function addProgress(run: Runner, { importId, token }: Held, progress: Progress): Promise<boolean> {
  const { rowCount } = await run.query({
    name: 'add-import-progress',
    text: `update imports set rows_read = $3, bytes_read = $4, rows_added = rows_added + $5, rows_refused = rows_refused + $6,
      has_header = coalesce($7, has_header), lease_until = $8 ${HELD}`,
    values: [
      importId,
      token,
      progress.rowsRead,
      progress.bytesRead,
      progress.added,
      progress.refused,
      progress.hasHeader,
      progress.leaseUntil,
    ],
  });
  return rowCount === 1;
}

export async function endImport(
  run: Runner,
  { importId, token }: Held,
  end: { state: ImportState; words: string | null; at: number },
): Promise<boolean> {
  const { rowCount } = await run.query({
    name: 'end-import',
    // A signed address is a secret, and nothing needs it any more.
    text: `with ended as (
        update imports set state = $3, words = coalesce($4, words), done_at = $5, url = null,
          bytes_read = case when $6 then coalesce(bytes_total, bytes_read) else bytes_read end ${HELD} returning *
      )
      insert into events (account_id, at, kind, facts)
      select account_id, done_at, 'import.state', jsonb_build_object('import_id', import_id::text, 'list_id', list_id, 'state', $7::text,
        'rows_added', rows_added, 'rows_refused', rows_refused, 'words', words) from ended`,
    values: [importId, token, end.state, end.words, end.at, end.words === null, stateName(end.state, null)],
  });
  return rowCount === 1;
}

/** Forgets imports that ended long ago, with what they refused. Their contacts stay, and can no longer be taken back. */
export async function dropOldImports(run: Runner, before: number, most: number): Promise<number> {
  const { rowCount } = await run.query({
    name: 'drop-old-imports',
    text: 'delete from imports where import_id = any(array(select import_id from imports where done_at < $1 limit $2))',
    values: [before, most],
  });
  return rowCount ?? 0;
}
