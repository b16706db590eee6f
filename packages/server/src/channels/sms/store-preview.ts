import { sql, type Transaction } from 'kysely';
import type { Schema } from '../../db/schema.ts';
import type { MergeContact } from '../../templates/merge.ts';

type Tx = Transaction<Schema>;

/** What of a contact a preview shows. */
export interface PreviewContact extends MergeContact {
  contact_id: number;
  phone_number: string | null;
}

/** How many contacts a list of the account has; null = there is no such list. */
export async function sizeOfList(tx: Tx, accountId: number, listId: number): Promise<number | null> {
  const { rows } = await sql<{ size: number }>`
    select contacts_count as size from lists where account_id = ${accountId}::integer and list_id = ${listId}::integer`.execute(
    tx,
  );
  return rows[0]?.size ?? null;
}

/** Contacts of a list in the order they came, or the one that is named. */
export async function findPreviewContacts(
  tx: Tx,
  { accountId, listId, contactId }: { accountId: number; listId: number; contactId: number | null },
  slice: { skip: number; count: number },
): Promise<PreviewContact[]> {
  const one = contactId === null ? sql`true` : sql`contact_id = ${contactId}::integer`;
  const { rows } = await sql<PreviewContact>`
    select contact_id, phone_number, first_name, last_name, custom_1, custom_2, custom_3, custom_4 from contacts
    where account_id = ${accountId}::integer and list_id = ${listId}::integer and ${one}
    order by contact_id limit ${slice.count}::bigint offset ${slice.skip}::bigint`.execute(tx);
  return rows;
}
