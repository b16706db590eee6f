import type { Data, Query } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import { makePage } from '@veredus/contract/page';
import type { Answer } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import { inSnapshotAs, type Runner } from '../db/runner.ts';
import { type ListParts, PAGE_LIMIT_MS, theList } from './lists.ts';
import { refuseField } from './refusals.ts';
import { showContact } from './show.ts';
import type { ContactRow } from './store-contacts.ts';
import { countUpdated, findAt, findBeside, type Listed, type Place } from './store-pages.ts';

type ContactsQuery = Query<Endpoints['contacts']>;
type ContactsPage = Data<Endpoints['contacts']>;

/** As far as changed contacts are counted; their pages go on behind that by their links. */
export const COUNTED_CHANGES = 100_000;

interface Slice {
  rows: ContactRow[];
  /** Whether there are rows before and behind these. */
  before: boolean;
  behind: boolean;
}

/**
 * A page of a list's contacts in the order of their ids; with `updated_after` of those changed since, in the order of
 * their changes, so that who asks again goes on where he was. The links name the contact they go on from, so each page
 * costs the same; a page asked for by its number alone is counted off from the nearer end.
 *
 * @throws Refusal not-found for the list, bad-request for a place that none of our links names.
 */
export async function pageOfContacts(
  { db, publicUrl }: ListParts,
  caller: Caller,
  listId: number,
  query: ContactsQuery,
): Promise<Answer<Endpoints['contacts']>> {
  const { page, limit } = query;
  const updatedAfter = query.updated_after === undefined ? null : query.updated_after * 1000;
  const listed = { accountId: caller.accountId, listId, updatedAfter };
  const [after, before] = [placeNamed('after', query, listed), placeNamed('before', query, listed)];
  return inSnapshotAs(db, caller.accountId, PAGE_LIMIT_MS, async (client) => {
    const list = await theList(client, caller, listId);
    const total = updatedAfter === null ? list.contacts_count : await countUpdated(client, listed, COUNTED_CHANGES);
    const slice =
      after || before
        ? await sliceBeside(client, listed, { place: (after ?? before)!, backwards: after === null, page, limit })
        : await sliceAt(client, listed, { page, limit, total });
    const rows = slice.rows.map((contact) => showContact(contact, list.list_name));
    const url = urlOf(publicUrl(), listId, query);
    const data = { ...makePage({ total, page, limit, rows, url }), ...linksOf(url, page, slice, listed) };
    return { data, words: wordsFor(updatedAfter, total) };
  });
}

function wordsFor(updatedAfter: number | null, total: number): string {
  if (updatedAfter === null || total < COUNTED_CHANGES) return 'Contacts.';
  return `Contacts. total is counted to ${COUNTED_CHANGES}; follow next_page_url to see those behind.`;
}

async function sliceBeside(
  run: Runner,
  listed: Listed,
  { place, backwards, page, limit }: { place: Place; backwards: boolean; page: number; limit: number },
): Promise<Slice> {
  const rows = await findBeside(run, listed, place, { count: limit + 1, backwards });
  const more = rows.length > limit;
  if (!backwards) return { rows: rows.slice(0, limit), before: page > 1, behind: more };
  return { rows: more ? rows.slice(1) : rows, before: more, behind: true };
}

async function sliceAt(
  run: Runner,
  listed: Listed,
  { page, limit, total }: { page: number; limit: number; total: number },
): Promise<Slice> {
  const skip = (page - 1) * limit;
  const count = Math.min(limit, total - skip);
  if (count <= 0) return { rows: [], before: page > 1, behind: false };
  const after = total - skip - count;
  const atEnd = listed.updatedAfter !== null && total >= COUNTED_CHANGES ? Number.POSITIVE_INFINITY : after;
  const rows =
    atEnd < skip
      ? await findAt(run, listed, { skip: after, count, backwards: true })
      : await findAt(run, listed, { skip, count, backwards: false });
  return { rows, before: page > 1, behind: after > 0 || (atEnd > after && rows.length === limit) };
}

function placeNamed(name: 'after' | 'before', query: ContactsQuery, { updatedAfter }: Listed): Place | null {
  const text = query[name];
  if (text === undefined) return null;
  const parts = text.split('-').map(Number);
  if ((parts.length === 2) !== (updatedAfter !== null)) {
    throw refuseField(name, `${name} must come from next_page_url or prev_page_url of the same list, as it is.`);
  }
  return { contactId: parts.at(-1)!, updatedAt: updatedAfter === null ? null : parts[0]! };
}

function urlOf(base: string, listId: number, { limit, updated_after }: ContactsQuery): string {
  const url = new URL(`${base}/v3/lists/${listId}/contacts`);
  if (limit !== 15) url.searchParams.set('limit', String(limit));
  if (updated_after !== undefined) url.searchParams.set('updated_after', String(updated_after));
  return url.href;
}

/** An empty page, behind the last, has no contact to go on from: the link back is by number. */
function linksOf(
  url: string,
  page: number,
  { rows, before, behind }: Slice,
  { updatedAfter }: Listed,
): Pick<ContactsPage, 'next_page_url'> | Pick<ContactsPage, 'next_page_url' | 'prev_page_url'> {
  const [first, last] = [rows[0], rows.at(-1)];
  const key = (row: ContactRow) =>
    updatedAfter === null ? `${row.contact_id}` : `${row.updated_at}-${row.contact_id}`;
  const link = (number: number, term: Record<string, string>) => {
    const other = new URL(url);
    for (const [name, value] of Object.entries({ page: String(number), ...term })) other.searchParams.set(name, value);
    return other.href;
  };
  if (!first || !last) return { next_page_url: null };
  const previous = Math.max(1, page - 1);
  return {
    next_page_url: behind ? link(page + 1, { after: key(last) }) : null,
    prev_page_url: before ? link(previous, page > 2 || page === 1 ? { before: key(first) } : {}) : null,
  };
}
