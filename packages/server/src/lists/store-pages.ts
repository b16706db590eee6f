import type { Runner } from '../db/runner.ts';
import { CONTACT_COLUMNS, type ContactRow } from './store-contacts.ts';

/** A place between two contacts: in the order of ids, or of changes where `updatedAt` (ms) is there. */
export interface Place {
  contactId: number;
  updatedAt: number | null;
}

/** Which contacts of a list, in which order. */
export interface Listed {
  accountId: number;
  listId: number;
  /** ms; those changed since, in the order of their changes. Null = all, in the order of their ids. */
  updatedAfter: number | null;
}

const LIST = 'account_id = $1 and list_id = $2';
const COLUMNS = CONTACT_COLUMNS;

/**
 * The contacts next to a place, in their order: behind it, or before it. Costs what the page holds, wherever that lies.
 */
export async function findBeside(
  run: Runner,
  listed: Listed,
  place: Place,
  { count, backwards }: { count: number; backwards: boolean },
): Promise<ContactRow[]> {
  const [than, order] = backwards ? ['<', 'desc'] : ['>', 'asc'];
  const { rows } =
    listed.updatedAfter === null
      ? await run.query<ContactRow>({
          name: `contacts-${order}`,
          text: `select ${COLUMNS} from contacts where ${LIST} and contact_id ${than} $3::bigint
            order by contact_id ${order} limit $4`,
          values: [listed.accountId, listed.listId, place.contactId, count],
        })
      : await run.query<ContactRow>({
          name: `contacts-updated-${order}`,
          text: `select ${COLUMNS} from contacts where ${LIST} and updated_at > $3
            and (updated_at, contact_id) ${than} ($4::bigint, $5::bigint)
            order by updated_at ${order}, contact_id ${order} limit $6`,
          values: [listed.accountId, listed.listId, listed.updatedAfter, place.updatedAt, place.contactId, count],
        });
  return backwards ? rows.reverse() : rows;
}

/**
 * The contacts so many places from the beginning, or (`backwards`) from the end, in their order. The index is walked over
 * what is skipped; only the page is read.
 */
export async function findAt(
  run: Runner,
  listed: Listed,
  { skip, count, backwards }: { skip: number; count: number; backwards: boolean },
): Promise<ContactRow[]> {
  const order = backwards ? 'desc' : 'asc';
  const than = backwards ? '<=' : '>=';
  const { rows } =
    listed.updatedAfter === null
      ? await run.query<ContactRow>({
          name: `contacts-at-${order}`,
          text: `select ${COLUMNS} from contacts where ${LIST} and contact_id ${than} (
              select contact_id from contacts where ${LIST} order by contact_id ${order} offset $3 limit 1)
            order by contact_id ${order} limit $4`,
          values: [listed.accountId, listed.listId, skip, count],
        })
      : await run.query<ContactRow>({
          name: `contacts-updated-at-${order}`,
          text: `select ${COLUMNS} from contacts where ${LIST} and updated_at > $5 and (updated_at, contact_id) ${than} (
              select updated_at, contact_id from contacts where ${LIST} and updated_at > $5
              order by updated_at ${order}, contact_id ${order} offset $3 limit 1)
            order by updated_at ${order}, contact_id ${order} limit $4`,
          values: [listed.accountId, listed.listId, skip, count, listed.updatedAfter],
        });
  return backwards ? rows.reverse() : rows;
}

/** How many contacts have changed since, counted no further than `most`. */
export async function countUpdated(run: Runner, listed: Listed, most: number): Promise<number> {
  const { rows } = await run.query<{ total: number }>({
    name: 'count-updated-contacts',
    text: `select count(*) as total from (select 1 from contacts where ${LIST} and updated_at > $3 limit $4) c`,
    values: [listed.accountId, listed.listId, listed.updatedAfter, most],
  });
  return rows[0]!.total;
}
