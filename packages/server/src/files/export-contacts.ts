import type { Caller } from '../accounts/caller.ts';
import { type ExportParts, linkTo } from '../history/export.ts';
import { readList } from '../lists/lists.ts';
import { CONTACTS_EXPORT, type ContactsExport } from './contact-lines.ts';

/** Makes a link to the contacts of a list as CSV; they are read when it is fetched. @throws Refusal not-found for the list. */
export async function exportContacts(
  parts: ExportParts,
  caller: Caller,
  listId: number,
  filename: string,
): Promise<{ url: string }> {
  await readList(parts, caller, listId);
  const query: ContactsExport = { list_id: listId };
  return { url: await linkTo(parts, caller, { kind: CONTACTS_EXPORT, query, name: filename }) };
}
