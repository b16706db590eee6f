import { LIST_NAME_LIMIT } from '@veredus/contract/endpoints/lists';
import { z } from 'zod';
import { action } from '../action.ts';
import { filledText, given, id, limit, page } from '../fields.ts';
import { hints } from '../hints.ts';
import { wire } from '../wire.ts';

/** Cut as people count characters, so that no emoji is halved. */
const cut = (name: string): string => [...name].slice(0, LIST_NAME_LIMIT).join('');

export const createList = action({
  slug: 'CLICKSEND_CREATE_LISTS',
  title: 'Create a contact list',
  description:
    'Creates an empty contact list and answers its list_id. Names need not be unique: repeating the call makes a second list of the same name, so look at CLICKSEND_GET_LISTS first. An account can have 2,000 lists. Fill it by CLICKSEND_CREATE_LISTS_CONTACTS or CLICKSEND_GET_LISTS_IMPORT.',
  input: z.strictObject({
    list_name: filledText().describe(
      `The name of the new list. A name of more than ${LIST_NAME_LIMIT} characters is cut to its first ${LIST_NAME_LIMIT}.`,
    ),
  }),
  hints: hints.adds,
  spends: false,
  topics: ['lists', 'contacts'],
  endpoint: wire('listCreate'),
  seenIn: 'CLICKSEND_GET_LISTS',
  operation: ({ list_name }) => ({ body: { list_name: cut(list_name) } }),
  notes: ({ list_name }) => {
    const kept = cut(list_name);
    return kept === list_name ? [] : [`list_name was cut to its first ${LIST_NAME_LIMIT} characters: "${kept}".`];
  },
});

export const getLists = action({
  slug: 'CLICKSEND_GET_LISTS',
  title: 'List the contact lists',
  description:
    'Lists the contact lists of the account with list_id, name and number of contacts. Use it to find the list_id other actions ask for. Turn pages by page and limit; last_page says how many there are.',
  input: z.strictObject({ page: page(), limit: limit(1) }),
  hints: hints.reads,
  spends: false,
  topics: ['lists', 'contacts'],
  endpoint: wire('lists'),
  operation: (query) => ({ query: given(query) }),
});

export const deleteList = action({
  slug: 'CLICKSEND_DELETE_LISTS',
  title: 'Delete a contact list with all its contacts',
  description:
    'Deletes a contact list and every contact in it, for good: it cannot be undone. Make sure of the list_id by CLICKSEND_GET_LISTS; CLICKSEND_GET_LISTS_EXPORT keeps a copy of the contacts. NOT_FOUND means that there is no such list (any more).',
  input: z.strictObject({ list_id: id().describe('The list to delete: its list_id.') }),
  hints: hints.removes,
  spends: false,
  topics: ['lists', 'contacts', 'delete'],
  endpoint: wire('listDelete'),
  seenIn: 'CLICKSEND_GET_LISTS',
  operation: ({ list_id }) => ({ params: { list_id } }),
});
