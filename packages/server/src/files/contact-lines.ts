import type { Database } from '../db/db.ts';
import { asAccountClient } from '../db/runner.ts';
import { CONTACT_FIELDS } from '../lists/contact-fields.ts';
import type { ContactRow } from '../lists/store-contacts.ts';
import { findBeside } from '../lists/store-pages.ts';
import { csvLine } from './csv.ts';
import type { StoredExport } from './store.ts';

/** The kind of `exports` rows whose contacts are read here. */
export const CONTACTS_EXPORT = 'contacts';

/** What such a row keeps. */
export interface ContactsExport {
  list_id: number;
}

const CHUNK = 1_000;

/**
 * The contacts of a list as they are while they are read, in the order of their ids. The names in the first line are those
 * an import takes, so that the file can be imported as it is. Each piece starts behind the last contact of the one before:
 * no transaction stays open while the reader is slow.
 */
export async function* contactLines({ db }: { db: Database }, { account_id, query }: StoredExport) {
  yield csvLine(CONTACT_FIELDS);
  const listed = { accountId: account_id, listId: (query as ContactsExport).list_id, updatedAfter: null };
  for (let contactId = 0; ; ) {
    const place = { contactId, updatedAt: null };
    const contacts: ContactRow[] = await asAccountClient(db, account_id, (client) =>
      findBeside(client, listed, place, { count: CHUNK, backwards: false }),
    );
    if (contacts.length > 0) {
      yield contacts.map((contact) => csvLine(CONTACT_FIELDS.map((field) => contact[field]))).join('');
    }
    if (contacts.length < CHUNK) return;
    contactId = contacts.at(-1)!.contact_id;
  }
}
