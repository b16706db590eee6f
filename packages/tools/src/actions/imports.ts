import { z } from 'zod';
import { action } from '../action.ts';
import { id, webUrl } from '../fields.ts';
import { hints } from '../hints.ts';
import { wire } from '../wire.ts';

const importFields = [
  ...['phone', 'phone_number', 'first_name', 'last_name', 'email', 'fax_number', 'address_line_1', 'address_line_2'],
  ...['address_city', 'address_state', 'address_postal_code', 'address_country', 'organization_name'],
  ...['custom_1', 'custom_2', 'custom_3', 'custom_4'],
] as const;

/** A contact has one of each, and two names mean the number. */
function checkOrder(order: readonly string[], context: z.core.$RefinementCtx): void {
  const meant = order.map((name) => (name === 'phone' ? 'phone_number' : name));
  const twice = meant.find((name, index) => meant.indexOf(name) < index);
  if (twice !== undefined) {
    context.addIssue({ code: 'custom', message: `names ${twice} twice: each field is filled by one column.` });
  }
  if (!meant.some((name) => name === 'phone_number' || name === 'email' || name === 'fax_number')) {
    context.addIssue({ code: 'custom', message: 'must name at least one of phone, email and fax_number.' });
  }
}

export const importContacts = action({
  slug: 'CLICKSEND_GET_LISTS_IMPORT',
  title: 'Import contacts from a file into a list',
  description:
    'Imports contacts: it writes every row of a CSV or Excel file at a public URL into a contact list. Despite the GET in its name this changes the list, and repeating it may add the contacts again. Works in the background: success means that the import is queued, and the answer holds its id. Watch _import_in_progress and _contacts_count in CLICKSEND_GET_LISTS, and look at some contacts with CLICKSEND_GET_LISTS_CONTACTS afterwards. field_order must name the columns of the file in their order.',
  input: z.strictObject({
    list_id: id().describe('The list to import the contacts into.'),
    file_url: webUrl().describe(
      'Where the CSV or Excel (.xlsx) file is: a URL that can be fetched without signing in.',
    ),
    field_order: z
      .array(z.enum(importFields))
      .min(1, 'must name at least one column.')
      .max(100, 'names too many columns: there are 16 fields to fill.')
      .superRefine(checkOrder)
      .describe(
        `Which field each column of the file fills, from the first column on, as ["phone", "first_name"]. Names: ${importFields.join(', ')}.`,
      ),
  }),
  hints: hints.addsWithOutside,
  spends: false,
  topics: ['contacts', 'lists', 'import'],
  endpoint: wire('listImport'),
  seenIn: 'CLICKSEND_GET_LISTS',
  operation: ({ list_id, ...body }) => ({ params: { list_id }, body }),
});
