import { z } from 'zod';
import { action } from '../action.ts';
import { given, id, limit, page, unixSeconds } from '../fields.ts';
import { hints } from '../hints.ts';
import { wire } from '../wire.ts';
import { checkChanges, checkReachable, contactFields } from './contact-fields.ts';

const contactId = (words: string) => id().describe(`${words} CLICKSEND_GET_LISTS_CONTACTS tells it.`);

export const createContact = action({
  slug: 'CLICKSEND_CREATE_LISTS_CONTACTS',
  title: 'Add a contact to a list',
  description:
    'Adds one contact to a contact list and answers its contact_id. Needs at least one of phone_number, email and fax_number. The same person can be on a list twice: repeating the call adds him again, so look at CLICKSEND_GET_LISTS_CONTACTS first. For many contacts use CLICKSEND_GET_LISTS_IMPORT.',
  input: z
    .strictObject({ list_id: id().describe('The list to add the contact to.'), ...contactFields })
    .superRefine(checkReachable),
  hints: hints.adds,
  spends: false,
  topics: ['contacts', 'lists'],
  endpoint: wire('contactCreate'),
  seenIn: 'CLICKSEND_GET_LISTS_CONTACTS',
  operation: ({ list_id, ...body }) => ({ params: { list_id }, body }),
});

export const getContacts = action({
  slug: 'CLICKSEND_GET_LISTS_CONTACTS',
  title: 'List the contacts of a list',
  description:
    'Lists the contacts of one contact list with all their fields and contact_id. Turn pages by page and limit; last_page says how many there are. With updated_after only those that were added or changed since.',
  input: z.strictObject({
    list_id: id().describe('The list whose contacts are wanted.'),
    page: page(),
    limit: limit(1, 100),
    updated_after: unixSeconds().optional().describe('Only contacts changed after this time, in unix seconds.'),
  }),
  hints: hints.reads,
  spends: false,
  topics: ['contacts', 'lists'],
  endpoint: wire('contacts'),
  operation: ({ list_id, ...query }) => ({ params: { list_id }, query: given(query) }),
});

export const updateContact = action({
  slug: 'CLICKSEND_UPDATE_LISTS_CONTACTS',
  title: 'Change a contact',
  description:
    'Changes one contact of a list: only the fields that are given, each replaced; empty text ("") clears a field. What stood there before is gone. Answers the contact as it is now. The contact must stay reachable by at least one of phone_number, email and fax_number.',
  input: z
    .strictObject({
      list_id: id().describe('The list the contact is on.'),
      contact_id: contactId('The contact to change: its contact_id.'),
      ...contactFields,
    })
    .superRefine(checkChanges),
  hints: hints.replaces,
  spends: false,
  topics: ['contacts', 'lists', 'update'],
  endpoint: wire('contactUpdate'),
  seenIn: 'CLICKSEND_GET_LISTS_CONTACTS',
  operation: ({ list_id, contact_id, ...body }) => ({ params: { list_id, contact_id }, body }),
});

export const deleteContact = action({
  slug: 'CLICKSEND_DELETE_LISTS_CONTACTS',
  title: 'Delete a contact from a list',
  description:
    'Deletes one contact from a contact list, for good: it cannot be undone. The same person on another list stays there. This is no opt-out: nothing keeps the person from being added again. NOT_FOUND means that there is no such contact (any more).',
  input: z.strictObject({
    list_id: id().describe('The list the contact is on.'),
    contact_id: contactId('The contact to delete: its contact_id.'),
  }),
  hints: hints.removes,
  spends: false,
  topics: ['contacts', 'lists', 'delete'],
  endpoint: wire('contactDelete'),
  seenIn: 'CLICKSEND_GET_LISTS_CONTACTS',
  operation: (params) => ({ params }),
});
