import type { Data, Query } from '@veredus/contract/endpoint';
import type { Endpoints } from '@veredus/contract/endpoints';
import { makePage } from '@veredus/contract/page';
import type { Answer } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import { inSnapshotAs, type Runner } from '../db/runner.ts';
import { storable } from '../db/storable.ts';
import { normaliseRecipient } from '../numbers/numbers.ts';
import type { ListParts } from './lists.ts';
import { refuseField } from './refusals.ts';
import { type ShownContact, showContact } from './show.ts';
import type { ContactRow } from './store-contacts.ts';
import { countContacts, type FoundList, listNames, searchContacts, searchLists, type Wanted } from './store-search.ts';

type Found = Data<Endpoints['searchContactsLists']>['data'][number];

/** What a search may cost the database before it is given up. */
const SECONDS = 2;
/** As far as contacts are counted: nobody leafs through more. */
export const COUNTED_CONTACTS = 1_000;

/**
 * Lists whose name holds the text, then contacts of which a name, number, address or organisation does. A telephone number, or
 * its beginning, is found by index; any other text is looked for in every contact and given up after 2 s.
 *
 * @throws Refusal bad-request for a search that took too long.
 */
export async function searchAll(
  { db, publicUrl }: ListParts,
  caller: Caller,
  { q, page, limit }: Query<Endpoints['searchContactsLists']>,
): Promise<Answer<Endpoints['searchContactsLists']>> {
  const text = storable(q).trim();
  const { accountId } = caller;
  return withinTime(() =>
    inSnapshotAs(db, accountId, SECONDS * 1000, async (client) => {
      const lists = await searchLists(client, accountId, text);
      const { wanted, total } = await countWanted(client, caller, text);
      const skip = (page - 1) * limit;
      const shownLists = lists.slice(skip, skip + limit);
      const slice = { skip: Math.max(0, skip - lists.length), count: limit - shownLists.length };
      const contacts =
        slice.count > 0 && slice.skip < total
          ? await searchContacts(client, accountId, wanted, {
              ...slice,
              count: Math.min(slice.count, total - slice.skip),
            })
          : [];
      const url = new URL(`${publicUrl()}/v3/search/contacts-lists`);
      url.searchParams.set('q', q);
      if (limit !== 15) url.searchParams.set('limit', String(limit));
      const rows = [...shownLists.map(foundList), ...contacts.map(foundContact)];
      return {
        data: makePage({ total: lists.length + total, page, limit, rows, url: url.href }),
        words: total < COUNTED_CONTACTS ? 'Found.' : `Found. Only the first ${COUNTED_CONTACTS} contacts are listed.`,
      };
    }),
  );
}

/** A few contacts that fit what was typed so far; without a text, the first there are. @throws as searchAll. */
export async function suggestContacts(
  { db }: ListParts,
  caller: Caller,
  { q = '', limit }: Query<Endpoints['contactSuggestions']>,
): Promise<ShownContact[]> {
  const { accountId } = caller;
  return withinTime(() =>
    inSnapshotAs(db, accountId, SECONDS * 1000, async (client) => {
      let contacts: ContactRow[] = [];
      for (const wanted of readings(storable(q).trim(), caller)) {
        contacts = await searchContacts(client, accountId, wanted, { skip: 0, count: limit });
        if (contacts.length > 0) break;
      }
      const ids = contacts.map((contact) => contact.list_id);
      const names = await listNames(client, accountId, ids);
      return contacts.map((contact) => showContact(contact, names.get(contact.list_id) ?? ''));
    }),
  );
}

/** The first reading that finds something, and how much. */
async function countWanted(run: Runner, caller: Caller, text: string): Promise<{ wanted: Wanted; total: number }> {
  let wanted: Wanted = { kind: 'text', text };
  for (wanted of readings(text, caller)) {
    const total = await countContacts(run, caller.accountId, wanted, COUNTED_CONTACTS);
    if (total > 0) return { wanted, total };
  }
  return { wanted, total: 0 };
}

/** How a text can be meant, the cheapest to look for first. */
function readings(text: string, caller: Caller): Wanted[] {
  const meant: Wanted[] = [];
  const whole = normaliseRecipient(text, caller.account.country);
  if (whole) meant.push({ kind: 'number', prefix: whole.e164 });
  const digits = text.replace(/[\s().-]/g, '');
  if (/^\+?[1-9]\d{3,14}$/.test(digits)) meant.push({ kind: 'number', prefix: `+${digits.replace('+', '')}` });
  return [...meant, { kind: 'text', text }];
}

const foundList = (list: FoundList): Found => ({
  id: list.list_id,
  name: list.list_name,
  type: 'list',
  contact: list.list_email_id,
  contacts_count: list.contacts_count,
});

function foundContact(contact: ContactRow): Found {
  const { first_name, last_name, organization_name } = contact;
  const person = [first_name, last_name].filter((part) => part !== null).join(' ');
  const address = contact.phone_number ?? contact.email ?? contact.fax_number ?? '';
  return {
    id: contact.contact_id,
    name: person || organization_name || address,
    type: 'contact',
    contact: address,
    contacts_count: null,
  };
}

/** PostgreSQL's query_canceled, which here only the statement's time limit causes. */
const QUERY_CANCELED = '57014';

async function withinTime<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if ((error as { code?: unknown }).code !== QUERY_CANCELED) throw error;
    throw refuseField(
      'q',
      `This search was given up after ${SECONDS} seconds. A telephone number, or its beginning with the calling code, is found at once.`,
    );
  }
}
