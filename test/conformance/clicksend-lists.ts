import { createRequire } from 'node:module';
import { type Endpoints, endpoints, type OperationId } from '@veredus/contract/endpoints';
import { envelope } from '@veredus/contract/envelope';
import type { Answer } from './clicksend-node.ts';

/** The classes of ClickSend's official Node SDK for lists, contacts and search, unmodified but for their host. */

const CLIENTS = new URL('../clients/package.json', import.meta.url);

/** A contact as the SDK's own model has it. */
export interface SdkContact {
  phoneNumber?: string;
  firstName?: string;
  lastName?: string;
  email?: string;
  faxNumber?: string;
  organizationName?: string;
  addressLine1?: string;
  addressLine2?: string;
  addressCity?: string;
  addressState?: string;
  addressPostalCode?: string;
  addressCountry?: string;
  custom1?: string;
  custom2?: string;
  custom3?: string;
  custom4?: string;
}

interface SdkAnswer {
  response: { statusCode: number };
  body: unknown;
}
type Call<Given extends unknown[]> = (...given: Given) => Promise<SdkAnswer>;
type Api<Methods> = new (username: string, key: string, host: string) => Methods;

interface Sdk {
  Contact: new () => object;
  ContactList: new () => object;
  Fields: new () => object;
  FieldsFields: new () => object;
  ContactListApi: Api<{
    listsGet: Call<[page?: number, limit?: number]>;
    listsPost: Call<[list: object]>;
    listsByListIdGet: Call<[listId: number]>;
    listsByListIdPut: Call<[listId: number, list: object]>;
    listsByListIdDelete: Call<[listId: number]>;
    listsRemoveDuplicatesByListIdPut: Call<[listId: number, fields: object]>;
  }>;
  ContactApi: Api<{
    listsContactsByListIdGet: Call<[listId: number, page?: number, limit?: number, updatedAfter?: number]>;
    listsContactsByListIdPost: Call<[contact: object, listId: number]>;
    listsContactsByListIdAndContactIdGet: Call<[listId: number, contactId: number]>;
    listsContactsByListIdAndContactIdPut: Call<[listId: number, contactId: number, contact: object]>;
    listsContactsByListIdAndContactIdDelete: Call<[listId: number, contactId: number]>;
    listsCopyContactPut: Call<[from: number, contactId: number, to: number]>;
    listsTransferContactPut: Call<[from: number, contactId: number, to: number]>;
    listsRemoveOptedOutContactsByListIdAndOptOutListIdPut: Call<[listId: number, optOutListId: number]>;
  }>;
  SearchApi: Api<{ searchContactsListsGet: Call<[q: string, page?: number, limit?: number]> }>;
}

export type ClicksendLists = ReturnType<typeof clicksendLists>;

/** @throws {z.ZodError} from a call whose 200 is not what the contract says. */
export function clicksendLists({ baseUrl, username, key }: { baseUrl: string; username: string; key: string }) {
  const sdk = createRequire(CLIENTS)('clicksend') as Sdk;
  const host = `${baseUrl}/v3`;
  const lists = new sdk.ContactListApi(username, key, host);
  const contacts = new sdk.ContactApi(username, key, host);
  const search = new sdk.SearchApi(username, key, host);
  const contact = (fields: SdkContact) => Object.assign(new sdk.Contact(), fields);
  const list = (listName: string) => Object.assign(new sdk.ContactList(), { listName });
  const named = (fields: SdkContact) =>
    Object.assign(new sdk.Fields(), { fields: Object.assign(new sdk.FieldsFields(), fields) });

  return {
    lists: (page?: number, limit?: number) => answer('lists', lists.listsGet(page, limit)),
    createList: (name: string) => answer('listCreate', lists.listsPost(list(name))),
    list: (listId: number) => answer('listById', lists.listsByListIdGet(listId)),
    updateList: (listId: number, name: string) => answer('listUpdate', lists.listsByListIdPut(listId, list(name))),
    deleteList: (listId: number) => answer('listDelete', lists.listsByListIdDelete(listId)),
    removeDuplicates: (listId: number, fields: SdkContact) =>
      answer('listRemoveDuplicates', lists.listsRemoveDuplicatesByListIdPut(listId, named(fields))),
    contacts: (listId: number, page?: number, limit?: number, updatedAfter?: number) =>
      answer('contacts', contacts.listsContactsByListIdGet(listId, page, limit, updatedAfter)),
    createContact: (listId: number, fields: SdkContact) =>
      answer('contactCreate', contacts.listsContactsByListIdPost(contact(fields), listId)),
    contact: (listId: number, contactId: number) =>
      answer('contactById', contacts.listsContactsByListIdAndContactIdGet(listId, contactId)),
    updateContact: (listId: number, contactId: number, fields: SdkContact) =>
      answer('contactUpdate', contacts.listsContactsByListIdAndContactIdPut(listId, contactId, contact(fields))),
    deleteContact: (listId: number, contactId: number) =>
      answer('contactDelete', contacts.listsContactsByListIdAndContactIdDelete(listId, contactId)),
    copy: (from: number, contactId: number, to: number) =>
      answer('contactCopy', contacts.listsCopyContactPut(from, contactId, to)),
    transfer: (from: number, contactId: number, to: number) =>
      answer('contactTransfer', contacts.listsTransferContactPut(from, contactId, to)),
    removeOptedOut: (listId: number, optOutListId: number) =>
      answer(
        'listRemoveOptedOut',
        contacts.listsRemoveOptedOutContactsByListIdAndOptOutListIdPut(listId, optOutListId),
      ),
    search: (q: string, page?: number, limit?: number) =>
      answer('searchContactsLists', search.searchContactsListsGet(q, page, limit)),
  };
}

async function answer<K extends OperationId>(id: K, call: Promise<SdkAnswer>): Promise<Answer<K>> {
  const { response, body } = await call.catch(refusal);
  if (response.statusCode !== 200) {
    return { ok: false, status: response.statusCode, envelope: body } as Answer<K>;
  }
  return { ok: true, status: 200, envelope: envelope((endpoints as Endpoints)[id].data).parse(body) } as Answer<K>;
}

/** What the SDK rejects with when there was an answer; anything else is thrown on. */
function refusal(thrown: unknown): SdkAnswer {
  if (typeof thrown === 'object' && thrown !== null && 'response' in thrown) return thrown as SdkAnswer;
  throw thrown;
}
