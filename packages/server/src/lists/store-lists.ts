import { plain } from '../db/arrays.ts';
import type { Runner } from '../db/runner.ts';

export interface ListRow {
  list_id: number;
  list_name: string;
  list_email_id: string;
  is_opt_out: boolean;
  contacts_count: number;
  /** Whether an import into it is under way. */
  importing: boolean;
}

const SHOWN = `l.list_id, l.list_name, l.list_email_id, l.is_opt_out, l.contacts_count,
  exists (select 1 from imports i where i.account_id = l.account_id and i.list_id = l.list_id and i.done_at is null) as importing`;

/** A list of the account, or null. */
export async function findList(run: Runner, accountId: number, listId: number): Promise<ListRow | null> {
  const { rows } = await run.query<ListRow>({
    name: 'find-list',
    text: `select ${SHOWN} from lists l where l.account_id = $1 and l.list_id = $2`,
    values: [accountId, listId],
  });
  return rows[0] ?? null;
}

/** Those of these lists that are the account's, by id. */
export async function findLists(
  run: Runner,
  accountId: number,
  listIds: readonly number[],
): Promise<Map<number, ListRow>> {
  const { rows } = await run.query<ListRow>({
    name: 'find-lists',
    text: `select ${SHOWN} from lists l where l.account_id = $1 and l.list_id = any($2::integer[])`,
    values: [accountId, plain(listIds)],
  });
  return new Map(rows.map((row) => [row.list_id, row]));
}

/**
 * Takes lists for what adds or removes contacts of them, until the end of the transaction: the triggers will change the
 * lists' rows anyway, and taken first, the Opt-Out list before the others and these in the order of their ids, no two calls
 * wait for each other in a circle. Answers how many there are. Whoever also changes suppressions does that before.
 */
export async function lockLists(run: Runner, accountId: number, listIds: readonly number[]): Promise<number> {
  const { rows } = await run.query({
    name: 'lock-lists',
    text: `select list_id from lists where account_id = $1 and list_id = any($2::integer[])
      order by is_opt_out desc, list_id for no key update`,
    values: [accountId, plain(listIds)],
  });
  return rows.length;
}

/** Keeps a list from being deleted until the end of the transaction, and holds up nothing else. False = there is none. */
export async function keepList(run: Runner, accountId: number, listId: number): Promise<boolean> {
  const { rows } = await run.query({
    name: 'keep-list',
    text: 'select 1 from lists where account_id = $1 and list_id = $2 for key share',
    values: [accountId, listId],
  });
  return rows.length > 0;
}

/** Takes a list for its deletion: from here on nothing that needs it can begin. */
export async function takeList(run: Runner, accountId: number, listId: number): Promise<ListRow | null> {
  await run.query('select 1 from lists where account_id = $1 and list_id = $2 for update', [accountId, listId]);
  // Read again behind the lock: what has committed meanwhile is seen only by a statement that begins now.
  return findList(run, accountId, listId);
}

/** A page of lists in the order of their ids, and how many there are. */
export async function findListPage(
  run: Runner,
  accountId: number,
  { skip, count }: { skip: number; count: number },
): Promise<{ total: number; rows: ListRow[] }> {
  const all = await run.query<{ total: number }>({
    name: 'count-lists',
    text: 'select count(*) as total from lists where account_id = $1',
    values: [accountId],
  });
  const { rows } = await run.query<ListRow>({
    name: 'find-list-page',
    text: `select ${SHOWN} from lists l where l.account_id = $1 order by l.list_id offset $2 limit $3`,
    values: [accountId, skip, count],
  });
  return { total: all.rows[0]!.total, rows };
}

/**
 * How many lists the account has made (its Opt-Out list it got). Nobody else makes one until the end of the transaction, so
 * that two calls at once cannot both be the last that fits.
 */
export async function countListsLocked(run: Runner, accountId: number): Promise<number> {
  await run.query(`select pg_advisory_xact_lock(hashtext('veredus lists'), $1)`, [accountId]);
  const { rows } = await run.query<{ made: number }>(
    'select count(*) as made from lists where account_id = $1 and not is_opt_out',
    [accountId],
  );
  return rows[0]!.made;
}

export async function insertList(
  run: Runner,
  list: { accountId: number; name: string; emailId: string; at: number },
): Promise<number> {
  const { rows } = await run.query<{ list_id: number }>(
    `insert into lists (account_id, list_name, list_email_id, created_at) values ($1, $2, $3, $4) returning list_id`,
    [list.accountId, list.name, list.emailId, list.at],
  );
  return rows[0]!.list_id;
}

export async function renameList(run: Runner, accountId: number, listId: number, name: string): Promise<void> {
  await run.query('update lists set list_name = $3 where account_id = $1 and list_id = $2', [accountId, listId, name]);
}

/** A campaign on the list that has not ended, or null. */
export async function openCampaign(
  run: Runner,
  accountId: number,
  listId: number,
): Promise<{ campaign_id: number; name: string } | null> {
  const { rows } = await run.query<{ campaign_id: number; name: string }>(
    `select campaign_id, name from campaigns where account_id = $1 and list_id = $2 and done_at is null
     order by campaign_id limit 1`,
    [accountId, listId],
  );
  return rows[0] ?? null;
}

/** Deletes a list with its contacts: 0.8 s for a million of them, beside another million (2 shared cores). */
export async function deleteList(run: Runner, accountId: number, listId: number): Promise<void> {
  await run.query('delete from contacts where account_id = $1 and list_id = $2', [accountId, listId]);
  await run.query('delete from lists where account_id = $1 and list_id = $2', [accountId, listId]);
}
