import { csvName } from '@veredus/contract/csv-name';
import { z } from 'zod';
import { action } from '../action.ts';
import { id } from '../fields.ts';
import { hints } from '../hints.ts';
import { wire } from '../wire.ts';

/** Its own pattern is in words not every client's regular expressions know, so the schema shows the end alone. */
const fileName = z
  .string()
  .refine(
    (name) => csvName.safeParse(name).success,
    'must be a plain file name that ends in .csv, as contacts_export.csv: 200 characters at most, no slash.',
  )
  .meta({ pattern: '\\.[cC][sS][vV]$' });

export const exportContacts = action({
  slug: 'CLICKSEND_GET_LISTS_EXPORT',
  title: 'Export a contact list as a CSV file',
  description:
    'Exports all contacts of a list as a CSV file and answers the url it can be downloaded from; the contacts themselves are not in the answer. Whoever has that url can read the file while it lasts, so pass it on with care. To look at single contacts use CLICKSEND_GET_LISTS_CONTACTS.',
  input: z.strictObject({
    list_id: id().describe('The list to export.'),
    filename: fileName.describe('The name the file is downloaded as. Must end in .csv, as contacts_export.csv.'),
  }),
  hints: hints.reads,
  spends: false,
  topics: ['contacts', 'lists', 'export'],
  endpoint: wire('listExport'),
  operation: ({ list_id, filename }) => ({ params: { list_id }, query: { filename } }),
});
