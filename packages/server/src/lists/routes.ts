import type { Handlers } from '../accounts/call.ts';
import type { Caller } from '../accounts/caller.ts';
import { removeDuplicates, removeOptedOut } from './clean.ts';
import { changeContact, createContact, readOne, removeContact } from './contacts.ts';
import { IMPORT_FIELDS } from './import-fields.ts';
import { createList, type ListParts, pageOfLists, readList, removeList, updateList } from './lists.ts';
import { copyContact, type Move, transferContact } from './move-contact.ts';
import { pageOfContacts } from './pages.ts';
import { searchAll, suggestContacts } from './search.ts';

type ListHandlers = Pick<
  Handlers,
  'lists' | 'listCreate' | 'listById' | 'listUpdate' | 'listDelete' | 'listImportFields'
>;
type ContactHandlers = Pick<
  Handlers,
  | 'contacts'
  | 'contactCreate'
  | 'contactById'
  | 'contactUpdate'
  | 'contactDelete'
  | 'contactCopy'
  | 'contactTransfer'
  | 'contactTransferOld'
  | 'listRemoveDuplicates'
  | 'listRemoveOptedOut'
>;
type SearchHandlers = Pick<Handlers, 'searchContactsLists' | 'contactSuggestions'>;

export function listRoutes(parts: ListParts): ListHandlers {
  return {
    lists: async ({ caller, query }) => ({ data: await pageOfLists(parts, caller, query), words: 'Lists.' }),
    listCreate: async ({ caller, body }) => ({
      data: await createList(parts, caller, body.list_name),
      words: 'List created.',
    }),
    listById: async ({ caller, params }) => ({ data: await readList(parts, caller, params.list_id), words: 'List.' }),
    listUpdate: async ({ caller, params, body }) => ({
      data: await updateList(parts, caller, params.list_id, body.list_name),
      words: 'List updated.',
    }),
    async listDelete({ caller, params }) {
      await removeList(parts, caller, params.list_id);
      return { data: [], words: 'List removed.' };
    },
    async listImportFields({ caller, params }) {
      await readList(parts, caller, params.list_id);
      return { data: IMPORT_FIELDS, words: 'Fields.' };
    },
  };
}

export function contactRoutes(parts: ListParts): ContactHandlers {
  const transfer = async (caller: Caller, move: Move) => ({
    data: await transferContact(parts, caller, move),
    words: 'Contact transferred.',
  });
  return {
    contacts: ({ caller, params, query }) => pageOfContacts(parts, caller, params.list_id, query),
    contactCreate: async ({ caller, params, body }) => ({
      data: await createContact(parts, caller, params.list_id, body),
      words: 'Contact created.',
    }),
    contactById: async ({ caller, params }) => ({ data: await readOne(parts, caller, params), words: 'Contact.' }),
    contactUpdate: async ({ caller, params, body }) => ({
      data: await changeContact(parts, caller, params, body),
      words: 'Contact updated.',
    }),
    async contactDelete({ caller, params }) {
      await removeContact(parts, caller, params);
      return { data: [], words: 'Contact removed.' };
    },
    contactCopy: async ({ caller, params }) => ({
      data: await copyContact(parts, caller, params),
      words: 'Contact copied.',
    }),
    contactTransfer: ({ caller, params }) => transfer(caller, params),
    contactTransferOld: ({ caller, params }) => transfer(caller, params),
    listRemoveDuplicates: async ({ caller, params, body }) => ({
      data: await removeDuplicates(parts, caller, params.list_id, body.fields),
      words: 'Duplicates removed.',
    }),
    listRemoveOptedOut: async ({ caller, params }) => ({
      data: await removeOptedOut(parts, caller, params.list_id, params.opt_out_list_id),
      words: 'Opted-out contacts removed.',
    }),
  };
}

export function searchRoutes(parts: ListParts): SearchHandlers {
  return {
    searchContactsLists: ({ caller, query }) => searchAll(parts, caller, query),
    contactSuggestions: async ({ caller, query }) => ({
      data: await suggestContacts(parts, caller, query),
      words: 'Contacts.',
    }),
  };
}
